"""Who calls old APIs, for people and for programs: `skel import audit --callers`."""

from __future__ import annotations

import json
from collections.abc import Iterator

from skel.record.imports.audit.callers import Call, Callers, Calls
from skel.report.findings.markdown import code
from skel.report.findings.rows import csv_line
from skel.report.terminal import printable

SCHEMA_VERSION = 1
_HEADS = ("removed in", "apiVersion", "resource", "verb", "user", "userAgent", "count", "first", "last")
_KEYS = ("removedRelease", "apiVersion", "resource", "verb", "user", "userAgent", "count", "first", "last")
_COUNT = _HEADS.index("count")
_Row = tuple[Call, Calls]


def render_callers(callers: Callers, form: str) -> str:
    """The table as `text`, `json`, `csv` or `markdown`."""
    rows = list(callers.rows())
    match form:
        case "json":
            return _json(rows, callers.events)
        case "csv":
            return "".join([csv_line(_HEADS), *(csv_line(_cells(row)) for row in rows)])
        case "markdown":
            return "".join(f"{line}\n" for line in _markdown(rows, callers.events))
        case _:
            return "".join(f"{line}\n" for line in _text(rows, callers.events))


def _cells(row: _Row) -> tuple[str, ...]:
    call, calls = row
    named = (call.removed, call.api_version, call.resource, call.verb, call.user, call.agent)
    return (*named, str(calls.count), calls.first, calls.last)


def _json(rows: list[_Row], events: int) -> str:
    callers = [{**dict(zip(_KEYS, _cells((call, calls)), strict=True)), "count": calls.count} for call, calls in rows]
    return json.dumps({"schemaVersion": SCHEMA_VERSION, "events": events, "callers": callers}, indent=2) + "\n"


def _text(rows: list[_Row], events: int) -> Iterator[str]:
    table = [_HEADS, *(tuple(printable(cell) or "-" for cell in _cells(row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table if rows else ():
        shown = (
            f"{cell:>{width}}" if number == _COUNT else f"{cell:<{width}}"
            for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        yield "  ".join(shown).rstrip()
    yield _total(rows, events)


def _markdown(rows: list[_Row], events: int) -> Iterator[str]:
    yield _total(rows, events)
    if rows:
        yield ""
        yield f"| {' | '.join(_HEADS)} |"
        yield "|" + "|".join(" ---: " if number == _COUNT else " --- " for number in range(len(_HEADS))) + "|"
        for row in rows:
            yield f"| {' | '.join(code(cell) if cell else '' for cell in _cells(row))} |"


def _total(rows: list[_Row], events: int) -> str:
    count = sum(calls.count for _, calls in rows)
    calls = "1 request calls" if count == 1 else f"{count:,} requests call"
    return f"{calls} an API that is deprecated or removed in a later release; {events:,} events were read"
