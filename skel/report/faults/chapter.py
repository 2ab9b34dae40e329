"""The faults of a rehearsal, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from skel.faults.columns import Column
from skel.faults.search.standard import Chapter
from skel.report.faults import words
from skel.report.terminal import Paint, printable


def chapter_lines(found: Chapter, paint: Paint) -> Iterator[str]:
    """A line for each disturbance and release."""
    yield paint(f"Does {found.target} survive what {found.source} survives?", "bold")
    for pair in found.scenarios:
        yield f"  {pair[0].first.scenario.name}"
        yield from (_line(column, paint) for column in pair)
    worse = ", ".join(found.worse)
    yield paint(f"  worse on {found.target}: {worse}", "red") if worse else f"  nothing is worse on {found.target}"


def _line(column: Column, paint: Paint) -> str:
    said = printable(words.verdict(column))
    return f"    {column.first.kubernetes:8} {paint(column.verdict.value, *words.styles(column.verdict))}  {said}"
