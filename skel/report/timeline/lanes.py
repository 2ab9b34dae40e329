"""The objects of a trace as lanes over time: when each was there, when it changed, how long its pods lived.

All times are seconds since the start of the trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter

from skel.findings.model import Finding
from skel.kube.gvk import split_gvk
from skel.patch.values import Json
from skel.trace.differing import every_history
from skel.trace.history import History, Version
from skel.trace.model import Lifecycles, Trace

MOST_LANES = 4000
"""Objects that have a lane; a page with more would be slow to open. Those with findings and changes come first."""
MOST_MARKS = 400
"""Changes of one object that are drawn."""
MOST_PODS = 300
"""Lifetimes of pods of one object that are drawn."""

Key = tuple[str, str, str]
"""Kind, namespace, name."""


@dataclass(frozen=True, slots=True)
class Pod:
    """From start to end; None for one that ran on."""

    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Lane:
    """An object: `spans` are the times at which it was there (None: to the end), `marks` those at which it changed."""

    kind: str
    namespace: str
    name: str
    versions: tuple[Version, ...]
    spans: tuple[tuple[int, int | None], ...]
    marks: tuple[int, ...]
    pods: tuple[Pod, ...]
    findings: tuple[Finding, ...]

    @property
    def changes(self) -> int:
        return len(self.versions)


@dataclass(frozen=True, slots=True)
class Row:
    """A kind: how many objects it has, and how often they changed in each bar of time."""

    kind: str
    objects: int
    counts: tuple[int, ...]


def lanes(trace: Trace, findings: Iterable[Finding] = ()) -> tuple[list[Lane], int]:
    """The lanes in alphabetical order, and how many objects there are in all."""
    told = _by_object(findings)
    pods = _pods(trace.pod_lifecycles, trace.start)
    histories = list(every_history(trace).values())
    found = [_lane(history, trace.start, pods, told) for history in _first(histories, told)]
    return sorted(found, key=attrgetter("kind", "namespace", "name")), len(histories)


def _first(histories: list[History], told: Mapping[Key, list[Finding]]) -> list[History]:
    """Those that there is most to say of."""
    if len(histories) <= MOST_LANES:
        return histories
    ranked = sorted(histories, key=lambda one: (-len(told.get(_key(one), ())), -len(one.versions), _key(one)))
    return ranked[:MOST_LANES]


def _key(history: History) -> Key:
    return history.kind, history.namespace, history.name


def _lane(history: History, start: int, pods: Mapping[Key, list[Pod]], told: Mapping[Key, list[Finding]]) -> Lane:
    key = _key(history)
    times = dict.fromkeys(version.time - start for version in history.versions)
    return Lane(
        *key,
        history.versions,
        tuple(_spans(history.versions, start)),
        tuple(_thinned(list(times), MOST_MARKS)),
        tuple(pods.get(key, ())[:MOST_PODS]),
        tuple(told.get(key, ())),
    )


def _spans(versions: Iterable[Version], start: int) -> Iterator[tuple[int, int | None]]:
    since: int | None = None
    for version in versions:
        time = version.time - start
        if not version.deleted:
            since = time if since is None else since
        elif since is not None:
            yield since, time
            since = None
    if since is not None:
        yield since, None


def _thinned(times: list[int], most: int) -> list[int]:
    """At most so many of them, evenly, the first and the last among them."""
    if len(times) <= most:
        return times
    return [times[number * (len(times) - 1) // (most - 1)] for number in range(most)]


def _pods(lifecycles: Lifecycles, start: int) -> dict[Key, list[Pod]]:
    found: dict[Key, list[Pod]] = {}
    for (owner, full), hashes in lifecycles.items():
        namespace, _, name = full.rpartition("/")
        pods = [pod for recorded in hashes.values() for lifetime in recorded if (pod := _pod(lifetime, start))]
        found.setdefault((split_gvk(owner)[1], namespace, name), []).extend(pods)
    return {key: sorted(pods, key=lambda pod: pod.start) for key, pods in found.items()}


def _pod(lifetime: Json, start: int) -> Pod | None:
    match lifetime:
        case {"Finished": [int(born), int(died)]}:
            return Pod(born - start, died - start)
        case {"Running": int(born)}:
            return Pod(born - start, None)
        case _:
            return None


def _by_object(findings: Iterable[Finding]) -> dict[Key, list[Finding]]:
    told: dict[Key, list[Finding]] = {}
    for finding in findings:
        if finding.object is not None:
            told.setdefault((finding.object.kind, finding.object.namespace, finding.object.name), []).append(finding)
    return told


def rows(trace: Trace, width: int, bars: int) -> list[Row]:
    """Each kind with its changes over time, all objects counted, those without a lane too."""
    objects: dict[str, int] = {}
    counts: dict[str, list[int]] = {}
    for history in every_history(trace).values():
        objects[history.kind] = objects.get(history.kind, 0) + 1
        found = counts.setdefault(history.kind, [0] * bars)
        for version in history.versions:
            if version.time > trace.start:
                found[min(bars - 1, (version.time - trace.start) // width)] += 1
    return [Row(kind, objects[kind], tuple(counts[kind])) for kind in sorted(objects)]
