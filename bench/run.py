"""Measures SKEL against the floor and its limits, prints a table, and with `--save` writes baseline, page and charts.

python -m bench.run [--events 100000] [--repeat 3] [--quick] [--save]

Exit code 1 if a limit is exceeded.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import page, scenarios
from bench.measure import Cost, median_cost, median_of, peak_of_all, run_once

BASELINE = scenarios.HERE / "baseline.json"
WORKERS_LIMIT, MEMORY_LIMIT, ABSENT_LIMIT = 0.65, 2.5, 1.3
CHECK_LIMIT, FILES_LIMIT, FILES = 3.0, 1.5, 1000
VERSION_LIMIT, FORMAT_LIMIT = 0.15, 0.4
MEBI = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number with its limit; `unit` is "x floor", "x one worker", "x file", "x one rule" or "s"."""

    name: str
    value: float
    unit: str
    limit: float
    detail: str = ""

    @property
    def within(self) -> bool:
        return self.value <= self.limit


def measure_programs(trace: Path, repeat: int) -> tuple[Cost, list[Cost]]:
    """The floor and each program on one worker. The floor is measured beside each program: machines drift."""
    floors: list[Cost] = []
    costs: list[Cost] = []
    for benchmark in scenarios.BENCHMARKS:
        floors += [run_once(scenarios.floor(trace)) for _ in range(repeat)]
        costs.append(median_cost(scenarios.transform(trace, benchmark.program, 1), repeat))
    return median_of(floors), costs


def program_figures(trace: Path, repeat: int, base: Cost, costs: list[Cost]) -> Iterator[Figure]:
    size = trace.stat().st_size
    for benchmark, one in zip(scenarios.BENCHMARKS, costs, strict=True):
        two = median_cost(scenarios.transform(trace, benchmark.program, 2), repeat)
        together = peak_of_all(scenarios.transform(trace, benchmark.program, 2))
        name = benchmark.name
        yield Figure(f"{name} CPU", one.cpu / base.cpu, "x floor", benchmark.limit, f"{one.cpu:.2f} s")
        detail = f"{two.wall:.2f} s of {one.wall:.2f} s"
        yield Figure(f"{name} wall, two workers", two.wall / one.wall, "x one worker", WORKERS_LIMIT, detail)
        yield Figure(f"{name} memory", one.peak / size, "x file", MEMORY_LIMIT, f"{one.peak / MEBI:.0f} MiB")
        detail = f"{together / MEBI:.0f} MiB in all"
        yield Figure(f"{name} memory, two workers", together / size, "x file", MEMORY_LIMIT, detail)


def absent_figures(trace: Path, repeat: int) -> Iterator[Figure]:
    one, many = (
        median_cost(scenarios.transform(trace, scenarios.absent_rules(count), 1), repeat) for count in (1, 200)
    )
    detail = f"{many.cpu:.2f} s of {one.cpu:.2f} s"
    yield Figure("200 rules for absent kinds", many.cpu / one.cpu, "x one rule", ABSENT_LIMIT, detail)


def check_figures(trace: Path, repeat: int) -> Iterator[Figure]:
    """A check for a jump of twelve minors against a transform of one rule; and 1,000 files of manifests."""
    one = median_cost(scenarios.transform(trace, scenarios.BENCHMARKS[0].program, 1), repeat)
    jump = median_cost(scenarios.check(trace, "1.24", "1.36"), repeat)
    detail = f"{jump.cpu:.2f} s of {one.cpu:.2f} s CPU"
    yield Figure("check, twelve minors", jump.cpu / one.cpu, "x one rule", CHECK_LIMIT, detail)
    files = median_cost(scenarios.check(scenarios.folder_of(FILES), "1.24", "1.36"), max(repeat, 3))
    yield Figure(f"check, {FILES:,} files", files.wall, "s", FILES_LIMIT, f"{files.cpu:.2f} s CPU")


