"""What a Job promises: no more pods at once than its parallelism, no more successes than its completions."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from skel.faults import objects
from skel.faults.oracles.oracle import Broken, Found, Oracle
from skel.faults.oracles.state import Change, State
from skel.patch.values import Json

INDEX = "batch.kubernetes.io/job-completion-index"


class JobPods(Oracle):
    """Asked when a pod of a Job is made. `parallelism` may change: the largest so far counts."""

    name: ClassVar[str] = "job-pods<=parallelism"
    about: ClassVar[str] = "a Job makes no more pods than its parallelism and completions allow, and no index twice"

    def __init__(self) -> None:
        self._parallelism: Counter[str] = Counter()

    def see(self, change: Change, state: State) -> Found:
        if change.kind == "Job":
            said = objects.spec(change.object).get("parallelism", 1)
            uid = objects.uid(change.object)
            self._parallelism[uid] = max(self._parallelism[uid], said)
        job = state.owner(change.object)
        if change.kind != "Pod" or not change.is_new or job is None or job.get("kind") != "Job":
            return
        active = state.active(job)
        most = self._parallelism[objects.uid(job)]
        if len(active) > most:
            yield Broken(job, f"{len(active)} active pods with a parallelism of {most}")
        yield from _beyond(job, active, state)
        yield from _twice(job, active)


def _beyond(job: Json, active: list[Json], state: State) -> Found:
    completions = objects.spec(job).get("completions")
    if completions is None:
        return
    pods = sum(objects.status(pod).get("phase") == "Succeeded" for pod in state.owned(job))
    done = max(pods, objects.status(job).get("succeeded", 0))
    if done + len(active) > completions:
        yield Broken(job, f"{len(active)} active pods and {done} successes, where {completions} completions are wanted")


def _twice(job: Json, active: list[Json]) -> Found:
    indexes = Counter(objects.section(pod, "metadata", "annotations").get(INDEX) for pod in active)
    for index, count in indexes.items():
        if index is not None and count > 1:
            yield Broken(job, f"{count} active pods for the index {index}")


def missing(job: Json, state: State) -> str:
    """What a Job lacks at rest: it is finished, or works with as many pods as it may."""
    if objects.is_finished(job) or objects.spec(job).get("suspend"):
        return ""
    active = len(state.active(job))
    wanted = objects.spec(job).get("parallelism", 1)
    completions = objects.spec(job).get("completions")
    if completions is not None:
        wanted = min(wanted, max(completions - objects.status(job).get("succeeded", 0), 0))
    return "" if active == wanted else f"{active} active pods, where {wanted} are wanted"
