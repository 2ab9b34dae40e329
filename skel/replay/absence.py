"""How long the components of a control plane are away while it is upgraded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

from skel.cluster.cluster import Cluster
from skel.cluster.control_plane import upgrade
from skel.cluster.health import Probe
from skel.cluster.process import is_running, read
from skel.cluster.progress import Progress
from skel.cluster.state import home, read_state
from skel.replay.clock import Clock
from skel.replay.upgrade_lines import Away

SERVER = "kube-apiserver"
COMPONENTS = (SERVER, "kube-controller-manager", "kube-scheduler")
_TICK = 0.05
"""Seconds between two looks."""


class ControlPlane(Protocol):
    """What can be upgraded. All of it may take long, and is called from a thread."""

    def upgrade(self, version: str) -> str:
        """Go to a release on the same data; the patch that runs then. Raises ClusterError."""

    def process(self, component: str) -> object:
        """What tells the running process of a component from the one before, None if none runs."""

    def is_healthy(self, component: str) -> bool:
        """Whether it answers."""


class LocalControlPlane:
    """A cluster of our own."""

    def __init__(self, cluster: Cluster, progress: Progress) -> None:
        self._name = cluster.name
        self._progress = progress
        self._place = home(cluster.name)
        state = read_state(self._place)
        assert state is not None, "a cluster that is up has a state"
        self._probe = Probe(self._place, state)

    def upgrade(self, version: str) -> str:
        return upgrade(self._name, version, progress=self._progress).version

    def process(self, component: str) -> object:
        process = read(self._place.pid(component))
        return process if is_running(process) else None

    def is_healthy(self, component: str) -> bool:
        return self._probe.is_healthy(component)


class Absences:
    """Looks at the components again and again: away is who has ended, until the next one of that name answers."""

    def __init__(self, plane: ControlPlane, clock: Clock, components: Iterable[str] = COMPONENTS) -> None:
        self._plane = plane
        self._clock = clock
        self._first = {component: plane.process(component) for component in components}
        self._since: dict[str, float] = {}
        self._until: dict[str, float] = {}

    async def watch(self) -> None:
        """Returns when all were away and are back; cancel it to end earlier."""
        while len(self._until) < len(self._first):
            await asyncio.to_thread(self._look)
            await self._clock.sleep(_TICK)

    def _look(self) -> None:
        for component, first in self._first.items():
            if component in self._until:
                continue
            process = self._plane.process(component)
            if component not in self._since and process != first:
                self._since[component] = self._clock.now()
            if component in self._since and process not in {None, first} and self._plane.is_healthy(component):
                self._until[component] = self._clock.now()

    def found(self) -> tuple[Away, ...]:
        """Who was away, in the order in which they went; who is away still counts until now."""
        now = self._clock.now()
        gone = sorted(self._since.items(), key=lambda pair: pair[1])
        return tuple(Away(name, round(self._until.get(name, now) - since, 3)) for name, since in gone)

    def gone(self, component: str) -> float | None:
        """When it ended, on the clock; None if it did not."""
        return self._since.get(component)

    def back(self, component: str) -> float | None:
        """When the next one answered, on the clock; None if it did not."""
        return self._until.get(component)
