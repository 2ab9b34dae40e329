"""Trace -> moments with the steps that are due then: pure, and one event in memory at a time.

Within an event an object waits for what it may need: definitions, namespaces and configuration are applied before the
rest, and deleted behind it. Objects of one group do not know of each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter
from types import MappingProxyType

from msgspec import Raw, Struct

from skel.findings.model import FoundObject
from skel.kube.gvk import group_of
from skel.trace.codec import probe
from skel.trace.errors import TraceError
from skel.trace.identity import sight
from skel.trace.model import Trace


class Verb(StrEnum):
    APPLY = "apply"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of the trace is played, and how fast. Times are seconds since its beginning.

    `start`: what is there at that time comes at once, as the first moment. `duration`: so long from `start` on. `speed`
    is simulated seconds in a second; None plays everything as fast as it goes.
    """

    start: float = 0.0
    duration: float | None = None
    speed: float | None = 1.0

    def wall(self, time: float) -> float:
        """Seconds of the run at a simulated time."""
        return max(0.0, time - self.start) / self.speed if self.speed else 0.0


class ReplayStep(Struct, frozen=True, gc=False):
    """Apply or delete one object.

    `at` is in seconds of the run, `time` in seconds of the trace since its beginning. `number` counts the steps of a
    run in the order in which they begin. `event` and `position` say where it stands in the trace. Steps of lower
    groups of the event come first; steps for one object come in their order.
    """

    at: float
    time: float
    verb: Verb
    object: FoundObject
    event: int
    position: int
    group: int
    number: int
    raw: Raw

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Which object it is, in whatever version of its API."""
        thing = self.object
        return group_of(thing.api_version), thing.kind, thing.namespace, thing.name


class Moment(Struct, frozen=True, gc=False):
    """What is due at one time: an event of the trace, perhaps without objects."""

    at: float
    time: float
    event: int
    steps: tuple[ReplayStep, ...] = ()


_APPLY = Verb.APPLY  # looked up for every object
Found = tuple[Verb, Raw, int, int]
"""A verb, an object, and where it stands: event and position."""

_DEFINITIONS, _NAMESPACES, _CLUSTER, _CONFIGURATION, REST = range(5)
_LAST = 2 * REST
_GROUPS = MappingProxyType(
    {
        ("apiextensions.k8s.io", "CustomResourceDefinition"): _DEFINITIONS,
        ("", "Namespace"): _NAMESPACES,
        ("", "PersistentVolume"): _CLUSTER,
        ("networking.k8s.io", "IngressClass"): _CLUSTER,
        ("node.k8s.io", "RuntimeClass"): _CLUSTER,
        ("policy", "PodSecurityPolicy"): _CLUSTER,
        ("rbac.authorization.k8s.io", "ClusterRole"): _CLUSTER,
        ("resource.k8s.io", "DeviceClass"): _CLUSTER,
        ("scheduling.k8s.io", "PriorityClass"): _CLUSTER,
        ("storage.k8s.io", "CSIDriver"): _CLUSTER,
        ("storage.k8s.io", "StorageClass"): _CLUSTER,
        ("", "ConfigMap"): _CONFIGURATION,
        ("", "LimitRange"): _CONFIGURATION,
        ("", "PersistentVolumeClaim"): _CONFIGURATION,
        ("", "ResourceQuota"): _CONFIGURATION,
        ("", "Secret"): _CONFIGURATION,
        ("", "Service"): _CONFIGURATION,
        ("", "ServiceAccount"): _CONFIGURATION,
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"): _CONFIGURATION,
        ("rbac.authorization.k8s.io", "Role"): _CONFIGURATION,
        ("rbac.authorization.k8s.io", "RoleBinding"): _CONFIGURATION,
    }
)


def schedule(trace: Trace, window: Window) -> Iterator[Moment]:
    """The moments in their order; the last one is the end of the run, so that what goes on until then is seen."""
    number = 0
    at = 0.0
    for time, event, found in _moments(trace, window):
        if window.speed:
            # A trace whose clock was set back does not wait for the past.
            at = max(at, window.wall(time))
        steps = _steps(found, at, time, number)
        number += len(steps)
        yield Moment(at, time, event, steps)


def length(trace: Trace, window: Window) -> float:
    """Simulated seconds from the beginning of the window to its end."""
    whole = max(0.0, float(trace.end - trace.start) - window.start)
    return whole if window.duration is None else window.duration


def _moments(trace: Trace, window: Window) -> Iterator[tuple[float, int, list[Found]]]:
    first = _number_at(trace, window.start)
    end = None if window.duration is None else window.start + window.duration
    if first:
        yield window.start, first, list(_state_before(trace, first))
    start = trace.start
    for number, event in enumerate(trace.events[first:] if first else trace.events, first):
        time = float(event.ts - start)
        if end is not None and time >= end:
            break
        found = [(_APPLY, raw, number, position) for position, raw in enumerate(event.applied_objs)]
        if event.deleted_objs:
            found += [(Verb.DELETE, raw, number, position) for position, raw in enumerate(event.deleted_objs)]
        yield time, number, found
    if end is not None:
        yield end, len(trace.events), []


def _number_at(trace: Trace, start: float) -> int:
    """The first event that is not before `start`."""
    if not start:
        return 0
    times = (number for number, event in enumerate(trace.events) if event.ts - trace.start >= start)
    return next(times, len(trace.events))


def _state_before(trace: Trace, end: int) -> Iterator[Found]:
    """The newest state of each object that is there before the event `end`."""
    there: dict[tuple[str, str, str, str] | tuple[int, int], Found] = {}
    for number in range(end):
        event = trace.events[number]
        for position, raw in enumerate(event.applied_objs):
            key = _key(raw) or (number, position)
            there.pop(key, None)
            there[key] = (Verb.APPLY, raw, number, position)
        for raw in event.deleted_objs:
            if key_gone := _key(raw):
                there.pop(key_gone, None)
    yield from there.values()


def _key(raw: Raw) -> tuple[str, str, str, str] | None:
    seen = sight(raw)
    if seen is None:
        return None
    return group_of(seen.apiVersion), seen.kind, seen.metadata.namespace or "", seen.metadata.name


def _steps(found: list[Found], at: float, time: float, number: int) -> tuple[ReplayStep, ...]:
    """Sorted by group; what stands in one group keeps the order of the trace."""
    if len(found) == 1:
        [(verb, raw, event, position)] = found
        thing, apply, delete = _named(raw)
        rank = apply if verb is _APPLY else delete
        return (ReplayStep(at, time, verb, thing, event, position, rank, number, raw),)
    steps = []
    for verb, raw, event, position in found:
        thing, apply, delete = _named(raw)
        rank = apply if verb is Verb.APPLY else delete
        steps.append((rank, verb, thing, event, position, raw))
    steps.sort(key=itemgetter(0))
    return tuple(
        [
            ReplayStep(at, time, verb, thing, event, position, rank, number + offset, raw)
            for offset, (rank, verb, thing, event, position, raw) in enumerate(steps)
        ]
    )


def _named(raw: Raw) -> tuple[FoundObject, int, int]:
    """Whom an object of the trace is about, with empty words for what it lacks, and its groups."""
    seen = sight(raw)
    if seen is not None:
        return _placed(seen.apiVersion, seen.kind, seen.metadata.namespace or "", seen.metadata.name)
    try:
        header = probe(raw)
    except TraceError:
        header = None
    return _placed(header.apiVersion, header.kind, "", "") if header else _placed("", "", "", "")


@lru_cache(16384)
def _placed(api_version: str, kind: str, namespace: str, name: str) -> tuple[FoundObject, int, int]:
    """An object, and its group when it is applied and when it is deleted."""
    thing = FoundObject(api_version, kind, namespace, name)
    return thing, group(Verb.APPLY, thing), group(Verb.DELETE, thing)


def group(verb: Verb, thing: FoundObject) -> int:
    """The place among the groups of an event; what is deleted goes the way back."""
    rank = _GROUPS.get((group_of(thing.api_version), thing.kind), REST)
    return rank if verb is Verb.APPLY or rank == REST else _LAST - rank
