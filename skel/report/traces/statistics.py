"""The figures of a trace: for people, as tables, and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from skel.report.columns import table
from skel.report.findings.rows import csv_line
from skel.report.moment import moment
from skel.report.summary import size
from skel.report.terminal import Paint, printable
from skel.report.traces.words import CLUSTER, after, identity_name, length, plural, span, sparkline
from skel.trace.statistics import Group, Statistics

SCHEMA_VERSION = 1
_COUNTS = ("objects", "applied", "deleted", "at the end", "size")
Rows = list[tuple[str, ...]]
Table = tuple[str, tuple[str, ...], Rows]
"""Title, heads and rows; all columns but the first are numbers."""


def overview_lines(found: Statistics, paint: Paint) -> Iterator[str]:
    """The first look: when, how much, of what."""
    yield paint(printable(found.name), "bold")
    yield from _about(found)
    yield ""
    yield from table(*_kinds(found)[1:], paint, right=(1, 2, 3, 4, 5))


def statistics_lines(found: Statistics, paint: Paint) -> Iterator[str]:
    """Everything, table by table."""
    yield paint(printable(found.name), "bold")
    yield from _about(found)
    for title, heads, rows in tables(found):
        if rows:
            yield ""
            yield paint(title, "bold")
            yield from table(heads, rows, paint, right=tuple(range(1, len(heads))))


def _about(found: Statistics) -> Iterator[str]:
    total = found.total
    yield f"  {span(found.start, found.end)}"
    markers = f", {plural(found.markers, 'marker')} among them" if found.markers else ""
    yield f"  {plural(found.events, 'event')}{markers}; {size(found.bytes or total.bytes)}"
    yield (
        f"  {plural(total.objects, 'object')}, applied {total.applied:,} and deleted {total.deleted:,} times; "
        f"{total.at_end:,} at the end"
    )
    if any(found.density):
        yield f"  changes  |{sparkline(found.density)}|  a column is {length(found.width)}"
    lives = found.lifetimes
    if lives.owners:
        known = lives.finished + lives.running + lives.empty
        yield f"  {plural(known, 'lifetime')} of pods of {plural(lives.owners, 'owner')}"


def tables(found: Statistics) -> list[Table]:
    """Kinds, namespaces, busiest times, objects that change most, lifetimes of pods."""
    busiest: Rows = [
        (f"{after(busy.start)} to {after(busy.start + busy.seconds)}", f"{busy.changes:,}") for busy in found.busiest
    ]
    churn: Rows = [
        (identity_name(one.object), f"{one.applied:,}", f"{one.deleted:,}", size(one.bytes)) for one in found.churn
    ]
    return [
        _kinds(found),
        ("Namespaces", ("namespace", *_COUNTS), [_row(group, CLUSTER) for group in found.namespaces]),
        ("Busiest times", ("after the start", "changes"), busiest),
        ("Objects that change most", ("object", "applied", "deleted", "size"), churn),
        ("Lifetimes of pods", ("pods", "number"), _lifetimes(found)),
    ]


def _kinds(found: Statistics) -> Table:
    return "Kinds", ("kind", *_COUNTS), [_row(group, "(none)") for group in found.kinds]


def _row(group: Group, nameless: str) -> tuple[str, ...]:
    counts = (group.objects, group.applied, group.deleted, group.at_end)
    return (printable(group.name) or nameless, *(f"{count:,}" for count in counts), size(group.bytes))


def _lifetimes(found: Statistics) -> Rows:
    lives = found.lifetimes
    if not lives.owners:
        return []
    rows: Rows = [
        ("ended", f"{lives.finished:,}"),
        ("ran on at the end", f"{lives.running:,}"),
        ("nothing is known of", f"{lives.empty:,}"),
    ]
    if lives.finished:
        rows += [
            ("shortest", length(lives.shortest)),
            ("half of them no longer than", length(round(lives.median))),
            ("nine of ten no longer than", length(lives.ninety)),
            ("longest", length(lives.longest)),
        ]
    return rows


def statistics_markdown(found: Statistics) -> Iterator[str]:
    """A heading and the tables (GitHub flavoured)."""
    yield f"# {_cell(found.name)}"
    yield ""
    yield from (f"- {line.strip()}" for line in _about(found))
    for title, heads, rows in tables(found):
        if rows:
            yield ""
            yield f"## {title}"
            yield ""
            yield _line(heads)
            yield _line(["---", *["---:"] * (len(heads) - 1)])
            yield from map(_line, rows)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    return printable(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def statistics_csv(found: Statistics) -> str:
    """A row for each kind, namespace and object: what it is, its name, and its counts."""
    rows: list[tuple[object, ...]] = [("what", "name", "objects", "applied", "deleted", "at_end", "bytes")]
    for what, groups in (("kind", found.kinds), ("namespace", found.namespaces), ("all", (found.total,))):
        rows += [(what, one.name, one.objects, one.applied, one.deleted, one.at_end, one.bytes) for one in groups]
    rows += [("object", identity_name(one.object), 1, one.applied, one.deleted, "", one.bytes) for one in found.churn]
    return "".join(csv_line(tuple(map(str, row))) for row in rows)


def statistics_json(found: Statistics) -> str:
    """A JSON document under a schema version; times are Unix seconds, lengths seconds."""
    lives = found.lifetimes
    document: dict[str, Any] = {
        "schemaVersion": SCHEMA_VERSION,
        "trace": found.name,
        "bytes": found.bytes,
        "start": found.start,
        "end": found.end,
        "startTime": moment(found.start),
        "endTime": moment(found.end),
        "events": found.events,
        "markers": found.markers,
        "total": _group_json(found.total),
        "kinds": [{"kind": group.name, **_group_json(group)} for group in found.kinds],
        "namespaces": [{"namespace": group.name, **_group_json(group)} for group in found.namespaces],
        "density": {"seconds": found.width, "changes": list(found.density)},
        "busiest": [
            {"start": found.start + busy.start, "seconds": busy.seconds, "changes": busy.changes}
            for busy in found.busiest
        ],
        "churn": [
            {"object": identity_name(one.object), "applied": one.applied, "deleted": one.deleted, "bytes": one.bytes}
            for one in found.churn
        ],
        "lifetimes": {
            "owners": lives.owners,
            "finished": lives.finished,
            "running": lives.running,
            "empty": lives.empty,
            "shortest": lives.shortest,
            "median": lives.median,
            "ninetieth": lives.ninety,
            "longest": lives.longest,
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _group_json(group: Group) -> dict[str, int]:
    return {
        "objects": group.objects,
        "applied": group.applied,
        "deleted": group.deleted,
        "atEnd": group.at_end,
        "bytes": group.bytes,
    }
