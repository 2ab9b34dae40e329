"""Rows whose cells stand below each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from skel.report.terminal import Paint


def table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], paint: Paint, *, right: tuple[int, ...] = ()
) -> Iterator[str]:
    """A head and rows; the columns with these numbers from 0 are set to the right."""
    head, *lines = columns([heads, *rows], right)
    yield paint(head, "dim")
    yield from lines


def columns(rows: Sequence[Sequence[str]], right: tuple[int, ...] = ()) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
