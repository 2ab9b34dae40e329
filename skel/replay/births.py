"""A pod is made: finds its recorded lifetime and says what is to stand on the pod."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping

from skel.patch.values import Json
from skel.replay.lifetimes import LifetimeBook
from skel.replay.owners import Owners
from skel.replay.pod_marks import Delays, Marks, birth_marks, remembered
from skel.trace.pod_hash import pod_spec_hash


class Births:
    """Of one simulation. `speed` is simulated seconds in a second, None for as fast as it goes: pods end at once."""

    def __init__(
        self, book: LifetimeBook, owners: Owners, simulation: str, speed: float | None, delays: Delays | None = None
    ) -> None:
        self._book = book
        self._owners = owners
        self._simulation = simulation
        self._speed = speed
        self._delays = delays or Delays()
        self._random = random.Random(simulation)  # noqa: S311  (spreads ends, guards nothing)
        # Numbers are given in the order in which pods come, even where their owners must be asked for.
        self._turn = asyncio.Lock()

    async def marks(self, pod: Mapping[str, Json], namespace: str = "") -> Marks:
        """What a new pod is to get; its lifetime counts as taken. `namespace` is where it is made."""
        spec = pod_spec_hash(_spec(pod))
        async with self._turn:
            owners = await self._owners.chain(pod, namespace)
            place = self._book.take(owners, spec)
        number = place.number if place else None
        lifetime = self._scaled(place.seconds) if place else self._unrecorded(_spec(pod))
        return birth_marks(self._simulation, spec, number, lifetime, self._delays)

    async def recall(self, pod: Mapping[str, Json]) -> None:
        """A pod that got its marks before we came: what comes now is counted behind it."""
        known = remembered(pod)
        if known is not None:
            self._book.recall(await self._owners.chain(pod), *known)

    def _unrecorded(self, spec: Mapping[str, Json]) -> float | None:
        """The end of a pod of which nothing is recorded; what is started again and again has none."""
        if not self._delays.has_end or spec.get("restartPolicy", "Always") == "Always":
            return None
        return self._delays.end(self._random.random())

    def _scaled(self, seconds: float | None) -> float | None:
        """Seconds of the run."""
        if seconds is None:
            return None
        return seconds / self._speed if self._speed else 0.0


def _spec(pod: Mapping[str, Json]) -> Mapping[str, Json]:
    spec = pod.get("spec")
    return spec if isinstance(spec, dict) else {}
