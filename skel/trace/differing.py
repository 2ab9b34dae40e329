"""What is different between two traces: object by object, over time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from msgspec import Raw

from skel.kube.gvk import group_of, split_gvk
from skel.patch.values import equal_json
from skel.trace.codec import decode_object, without_gc
from skel.trace.history import History, Version
from skel.trace.identity import sight
from skel.trace.model import Lifecycles, Trace

Who = tuple[str, str, str, str]
"""Group, kind, namespace, name."""


class Side(StrEnum):
    """Where something is: in both traces, or in one alone."""

    BOTH = "both"
    ONE = "a"
    OTHER = "b"


class Moment(NamedTuple):
    """What the traces have of an object at one time, in seconds since their start: None where one has nothing."""

    time: int
    one: Version | None
    other: Version | None

    @property
    def side(self) -> Side:
        if self.one and self.other:
            return Side.BOTH
        return Side.ONE if self.one else Side.OTHER


@dataclass(frozen=True, slots=True)
class ObjectDifference:
    """An object that is in one trace alone, or has other versions there. `same` counts the versions that are equal."""

    kind: str
    namespace: str
    name: str
    side: Side
    moments: tuple[Moment, ...]
    same: int = 0

    def __str__(self) -> str:
        return "/".join(word for word in (self.kind, self.namespace, self.name) if word)


@dataclass(frozen=True, slots=True)
class TraceDifference:
    """All that is different. `objects` counts those that either trace has; `lifetimes` are the owners of pods whose
    recorded lifetimes differ; `config` tells whether the traces track other kinds.
    """

    differences: tuple[ObjectDifference, ...]
    objects: int
    lifetimes: tuple[str, ...] = ()
    config: bool = False

    def __bool__(self) -> bool:
        return bool(self.differences or self.lifetimes or self.config)

    def count(self, side: Side) -> int:
        return sum(difference.side is side for difference in self.differences)


def diff_traces(one: Trace, other: Trace, *, absolute: bool = False) -> TraceDifference:
    """Compare two traces by the time since their start, or with `absolute` by the time of day.

    An object is the same in every version and group of its API, if no other object has its kind and name. Specs that
    mean the same but have other bytes are equal.
    """
    with without_gc():
        ours, theirs = every_history(one), every_history(other)
        start, other_start = (0, 0) if absolute else (one.start, other.start)
        pairs = list(_pairs(ours, theirs))
        found = [_difference(mine, yours, start, other_start) for mine, yours in pairs]
    shift = start - other_start
    return TraceDifference(
        tuple(
            sorted(filter(None, found), key=lambda difference: (difference.kind, difference.namespace, difference.name))
        ),
        len(pairs),
        tuple(_lifetimes(one.pod_lifecycles, other.pod_lifecycles, shift)),
        not equal_json(one.config, other.config),
    )


def every_history(trace: Trace) -> dict[Who, History]:
    """The versions of each object with a name. In one second a deletion follows what was applied."""
    found: dict[Who, list[Version]] = {}
    for number, event in enumerate(trace.events):
        for deleted, objects in ((False, event.applied_objs), (True, event.deleted_objs)):
            for raw in objects:
                if seen := sight(raw):
                    names = seen.metadata
                    who = group_of(seen.apiVersion), seen.kind, names.namespace or "", names.name
                    found.setdefault(who, []).append(Version(number, event.ts, deleted, raw, seen.apiVersion))
    return {who: History(*who[1:], tuple(versions)) for who, versions in found.items()}


def _pairs(
    ours: Mapping[Who, History], theirs: Mapping[Who, History]
) -> Iterator[tuple[History | None, History | None]]:
    """The same object in both; one that is left alone on both sides moved to another group."""
    for who in ours.keys() & theirs.keys():
        yield ours[who], theirs[who]
    left = {who[1:]: history for who, history in ours.items() if who not in theirs}
    right = {who[1:]: history for who, history in theirs.items() if who not in ours}
    for name in left.keys() | right.keys():
        yield left.get(name), right.get(name)


def _difference(one: History | None, other: History | None, start: int, other_start: int) -> ObjectDifference | None:
    history = one or other
    assert history is not None  # a pair has at least one side
    moments = list(_moments(one.versions if one else (), other.versions if other else (), start, other_start))
    differing = tuple(moment for moment in moments if not _is_same(moment))
    if not differing:
        return None
    side = Side.BOTH if one and other else Side.ONE if one else Side.OTHER
    return ObjectDifference(
        history.kind, history.namespace, history.name, side, differing, len(moments) - len(differing)
    )


def _moments(one: Iterable[Version], other: Iterable[Version], start: int, other_start: int) -> Iterator[Moment]:
    """Versions of the same second side by side, in their order; those of other seconds alone."""
    ours, theirs = _by_second(one, start), _by_second(other, other_start)
    for time in sorted(ours.keys() | theirs.keys()):
        mine, yours = ours.get(time, []), theirs.get(time, [])
        for number in range(max(len(mine), len(yours))):
            yield Moment(
                time,
                mine[number] if number < len(mine) else None,
                yours[number] if number < len(yours) else None,
            )


def _by_second(versions: Iterable[Version], start: int) -> dict[int, list[Version]]:
    result: dict[int, list[Version]] = {}
    for version in versions:
        result.setdefault(version.time - start, []).append(version)
    return result


def _is_same(moment: Moment) -> bool:
    one, other = moment.one, moment.other
    return one is not None and other is not None and one.deleted == other.deleted and same_object(one.raw, other.raw)


def same_object(one: Raw, other: Raw) -> bool:
    """Whether two objects are equal as JSON; the order of keys says nothing."""
    return one == other or equal_json(decode_object(one), decode_object(other))


def _lifetimes(one: Lifecycles, other: Lifecycles, shift: int) -> Iterator[str]:
    """Owners whose lifetimes differ, once the times of the other trace are moved to those of the one."""
    ours, theirs = _by_owner(one, 0), _by_owner(other, shift)
    for owner in sorted(ours.keys() | theirs.keys()):
        if sorted(ours.get(owner, [])) != sorted(theirs.get(owner, [])):
            yield owner


def _by_owner(lifecycles: Lifecycles, shift: int) -> dict[str, list[str]]:
    """The lifetimes of each `Kind/namespace/name`, whatever the version of its API."""
    found: dict[str, list[str]] = {}
    for (kind, name), lifetimes in lifecycles.items():
        found.setdefault(f"{split_gvk(kind)[1]}/{name}", []).extend(_times(lifetimes, shift))
    return found


def _times(lifetimes: Mapping[int, list[object]], shift: int) -> list[str]:
    """All lifetimes of an owner's pods, whatever the hash of their spec: that changes with the spec."""
    found = []
    for lifetime in (one for recorded in lifetimes.values() for one in recorded):
        match lifetime:
            case {"Running": int(start)}:
                found.append(f"{start + shift}-")
            case {"Finished": [int(start), int(end)]}:
                found.append(f"{start + shift}-{end + shift}")
            case _:
                found.append(str(lifetime))
    return found
