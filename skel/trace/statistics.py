"""What is in a trace, in figures: how much, of what, when, and how it changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from msgspec import Raw

from skel.trace.codec import Event, without_gc
from skel.trace.identity import Identity, sight
from skel.trace.model import Lifecycles, Trace

_BARS = 60
_WIDTHS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
UNNAMED = "(without kind or name)"


@dataclass(slots=True)
class Group:
    """Objects of one kind, or in one namespace: `objects` that ever were, how often applied and deleted, how many are
    there at the end, and the bytes of all their versions.
    """

    name: str
    objects: int = 0
    applied: int = 0
    deleted: int = 0
    at_end: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Busy:
    """A stretch of time: seconds since the start, its length, and the changes in it."""

    start: int
    seconds: int
    changes: int


@dataclass(frozen=True, slots=True)
class Churn:
    """An object, and how often it was applied, deleted, and how many bytes its versions have."""

    object: Identity
    applied: int
    deleted: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """The recorded pods: how many ended, ran on, or have nothing recorded; lengths of those that ended, in seconds."""

    owners: int = 0
    finished: int = 0
    running: int = 0
    empty: int = 0
    shortest: int = 0
    median: float = 0
    ninety: int = 0
    longest: int = 0


@dataclass(frozen=True, slots=True)
class Statistics:
    """All of it. `start` and `end` are Unix seconds, `width` the seconds of a bar of `density`, which counts
    changes.
    """

    name: str
    bytes: int
    start: int
    end: int
    events: int
    markers: int
    total: Group
    kinds: tuple[Group, ...]
    namespaces: tuple[Group, ...]
    width: int
    density: tuple[int, ...]
    busiest: tuple[Busy, ...]
    churn: tuple[Churn, ...]
    lifetimes: Lifetimes


@dataclass(slots=True)
class _Count:
    kind: str
    namespace: str
    applied: int = 0
    deleted: int = 0
    bytes: int = 0
    is_there: bool = False


def statistics(trace: Trace, *, most: int = 10) -> Statistics:
    """The figures of a trace; `most` is the length of the lists of busiest times and objects."""
    with without_gc():
        counts = _counts(trace.events)
    width, density = densities(trace)
    total = Group("all")
    for count in counts.values():
        _add(total, count)
    return Statistics(
        name=trace.name,
        bytes=len(trace.source) if trace.source is not None else 0,
        start=trace.start,
        end=max((event.ts for event in trace.events), default=0),
        events=len(trace.events),
        markers=sum(not event.applied_objs and not event.deleted_objs for event in trace.events),
        total=total,
        kinds=tuple(_groups((count.kind, count) for count in counts.values())),
        namespaces=tuple(_groups((count.namespace, count) for count in counts.values())),
        width=width,
        density=density,
        busiest=tuple(_busiest(density, width, most)),
        churn=tuple(_churn(counts, most)),
        lifetimes=_lifetimes(trace.pod_lifecycles),
    )


def _counts(events: Iterable[Event]) -> dict[Identity, _Count]:
    counts: dict[Identity, _Count] = {}
    for event in events:
        for raw in event.applied_objs:
            count = _count(raw, counts)
            count.applied += 1
            count.is_there = True
        for raw in event.deleted_objs:
            count = _count(raw, counts)
            count.deleted += 1
            count.is_there = False
    return counts


def _count(raw: Raw, counts: dict[Identity, _Count]) -> _Count:
    seen = sight(raw)
    who = seen.identity if seen else (UNNAMED, "")
    count = counts.get(who)
    if count is None:
        kind, namespace = (seen.kind, seen.metadata.namespace or "") if seen else (UNNAMED, "")
        count = counts[who] = _Count(kind, namespace)
    count.bytes += len(memoryview(raw))
    return count


def _groups(counts: Iterable[tuple[str, _Count]]) -> list[Group]:
    """The biggest first."""
    groups: dict[str, Group] = {}
    for name, count in counts:
        _add(groups.setdefault(name, Group(name)), count)
    return sorted(groups.values(), key=lambda group: (-group.objects, group.name))


def _add(group: Group, count: _Count) -> None:
    group.objects += 1
    group.applied += count.applied
    group.deleted += count.deleted
    group.at_end += count.is_there
    group.bytes += count.bytes


def densities(trace: Trace, bars: int = _BARS) -> tuple[int, tuple[int, ...]]:
    """The width in seconds of at most so many bars over the time of the trace, and the changes in each. What an export
    begins with is no change.
    """
    times = [(event.ts - trace.start, len(event.applied_objs) + len(event.deleted_objs)) for event in trace.events]
    length = max((time for time, _ in times), default=0) + 1
    width = next((wide for wide in _WIDTHS if wide * bars >= length), -(-length // bars))
    found = [0] * -(-length // width)
    for time, changes in times:
        if time > 0:
            found[time // width] += changes
    return width, tuple(found)


def _busiest(density: Iterable[int], width: int, most: int) -> list[Busy]:
    found = [Busy(number * width, width, changes) for number, changes in enumerate(density) if changes]
    return sorted(found, key=lambda busy: (-busy.changes, busy.start))[:most]


def _churn(counts: Mapping[Identity, _Count], most: int) -> list[Churn]:
    found = [Churn(who, count.applied, count.deleted, count.bytes) for who, count in counts.items() if who[1]]
    return sorted(found, key=lambda one: (-one.applied - one.deleted, one.object))[:most]


def _lifetimes(lifecycles: Lifecycles) -> Lifetimes:
    lengths, running, empty = [], 0, 0
    for lifetime in (one for hashes in lifecycles.values() for found in hashes.values() for one in found):
        match lifetime:
            case {"Finished": [int(start), int(end)]}:
                lengths.append(end - start)
            case {"Running": int()}:
                running += 1
            case _:
                empty += 1
    if not lengths:
        return Lifetimes(len(lifecycles), 0, running, empty)
    lengths.sort()
    ninety = lengths[min(len(lengths) - 1, len(lengths) * 9 // 10)]
    return Lifetimes(len(lifecycles), len(lengths), running, empty, lengths[0], median(lengths), ninety, lengths[-1])
