"""Entries -> a trace: in two passes, with no more in memory than its index, its lifetimes and its first event."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import BinaryIO

import msgspec

from skel.patch.values import Json
from skel.record.entries import RUNNING, Applied, Deleted, Entries, Entry, Lived, Moment, Place
from skel.trace.codec import Event, array_header, encode_object, map_header, without_gc
from skel.trace.identity import Identity
from skel.trace.model import Config, Index, Lifecycles
from skel.trace.reading import VERSION

FOREVER = 1 << 62
Keep = Callable[[Applied], bool]
_POD = "v1.Pod"
_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a recording that becomes a trace: from `start` on, before `end`, in Unix seconds.

    The first event holds everything that was there at the start. None for `start`: from the first entry, which is then
    in the first event. `keep` says which states of objects are taken, by default all; what of an object is taken goes
    with it. `closed`: an empty event at the end says
    how long somebody was looking.
    """

    start: int | None = None
    end: int = FOREVER
    keep: Keep | None = None
    closed: bool = False


@dataclass(slots=True)
class Assembled:
    """What a trace got; its first and its last time in Unix seconds."""

    events: int = 0
    applied: int = 0
    deleted: int = 0
    lifetimes: int = 0
    start: int = 0
    end: int = 0


def write_trace(file: BinaryIO, entries: Entries, config: Config, window: Window | None = None) -> Assembled:
    """Write the trace of a window. `entries` is read twice and must give the same both times."""
    window = window or Window()
    with without_gc():
        found = _survey(entries, window)
        lifecycles = found.lifecycles(window)
        result = Assembled(events=found.events, lifetimes=_count(lifecycles), start=found.start)
        file.write(map_header(5))
        _write_parts(file, {"version": VERSION, "config": config})
        file.writelines((encode_object("events"), array_header(found.events)))
        for event in _events(entries, window, found):
            file.write(_encode(event))
            result.applied += len(event.applied_objs)
            result.deleted += len(event.deleted_objs)
            result.end = event.ts
        _write_parts(file, {"index": found.index, "pod_lifecycles": lifecycles})
    return result


def _write_parts(file: BinaryIO, parts: dict[str, Json]) -> None:
    file.writelines(part for key, value in parts.items() for part in (encode_object(key), encode_object(value, key)))


def _count(lifecycles: Lifecycles) -> int:
    return sum(len(lives) for specs in lifecycles.values() for lives in specs.values())


class _Role(Enum):
    """What an entry is in a window."""

    BEFORE = "before"  # it made the state in which the window begins
    BEGINS = "begins"  # it begins an event
    JOINS = "joins"  # it joins the event that was begun
    LIFE = "life"


def _roles(entries: Entries, window: Window) -> Iterator[tuple[int, Entry, _Role]]:
    """The entries that matter with their numbers. Both passes go this way, so that they agree."""
    groups = _Groups()
    kept = _Kept(window.keep)
    for number, entry in enumerate(entries()):
        if isinstance(entry, Place):
            continue
        if isinstance(entry, Lived):
            # How long a pod of the window lived may have turned out later.
            yield number, entry, _Role.LIFE
        elif entry.at >= window.end:
            continue
        elif isinstance(entry, Moment):
            if window.start is None:
                yield number, entry, groups.moment(entry.at)
        elif kept.takes(entry):
            is_before = window.start is not None and entry.at < window.start
            yield number, entry, _Role.BEFORE if is_before else groups.role(entry)


class _Kept:
    """Which objects are taken. One that was not taken does not go either."""

    def __init__(self, keep: Keep | None) -> None:
        self._keep = keep
        self._there: set[Identity] = set()

    def takes(self, entry: Applied | Deleted) -> bool:
        if self._keep is None:
            return True
        identity = entry.kind, entry.name
        if isinstance(entry, Deleted):
            is_there = identity in self._there
            self._there.discard(identity)
            return is_there
        is_kept = self._keep(entry)
        if is_kept:
            self._there.add(identity)
        return is_kept


