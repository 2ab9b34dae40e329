"""Runs the catalogue of failure modes on real binaries, and holds the outcome against what is stored.

`python -m examples.failure_modes` (or `make failure-modes`) runs each scenario on each release and gate that it speaks
of, and fails if a verdict is not as expected, or a history not as stored. `--write` stores histories and results anew.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skel.faults.catalogue import Entry, entries
from skel.faults.columns import Column
from skel.faults.levels import by_step
from skel.faults.model import Report
from skel.faults.run import order_for
from skel.faults.session import Column as Place
from skel.faults.session import session
from skel.faults.world import Order

RELEASES = ("1.24.17", "1.25.16", "1.36.3")
RESULTS = Path(__file__).parent / "failure-modes" / "results.json"
TIMES = 3
BUDGET = 1500.0
"""Real seconds, for all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One scenario on one release with the gates of one expectation."""

    entry: Entry
    order: Order

    @property
    def title(self) -> str:
        return f"{self.order.kubernetes}{_gates(self.order)}"

    @property
    def place(self) -> Place:
        return Place(self.order.kubernetes, self.order.gates)

    @property
    def golden(self) -> Path:
        return self.entry.folder / "histories" / f"{self.title}.txt"


def _gates(order: Order) -> str:
    return "".join(f",{name}={'on' if on else 'off'}" for name, on in sorted(order.gates.items()))


def cells(wanted: Iterable[Entry], releases: Iterable[str]) -> Iterator[Cell]:
    """Each release, with the gates of each expectation that speaks of it."""
    for entry in wanted:
        for release in releases:
            seen: list[dict[str, bool]] = []
            for it in entry.scenario.expect:
                if f"{release}.".startswith(f"{it.kubernetes}.") and dict(it.gates) not in seen:
                    seen.append(dict(it.gates))
                    yield Cell(entry, order_for(entry.scenario, release, dict(it.gates)))


async def play(found: Iterable[Cell], times: int, budget: float) -> AsyncIterator[tuple[Cell, Column]]:
    """All for which there is time; those that need the same world share one."""
    worlds: dict[str, list[Cell]] = defaultdict(list)
    for cell in found:
        worlds[repr(cell.order)].append(cell)
    end = time.monotonic() + budget
    for together in worlds.values():
        async with session() as opened:
            for cell in together:
                if time.monotonic() > end:
                    return
                column = Column(tuple([await opened.run(cell.entry.scenario, cell.place) for _ in range(times)]))
                _say(cell, column)
                yield cell, column


def _say(cell: Cell, column: Column) -> None:
    state = "ok" if column.is_as_expected else "NOT AS EXPECTED"
    wall = sum(report.wall for report in column.reports) / len(column.reports)
    sys.stderr.write(
        f"{cell.entry.name:36} {cell.title:56} {column.verdict.value:10} {column.identical}  {wall:.1f} s  {state}\n"
    )


def history_text(report: Report) -> str:
    """The canonical history as a file."""
    lines = [f"{report.verdict.value} {report.sha256}"]
    for moment in report.moments:
        lines += [f"{moment.step} {moment.what}", *(f"  {line}" for line in moment.lines)]
    return "".join(f"{line}\n" for line in lines)


def row(cell: Cell, column: Column) -> dict[str, Any]:
    """A line of the stored results."""
    report = column.shown
    counts = by_step(report)
    return {
        "name": cell.entry.name,
        "kubernetes": cell.order.kubernetes,
        "gates": dict(sorted(cell.order.gates.items())),
        "verdict": column.verdict.value,
        "invariant": report.violations[0].oracle if report.violations else "",
        "message": report.violations[0].message if report.violations else "",
        "pods": [count for number, count in enumerate(counts) if not number or count != counts[number - 1]],
        "runs": column.identical.runs,
        "identical": column.identical.count,
        "history_sha256": column.identical.sha256,
    }


def wrong(cell: Cell, column: Column) -> Iterator[str]:
    """What is not as the scenario and the stored history say."""
    where = f"{cell.entry.name} on {cell.title}"
    if not column.is_as_expected:
        yield f"{where}: {column.verdict.value}, and expected is {column.expected.verdict if column.expected else ''}"
    if 2 * column.identical.count <= column.identical.runs:
        yield f"{where}: only {column.identical}"
    stored = cell.golden.read_text("utf-8") if cell.golden.is_file() else ""
    if stored and stored != history_text(column.shown):
        yield f"{where}: the history is not the stored one"


def store(played: list[tuple[Cell, Column]]) -> None:
    for cell, column in played:
        cell.golden.parent.mkdir(exist_ok=True)
        cell.golden.write_text(history_text(column.shown), "utf-8")
    known = {_key(it): it for it in (json.loads(RESULTS.read_text("utf-8")) if RESULTS.is_file() else [])}
    known |= {_key(it): it for it in (row(cell, column) for cell, column in played)}
    rows = [known[key] for key in sorted(known)]
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


def _key(it: dict[str, Any]) -> tuple[str, str, str]:
    return it["name"], it["kubernetes"], json.dumps(it["gates"])


async def _played(found: Iterable[Cell], asked: argparse.Namespace) -> list[tuple[Cell, Column]]:
    played = []
    async for one in play(found, asked.times, asked.budget):
        played.append(one)
        if asked.write:
            store([one])
    return played


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="of failure modes; none: all")
    parser.add_argument("--kubernetes", default=",".join(RELEASES), help="releases, with commas")
    parser.add_argument("--times", type=int, default=TIMES, help="runs of each")
    parser.add_argument("--budget", type=float, default=BUDGET, help="real seconds for all")
    parser.add_argument("--write", action="store_true", help="store histories and results")
    asked = parser.parse_args()
    wanted = [it for it in entries() if not asked.names or it.name in asked.names]
    began = time.monotonic()
    found = list(cells(wanted, asked.kubernetes.split(",")))
    played = asyncio.run(_played(found, asked))
    problems = [text for cell, column in played for text in wrong(cell, column)]
    if len(played) < len(found):
        problems.append(f"the {asked.budget:g} seconds are spent: {len(found) - len(played)} columns were not run")
    sys.stderr.write("".join(f"{text}\n" for text in problems))
    sys.stderr.write(f"{len(played)} columns, {len(problems)} problems, {time.monotonic() - began:.0f} s\n")
    return int(bool(problems) and not asked.write)


if __name__ == "__main__":
    sys.exit(main())
