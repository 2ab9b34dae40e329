"""What is written down of a run while it goes on: revisions for the oracles, happenings for people."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

from skel.faults.model import Happening, Revision, Traffic
from skel.faults.oracles.jury import Jury
from skel.faults.oracles.known import RESOURCES
from skel.faults.world_truth import Change

_SEEN = frozenset(resource for _, _, resource in RESOURCES)
_OF_NODES = "kube-node-lease"
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Record:
    """`now` are seconds of the target's clock; `step` is how many steps were done, and set by who does them."""

    def __init__(self, jury: Jury, target: str, now: Callable[[], float]) -> None:
        self.step = 0
        self.jury = jury
        self.revisions: list[Revision] = []
        self._target = target
        self._now = now
        self._zero = now()
        self._began = time.monotonic()
        self._happenings: list[Happening] = []
        self._requests: dict[tuple[int, str], tuple[float, int]] = {}
        self._writes: Counter[str] = Counter()
        self._frames: Counter[str] = Counter()

    def see(self, change: Change, namespace: str) -> None:
        """A revision that belongs to the run; the oracles judge it at once."""
        if change.resource not in _SEEN or (change.resource == "leases" and namespace != _OF_NODES):
            return
        at = round(self._now() - self._zero, 3)
        number = len(self.revisions) + 1
        revision = Revision(number, self.step, at, change.event, change.resource, change.object)
        self.revisions.append(revision)
        self.jury.see(revision)

    def happened(self, what: str, text: str, lane: str = "") -> None:
        self._happenings.append(Happening(self._at(), self.step, lane or self._target, what, text))

    def requested(self, method: str, what: str) -> None:
        """A request of the target; those of one form in one step are told together."""
        if method in _WRITES and what.partition("/")[0] != "events":
            key = self.step, f"{method} {what}"
            at, count = self._requests.get(key, (self._at(), 0))
            self._requests[key] = at, count + 1
            self._writes[key[1]] += 1

    def came(self, resource: str) -> None:
        self._frames[resource] += 1

    @property
    def wall(self) -> float:
        """Real seconds since it began."""
        return time.monotonic() - self._began

    @property
    def traffic(self) -> Traffic:
        return Traffic(_sorted(self._writes), _sorted(self._frames))

    @property
    def happenings(self) -> tuple[Happening, ...]:
        requests = (
            Happening(at, step, self._target, "request", text, count)
            for (step, text), (at, count) in self._requests.items()
        )
        return tuple(sorted((*self._happenings, *requests), key=lambda it: it.at))

    def _at(self) -> float:
        return round(self.wall, 3)


def _sorted(counts: Counter[str]) -> Mapping[str, int]:
    return MappingProxyType(dict(sorted(counts.items())))