class _Groups:
    """Cuts entries into events: one a second, and another one where the order within a second matters.

    In an event what is applied comes before what is deleted, and each object comes once.
    """

    def __init__(self) -> None:
        self._at = -1
        self._applied: set[Identity] = set()
        self._deleted: set[Identity] = set()

    def role(self, entry: Applied | Deleted) -> _Role:
        identity = entry.kind, entry.name
        is_applied = isinstance(entry, Applied)
        begins = entry.at != self._at or identity in self._deleted or (is_applied and identity in self._applied)
        if begins:
            self._begin(entry.at)
        (self._applied if is_applied else self._deleted).add(identity)
        return _Role.BEGINS if begins else _Role.JOINS

    def moment(self, at: int) -> _Role:
        """An empty event, unless there is one at that time."""
        if at == self._at:
            return _Role.JOINS
        self._begin(at)
        return _Role.BEGINS

    def _begin(self, at: int) -> None:
        self._at = at
        self._applied.clear()
        self._deleted.clear()


@dataclass(slots=True)
class _Survey:
    """What the first pass finds: what is there at the start, how many events there are, and what follows from them."""

    start: int
    events: int = 0
    standing: dict[Identity, int] = field(default_factory=dict)
    """The number of the entry that holds each object that is there at the start."""
    index: Index = field(default_factory=dict)
    lives: dict[str, Lived] = field(default_factory=dict)

    def apply(self, entry: Applied) -> None:
        self.index.setdefault(entry.kind, {})[entry.name] = entry.hash

    def stand(self, number: int, entry: Entry) -> None:
        """Something that happened before the start."""
        match entry:
            case Applied():
                self.standing[entry.kind, entry.name] = number
                self.apply(entry)
            case Deleted():
                self.leave((entry.kind, entry.name))
            case _:
                pass

    def leave(self, identity: Identity) -> None:
        """An object is not there at the start. What is deleted later stays in the index, with its pods."""
        if self.standing.pop(identity, None) is not None:
            del self.index[identity[0]][identity[1]]

    def lifecycles(self, window: Window) -> Lifecycles:
        """Of the pods whose owner is in the trace, and who lived in its time."""
        found: Lifecycles = {}
        for life in self.lives.values():
            record = _record(life, window)
            if record is not None and life.owner in self.index.get(life.kind, {}):
                found.setdefault((life.kind, life.owner), {}).setdefault(life.spec, []).append(record)
        return found


def _record(life: Lived, window: Window) -> Json:
    """A life as far as it lies in the window: an earlier start is moved to its beginning, as the reference does."""
    start = window.start or 0
    if life.start >= window.end or RUNNING != life.end < start:
        return None
    begun = max(life.start, start)
    return {"Running": begun} if life.end == RUNNING else {"Finished": [begun, life.end]}


def _survey(entries: Entries, window: Window) -> _Survey:
    found = _Survey(window.start or 0)
    for number, entry, role in _roles(entries, window):
        if role is _Role.BEGINS:
            if window.start is None and not found.events:
                found.start = _time(entry)
            found.events += 1
        if isinstance(entry, Lived):
            found.lives[entry.pod] = entry
        elif role is _Role.BEFORE:
            found.stand(number, entry)
        elif isinstance(entry, Applied):
            found.apply(entry)
    found.events += (window.start is not None) + window.closed
    for life in found.lives.values():
        # A bare pod that had ended before the window begins has nothing left to do in it.
        if life.kind == _POD and RUNNING != life.end < found.start:
            found.leave((life.kind, life.owner))
    return found


def _events(entries: Entries, window: Window, found: _Survey) -> Iterator[Event]:
    event = Event(found.start, [], []) if window.start is not None else None
    standing = set(found.standing.values())
    for number, entry, role in _roles(entries, window):
        if role is _Role.BEGINS:
            if event is not None:
                yield event
            event = Event(_time(entry), [], [])
        if event is None or role is _Role.LIFE or (role is _Role.BEFORE and number not in standing):
            continue
        match entry:
            case Applied():
                event.applied_objs.append(entry.object)
            case Deleted():
                event.deleted_objs.append(entry.object)
            case _:
                pass
    if event is not None:
        yield event
    if window.closed:
        yield Event(window.end, [], [])


def _time(entry: Entry) -> int:
    assert not isinstance(entry, Place)
    return entry.at
