"""How many pods there are, and how many are wanted, along the revisions of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from skel.faults import objects
from skel.faults.model import Report, Revision
from skel.faults.oracles.state import State

_WANTING = ("ReplicaSet", "ReplicationController", "StatefulSet")


@dataclass(frozen=True, slots=True)
class Level:
    """After a revision: `active` pods, and how many are `wanted` by those that own pods (Jobs: their parallelism), or
    stand alone.
    """

    number: int
    step: int
    active: int
    wanted: int


def levels(revisions: Iterable[Revision]) -> tuple[Level, ...]:
    """One for each revision that changes either number."""
    state = State()
    found: list[Level] = []
    for revision in sorted(revisions, key=lambda it: it.number):
        change = state.take(revision)
        if change.kind != "Pod" and change.kind not in {*_WANTING, "Job", "DaemonSet", "Node"}:
            continue
        level = Level(revision.number, revision.step, _active(state), _wanted(state))
        if not found or (found[-1].active, found[-1].wanted) != (level.active, level.wanted):
            found.append(level)
    return tuple(found)


def _active(state: State) -> int:
    return sum(objects.is_active(pod) for pod in state.all("Pod"))


def _wanted(state: State) -> int:
    sets = sum(objects.spec(it).get("replicas", 1) for kind in _WANTING for it in state.all(kind))
    jobs = sum(objects.spec(it).get("parallelism", 1) for it in state.all("Job") if not objects.is_finished(it))
    daemons = sum(1 for _ in state.all("DaemonSet")) * sum(1 for _ in state.all("Node"))
    alone = sum(objects.owner(pod) is None and objects.is_active(pod) for pod in state.all("Pod"))
    return int(sets + jobs + daemons + alone)


def by_step(report: Report) -> tuple[int, ...]:
    """Active pods when each part of the run came to rest: `5, 10, 15, 20`."""
    known = levels(report.revisions)
    found = []
    for moment in report.moments:
        before = [level.active for level in known if level.step <= moment.step]
        found.append(before[-1] if before else 0)
    return tuple(found)


def highest(report: Report) -> int:
    return max((level.active for level in levels(report.revisions)), default=0)
