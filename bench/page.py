"""Writes what was measured into `docs/performance.md` and draws the growth charts beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.chart import Chart, Point, Series

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = DOCS / "performance.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"

__all__ = ["Growth", "Point", "write"]


@dataclass(frozen=True, slots=True)
class Growth:
    """CPU seconds over the number of events, and over the number of rules for each sort of rule."""

    with_events: Sequence[Point]
    with_rules: Mapping[str, Sequence[Point]]


def write(rows: Sequence[tuple[str, str, str, str]], settings: Mapping[str, str | int], growth: Growth) -> None:
    """Replaces the part of the page between the two marks. Each row: what, measured, limit, detail."""
    head, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{BEGIN}\n{table(rows, settings)}\n{END}{tail}", "utf-8")
    images = DOCS / "images"
    images.mkdir(exist_ok=True)
    (images / "growth-events.svg").write_text(events_chart(growth).svg(), "utf-8")
    (images / "growth-rules.svg").write_text(rules_chart(growth).svg(), "utf-8")


def table(rows: Sequence[tuple[str, str, str, str]], settings: Mapping[str, str | int]) -> str:
    lines = [
        f"`make bench` on {settings['date']}: {settings['events']:,} events, {settings['megabytes']} MB, "
        f"{settings['cores']} cores, Python {settings['python']}. The floor took {settings['floor']} of CPU time.",
        "",
        "| what | measured | limit | |",
        "|---|---:|---:|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    return "\n".join(lines)


def events_chart(growth: Growth) -> Chart:
    series = [Series("r10", growth.with_events)]
    return Chart("CPU time grows with the number of events", "events", "CPU seconds", series)


def rules_chart(growth: Growth) -> Chart:
    series = [Series(name, points) for name, points in growth.with_rules.items()]
    return Chart("CPU time and the number of rules", "rules", "CPU seconds", series)
