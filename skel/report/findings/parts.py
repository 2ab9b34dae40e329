"""The table of the inputs, where a run looked at many: what each of them has, and which could not be looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from skel.findings.model import Findings, Part
from skel.findings.redact import Redacted
from skel.findings.severity import Severity
from skel.patch.values import Json
from skel.report.findings.view import View
from skel.report.terminal import printable

HEADS = ("trace", "errors", "warnings", "remarks", "objects", "events", "seconds", "said")
_STYLES = {"error": "red", "warning": "yellow", "info": "cyan", "not checked": "red", "clean": "green"}


@dataclass(frozen=True, slots=True)
class Row:
    """One input with the findings that count, those that an ignore or the baseline covers left out."""

    part: Part
    counts: tuple[int, int, int]

    @property
    def worst(self) -> str:
        """The gravest severity; `clean`, or `not checked`."""
        if self.part.error:
            return "not checked"
        found = (level.value for level, count in zip(Severity, self.counts, strict=True) if count)
        return next(found, "clean")

    @property
    def said(self) -> str:
        """What went wrong, or is to be known besides."""
        return f"not checked: {self.part.error}" if self.part.error else self.part.note

    @property
    def cells(self) -> tuple[str, ...]:
        """What a table for people has below HEADS."""
        part = self.part
        if part.error:
            return (part.name, "", "", "", "", "", _seconds(part), self.said)
        numbers = (*self.counts, part.objects, part.events)
        return (part.name, *(f"{number:,}" for number in numbers), _seconds(part), self.said)


def rows(findings: Findings) -> list[Row]:
    """A row for each input, in their order; none if the run was not about many."""
    if not findings.parts:
        return []
    found = Counter((finding.location.file, finding.severity) for finding in findings)
    return [
        Row(
            part,
            (found[part.name, Severity.ERROR], found[part.name, Severity.WARNING], found[part.name, Severity.INFO]),
        )
        for part in findings.parts
    ]


def lines(findings: Redacted, view: View) -> Iterator[str]:
    """The table for a terminal."""
    table = rows(findings)
    if not table:
        return
    cells = [tuple(map(printable, row.cells)) for row in table]
    widths = [max(len(head), *(len(row[number]) for row in cells)) for number, head in enumerate(HEADS)]
    heads = [*HEADS[:-1], ""]
    yield view.paint(_lined(heads, widths).rstrip(), "bold") + "\n"
    for row, texts in zip(table, cells, strict=True):
        yield view.paint(_lined(texts, widths).rstrip(), _STYLES[row.worst]) + "\n"
    yield "\n"


def _lined(texts: tuple[str, ...] | list[str], widths: list[int]) -> str:
    name, *numbers, said = texts
    middle = [f"{text:>{width}}" for text, width in zip(numbers, widths[1:-1], strict=True)]
    return "  ".join([f"{name:<{widths[0]}}", *middle, said])


def as_json(findings: Findings) -> list[dict[str, Json]]:
    """The table for programs."""
    return [
        {
            "name": row.part.name,
            "worst": row.worst,
            "errors": row.counts[0],
            "warnings": row.counts[1],
            "infos": row.counts[2],
            "objects": row.part.objects,
            "events": row.part.events,
            "seconds": row.part.seconds,
            "error": row.part.error,
            "note": row.part.note,
        }
        for row in rows(findings)
    ]


def _seconds(part: Part) -> str:
    return f"{part.seconds:.1f}"