def startup_figures(repeat: int) -> Iterator[Figure]:
    small = scenarios.write_program("small", 'modify(kind == "CronJob", apiVersion = "batch/v1");')
    # The first run writes compiled Python files and caches; it says nothing about the second.
    for name, command, limit in (
        ("skel --version", scenarios.skel("--version"), VERSION_LIMIT),
        ("skel fmt, small file", scenarios.skel("fmt", "--check", small), FORMAT_LIMIT),
    ):
        run_once(command)
        yield Figure(name, median_cost(command, max(repeat, 5)).wall, "s", limit)


def growth_with_events(events: int, repeat: int) -> list[page.Point]:
    """CPU seconds of `r10` for growing traces."""
    program = scenarios.BENCHMARKS[1].program
    steps = [events * share // 4 for share in (1, 2, 3, 4)]
    return [
        (float(step), median_cost(scenarios.transform(scenarios.trace_of(step), program, 1), repeat).cpu)
        for step in steps
    ]


def growth_with_rules(events: int, repeat: int) -> dict[str, list[page.Point]]:
    """CPU seconds for growing programs on a tenth of the trace."""
    trace = scenarios.trace_of(max(events // 10, 2))
    makers = {"rules that apply": scenarios.many_rules, "absent kinds": scenarios.absent_rules}
    return {
        name: [
            (float(count), median_cost(scenarios.transform(trace, make(count), 1), repeat).cpu)
            for count in (1, 25, 50, 100, 200)
        ]
        for name, make in makers.items()
    }


def show(figures: list[Figure], title: str) -> None:
    before = json.loads(BASELINE.read_text("utf-8"))["figures"] if BASELINE.exists() else {}
    table = Table(title=title, title_justify="left")
    for column in ("what", "measured", "limit", "baseline", "detail"):
        table.add_column(column, justify="left" if column in {"what", "detail"} else "right")
    for figure in figures:
        mark = "" if figure.within else " !"
        known = before.get(figure.name, {}).get("value")
        table.add_row(
            figure.name,
            f"{figure.value:.2f} {figure.unit}{mark}",
            f"{figure.limit:g}",
            f"{known:.2f}" if known is not None else "-",
            figure.detail,
        )
    Console(width=120).print(table)


def save(figures: list[Figure], settings: dict[str, str | int], charts: page.Growth) -> None:
    content = {"settings": settings, "figures": {figure.name: asdict(figure) for figure in figures}}
    BASELINE.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    rows = [(f.name, f"{f.value:.2f} {f.unit}", f"{f.limit:g} {f.unit}", f.detail) for f in figures]
    page.write(rows, settings, charts)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure SKEL.")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3, help="runs of which the median is taken")
    parser.add_argument("--quick", action="store_true", help="10,000 events, one run")
    parser.add_argument("--save", action="store_true", help="write bench/baseline.json, docs/performance.md, charts")
    given = parser.parse_args()
    if given.quick:
        given.events, given.repeat = 10_000, 1
    return given


def main() -> int:
    given = options()
    trace = scenarios.trace_of(given.events)
    run_once(scenarios.floor(trace))  # the first run reads the trace from the disk
    base, costs = measure_programs(trace, given.repeat)
    megabytes = trace.stat().st_size / 1e6
    figures = [
        *program_figures(trace, given.repeat, base, costs),
        *absent_figures(trace, given.repeat),
        *check_figures(trace, given.repeat),
        *startup_figures(given.repeat),
    ]
    show(figures, f"{given.events:,} events, {megabytes:.0f} MB; floor {base.cpu:.2f} s CPU, {base.wall:.2f} s wall")
    if given.save:
        settings: dict[str, str | int] = {
            "date": datetime.now(UTC).date().isoformat(),
            "events": given.events,
            "megabytes": round(megabytes),
            "floor": f"{base.cpu:.2f} s",
            "cores": os.cpu_count() or 1,
            "python": platform.python_version(),
        }
        growth = page.Growth(
            growth_with_events(given.events, given.repeat), growth_with_rules(given.events, given.repeat)
        )
        save(figures, settings, growth)
    return 0 if all(figure.within for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
