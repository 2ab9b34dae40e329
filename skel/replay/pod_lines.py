"""What a watch of pods shows -> lines of `pods.jsonl`: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from skel.patch.values import Json
from skel.replay.pod_marks import Ours, metadata_of, phase_of

Line = dict[str, Json]
DELETED = "Deleted"
"""The phase of a pod that is gone."""


class Instant(NamedTuple):
    """When: seconds of the trace since its beginning, seconds of the run, and which repetition."""

    t: float
    wall: float
    round: int = 0

    def line(self) -> Line:
        return {"t": round(self.t, 3), "wall": round(self.wall, 3), "round": self.round}


@dataclass(slots=True)
class _Pod:
    """A pod as we know it. Times are seconds of the trace, when we saw it."""

    namespace: str
    name: str
    owner: str
    created: float
    phase: str = ""
    node: str = ""
    reason: str = ""
    scheduled: float | None = None
    running: float | None = None
    finished: float | None = None
    deleted: float | None = None

    def see(self, pod: Mapping[str, Json], t: float) -> bool:
        """Take the state of now; whether something has changed that is written down."""
        spec, status = pod.get("spec") or {}, pod.get("status") or {}
        state = (phase_of(pod) or "Pending", str(spec.get("nodeName") or ""), str(status.get("reason") or ""))
        if state == (self.phase, self.node, self.reason):
            return False
        self.phase, self.node, self.reason = state
        if self.node and self.scheduled is None:
            self.scheduled = t
        # A pod may be through before anybody has seen it run.
        if self.phase in {"Running", "Succeeded"} and self.running is None:
            self.running = t
        if self.phase in {"Succeeded", "Failed"} and self.finished is None:
            self.finished = t
        return True

    def line(self, instant: Instant) -> Line:
        times = {key: getattr(self, key) for key in ("created", "scheduled", "running", "finished", "deleted")}
        rounded = {key: None if value is None else round(value, 3) for key, value in times.items()}
        words = {key: getattr(self, key) for key in ("namespace", "name", "owner", "phase", "node", "reason")}
        return {**instant.line(), **words, **rounded}


class PodLines:
    """A line for each change of a pod of the simulation. Only pods that are there are remembered."""

    def __init__(self, ours: Ours) -> None:
        self._ours = ours
        self._pods: dict[str, _Pod] = {}
        self.phases: Counter[str] = Counter()
        """How many pods are in each phase now."""

    def is_new(self, pod: Mapping[str, Json]) -> bool:
        """Whether its owner must be asked for before `seen` is called."""
        return self._ours.has(pod) and uid_of(pod) not in self._pods

    def seen(self, pod: Mapping[str, Json], instant: Instant, owner: str = "") -> Iterator[Line]:
        uid = uid_of(pod)
        if uid not in self._pods:
            if not self._ours.has(pod):
                return
            metadata = metadata_of(pod)
            namespace = self._ours.original(str(metadata.get("namespace", "")), pod)
            self._pods[uid] = _Pod(namespace, str(metadata.get("name", "")), owner, instant.t)
        known = self._pods[uid]
        before = known.phase
        if known.see(pod, instant.t):
            self._move(before, known.phase)
            yield known.line(instant)

    def gone(self, uid: str, instant: Instant) -> Iterator[Line]:
        known = self._pods.pop(uid, None)
        if known is not None:
            self._move(known.phase, "")
            known.phase, known.deleted = DELETED, instant.t
            yield known.line(instant)

    def missing(self, there: set[str]) -> list[str]:
        """Pods that went while nobody looked."""
        return [uid for uid in self._pods if uid not in there]

    def _move(self, before: str, after: str) -> None:
        self.phases[after] += 1
        self.phases[before] -= 1
        self.phases = +self.phases
        self.phases.pop("", None)


def uid_of(thing: Mapping[str, Json]) -> str:
    return str(metadata_of(thing).get("uid", ""))
