"""The events of two traces in one order, and the objects of which they tell different stories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import groupby
from operator import itemgetter

from msgspec import Raw

from skel.trace.codec import Event
from skel.trace.history import apply_event
from skel.trace.identity import Identity, sight

Key = tuple[bool, bytes]
"""Deleted or not, and an object."""
Content = tuple[tuple[bytes, ...], tuple[bytes, ...]]
"""The objects of an event, applied and deleted."""
Second = tuple[int, int, list[Event]]
"""A time, whose events they are, and the events."""
_ONE, _FIRST, _OTHER = range(3)


class Meeting:
    """The events of `one` and of `other`, which begins no earlier.

    `repeated` counts objects that both recorded alike; `differing` has for each object that both know the times at
    which only one of them saw it change, while both were recording.
    """

    def __init__(self, one: Sequence[Event], other: Sequence[Event]) -> None:
        self.one, self.other = _without_end_markers(one, other)
        self.end = min(one[-1].ts, other[-1].ts)
        self.last_of_one, self.last_of_other = last_times(one), last_times(other)
        self.differing: dict[Identity, list[int]] = {}
        self.repeated = 0

    def events(self) -> Iterator[Event]:
        """Second by second: what one has, then what the other has besides."""
        first = self._first_of_other()
        starts = seconds([first] if _is_filled(first) else [], _FIRST)
        streams = seconds(self.one, _ONE), starts, seconds(self.other[1:], _OTHER)
        for time, parts in groupby(merge(*streams, key=itemgetter(0, 1)), key=itemgetter(0)):
            groups: dict[int, list[Event]] = {whose: group for _, whose, group in parts}
            here, there = groups.get(_ONE, []), groups.get(_OTHER, [])
            if _FIRST in groups:
                here = [_joined(here[0], groups[_FIRST]), *here[1:]] if here else groups[_FIRST]
            here, new = self._once(here, there, time)
            # One event more is one moment seen from two sides; several have an order that must stay.
            if len(new) == 1 and here and _is_filled(new[0]) and _FIRST not in groups:
                here, new = [*here[:-1], _joined(here[-1], new)], []
            yield from (*here, *new)

    def _first_of_other(self) -> Event:
        """The other trace begins with all that is there; what is known from the one already is no event."""
        first = self.other[0]
        there, gone = self._known_at(first.ts)
        applied, deleted = [], [raw for raw in first.deleted_objs if bytes(raw) not in gone]
        for raw in first.applied_objs:
            seen = sight(raw)
            if seen is not None and raw in there.get(seen.identity, ()):
                continue
            applied.append(raw)
            if first.ts < self.end:
                self._differs(raw, first.ts)
        left = first.copy_with(first.ts, applied, deleted)
        self.repeated += _size(first) - _size(left)
        return left

    def _known_at(self, time: int) -> tuple[dict[Identity, list[Raw]], set[bytes]]:
        """What the one has of each object just before that second and in it, and what it deleted then."""
        state: dict[Identity, Raw] = {}
        then = []
        for event in self.one:
            if event.ts < time:
                apply_event(state, event.applied_objs, event.deleted_objs)
            elif event.ts == time:
                then.append(event)
            else:
                break
        there = {who: [raw] for who, raw in state.items()}
        for raw in (raw for event in then for raw in event.applied_objs):
            if seen := sight(raw):
                there.setdefault(seen.identity, []).append(raw)
        return there, {bytes(raw) for event in then for raw in event.deleted_objs}

    def _once(self, here: list[Event], there: list[Event], time: int) -> tuple[list[Event], list[Event]]:
        """The events of one second: those of the one, and what the other has besides."""
        start = self.other[0].ts
        if not (here and there):
            if start < time < self.end:
                self._note(here or there, Counter(), time)
            return here, there
        same = Counter(map(_content, here)) & Counter(map(_content, there))
        rest_here, rest_there = _without(here, same), _without(there, same)
        shared = Counter(_keys(rest_here)) & Counter(_keys(rest_there))
        self.repeated += shared.total() + sum(len(applied) + len(gone) for applied, gone in same.elements())
        if start <= time < self.end:
            self._note(rest_there, shared, time)
        if start < time < self.end:
            self._note(rest_here, shared, time)
        new = [_besides(event, shared) if _is_filled(event) else event for event in rest_there]
        return here, [event for event, was in zip(new, rest_there, strict=True) if _is_filled(event) or event is was]

    def _note(self, events: Iterable[Event], shared: Counter[Key], time: int) -> None:
        for _, data in (Counter(_keys(events)) - shared).elements():
            self._differs(Raw(data), time)

    def _differs(self, raw: Raw, time: int) -> None:
        """Only one trace has this version, of an object of which both know."""
        seen = sight(raw)
        if seen is not None and seen.identity in self.last_of_one and seen.identity in self.last_of_other:
            times = self.differing.setdefault(seen.identity, [])
            if time not in times:
                times.append(time)


def last_times(events: Iterable[Event]) -> dict[Identity, int]:
    """When each object was applied last; of one that is only deleted, when that was."""
    last: dict[Identity, int] = {}
    for event in events:
        for raw in event.applied_objs:
            if seen := sight(raw):
                last[seen.identity] = event.ts
        for raw in event.deleted_objs:
            if seen := sight(raw):
                last.setdefault(seen.identity, event.ts)
    return last


def seconds(events: Iterable[Event], whose: int) -> Iterator[Second]:
    """The events by time. One that goes back in time stays where it is."""
    time: int | None = None
    group: list[Event] = []
    for event in events:
        if time is not None and event.ts > time:
            yield time, whose, group
            group = []
        time = event.ts if time is None else max(time, event.ts)
        group.append(event)
    if time is not None:
        yield time, whose, group


def _without_end_markers(one: Sequence[Event], other: Sequence[Event]) -> tuple[Sequence[Event], Sequence[Event]]:
    """A marker at the end says that a recording ended there, and not that nothing came after it."""
    end, other_end = one[-1].ts, other[-1].ts
    if _ends_with_marker(one) and (end < other_end or (end == other_end and len(other) > 1)):
        return one[:-1], other
    if _ends_with_marker(other) and other_end <= end:
        return one, other[:-1]
    return one, other


def _ends_with_marker(events: Sequence[Event]) -> bool:
    return len(events) > 1 and not _is_filled(events[-1]) and events[-2].ts != events[-1].ts


def _is_filled(event: Event) -> bool:
    return bool(event.applied_objs or event.deleted_objs)


def _size(event: Event) -> int:
    return len(event.applied_objs) + len(event.deleted_objs)


def _joined(event: Event, more: Sequence[Event]) -> Event:
    """The event with the objects of others behind its own."""
    if not more:
        return event
    applied = [*event.applied_objs, *(raw for other in more for raw in other.applied_objs)]
    deleted = [*event.deleted_objs, *(raw for other in more for raw in other.deleted_objs)]
    return event.copy_with(event.ts, applied, deleted)


def _content(event: Event) -> Content:
    return tuple(map(bytes, event.applied_objs)), tuple(map(bytes, event.deleted_objs))


def _keys(events: Iterable[Event]) -> Iterator[Key]:
    for event in events:
        yield from ((False, bytes(raw)) for raw in event.applied_objs)
        yield from ((True, bytes(raw)) for raw in event.deleted_objs)


def _without(events: Iterable[Event], same: Mapping[Content, int]) -> list[Event]:
    """The events but for those that are the same in both, each as often as it is."""
    left = dict(same)
    result = []
    for event in events:
        content = _content(event)
        if left.get(content, 0):
            left[content] -= 1
        else:
            result.append(event)
    return result


def _besides(event: Event, shared: Counter[Key]) -> Event:
    """What of an event is not shared; `shared` loses what it explains."""
    kept: list[list[Raw]] = [[], []]
    for deleted, objects in enumerate((event.applied_objs, event.deleted_objs)):
        for raw in objects:
            key = bool(deleted), bytes(raw)
            if shared[key]:
                shared[key] -= 1
            else:
                kept[deleted].append(raw)
    return event.copy_with(event.ts, *kept)
