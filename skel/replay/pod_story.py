"""What became of the pods of a run: how many wait, run and end, and how long each took."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from skel.replay.run_lines import PodLine
from skel.replay.series import Level

PENDING, RUNNING, SUCCEEDED, FAILED = "Pending", "Running", "Succeeded", "Failed"
PHASES = (PENDING, RUNNING, SUCCEEDED, FAILED)


@dataclass(slots=True)
class _Pod:
    """A pod as the last line about it has it."""

    created: float | None
    owner: str
    phase: str = ""
    node: str = ""
    scheduled: bool = False
    started: bool = False
    ended: bool = False


@dataclass(slots=True)
class PodStory:
    """Counts at the end of the run, peaks, and samples in seconds: of the cluster's clock for `scheduling` and
    `start-up`, which do not get faster with the replay, and of the trace for `lifetime`.
    """

    speed: float = 1.0
    seen: int = 0
    finished: int = 0
    failed: int = 0
    end: float = 0.0
    nodes: Counter[str] = field(default_factory=Counter)
    """Pods by node, each counted where it went first."""
    samples: dict[str, array[float]] = field(
        default_factory=lambda: {"scheduling": array("d"), "start-up": array("d"), "lifetime": array("d")}
    )
    levels: dict[str, Level] = field(default_factory=lambda: {phase: Level() for phase in PHASES})
    stuck: Counter[str] = field(default_factory=Counter)
    """Pods that wait at the end, by owner."""
    lost: Counter[str] = field(default_factory=Counter)
    """Pods that failed, by owner."""
    _pods: dict[tuple[str, str], _Pod] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Iterable[PodLine], speed: float = 1.0) -> PodStory:
        story = cls(speed=speed)
        for line in lines:
            story.add(line)
        story.stuck.update(pod.owner for pod in story._pods.values() if pod.phase == PENDING)
        return story

    @property
    def pending(self) -> int:
        return self.levels[PENDING].now

    @property
    def running(self) -> int:
        return self.levels[RUNNING].now

    @property
    def pending_peak(self) -> int:
        return self.levels[PENDING].peak

    def add(self, line: PodLine) -> None:
        key = line.namespace or "", line.name or ""
        self.end = max(self.end, line.t)
        pod = self._pods.get(key)
        if pod is None or (line.created is not None and pod.created is not None and line.created != pod.created):
            if pod is not None:
                self._move(pod, "", line.t)
            pod = self._pods[key] = _Pod(line.created, line.owner or "")
            self.seen += 1
        self._time(pod, line)
        self._move(pod, line.phase or "", line.t)

    def _move(self, pod: _Pod, phase: str, time: float) -> None:
        if phase == pod.phase:
            return
        if pod.phase in self.levels:
            self.levels[pod.phase].change(time, -1)
        if phase in self.levels:
            self.levels[phase].change(time, 1)
        if phase == SUCCEEDED:
            self.finished += 1
        elif phase == FAILED:
            self.failed += 1
            self.lost[pod.owner] += 1
        pod.phase = phase

    def _time(self, pod: _Pod, line: PodLine) -> None:
        """Take each time of a pod once."""
        if line.node and not pod.node:
            pod.node = line.node
            self.nodes[line.node] += 1
        if line.created is not None:
            if line.scheduled is not None and not pod.scheduled:
                pod.scheduled = True
                self.samples["scheduling"].append(max(0.0, line.scheduled - line.created) / self.speed)
            if line.running is not None and not pod.started:
                pod.started = True
                self.samples["start-up"].append(max(0.0, line.running - line.created) / self.speed)
        if line.running is not None and line.finished is not None and not pod.ended:
            pod.ended = True
            self.samples["lifetime"].append(max(0.0, line.finished - line.running))
