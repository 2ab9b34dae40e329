"""The lines of the timeline: one for each object that came, changed or went, read without decoding the object."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from msgspec import Raw

from skel.report.terminal import printable
from skel.trace.codec import without_gc
from skel.trace.identity import sight
from skel.trace.model import Trace

Who = tuple[str, str, str]
"""Kind, namespace and name. An object stays itself in another version of its API."""

NOWHERE = -1


class Sign(StrEnum):
    """What became of the object."""

    CAME = "+"
    CHANGED = "~"
    WENT = "-"


class Row(NamedTuple):
    """One object in one event.

    `event` is the number of the event, `time` its Unix seconds, `place` where the object stands among those that are
    applied (or deleted) there, `previous` the row with the version before, or NOWHERE.
    """

    event: int
    time: int
    sign: Sign
    place: int
    who: Who
    previous: int

    @property
    def title(self) -> str:
        """`Deployment shop/cart`, safe to print."""
        kind, namespace, name = self.who
        title = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
        return printable(title).replace("\t", " ")  # a tab would move what stands behind it


def read_rows(trace: Trace) -> list[Row]:
    """All of them, in the order of the trace; objects without kind or name are shown with a question mark."""
    rows: list[Row] = []
    last: dict[Who, int] = {}
    with without_gc():
        for event, time, deleted, place, raw in _objects(trace):
            who = _who(raw)
            previous = last.get(who, NOWHERE)
            is_there = previous != NOWHERE and rows[previous].sign is not Sign.WENT
            sign = Sign.WENT if deleted else Sign.CHANGED if is_there else Sign.CAME
            last[who] = len(rows)
            rows.append(Row(event, time, sign, place, who, previous))
    return rows


def clock(seconds: int) -> str:
    """`+1:02:03` after the start, `+12d03:04:05` after days: to the second, for that is what tells rows apart."""
    days, rest = divmod(abs(seconds), 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    sign = "-" if seconds < 0 else "+"
    return f"{sign}{days}d{hours:02}:{minutes:02}:{left:02}" if days else f"{sign}{hours}:{minutes:02}:{left:02}"


def raw_of(trace: Trace, row: Row) -> Raw:
    """The object itself."""
    event = trace.events[row.event]
    return (event.deleted_objs if row.sign is Sign.WENT else event.applied_objs)[row.place]


def _objects(trace: Trace) -> Iterator[tuple[int, int, bool, int, Raw]]:
    for number, event in enumerate(trace.events):
        for place, raw in enumerate(event.applied_objs):
            yield number, event.ts, False, place, raw
        for place, raw in enumerate(event.deleted_objs):
            yield number, event.ts, True, place, raw


def _who(raw: Raw) -> Who:
    seen = sight(raw)
    return ("?", "", "?") if seen is None else (seen.kind, seen.metadata.namespace or "", seen.metadata.name)
