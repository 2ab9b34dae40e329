from __future__ import annotations

from typing import ClassVar

from skel.faults import objects
from skel.faults.oracles.oracle import Broken, Found, Oracle
from skel.faults.oracles.state import State

_SEEN = frozenset({"ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job", "Deployment", "CronJob"})
_KINDS = ("Pod", "ReplicaSet", "Job")


class NoOrphans(Oracle):
    """The garbage collector takes away what a controller leaves behind; until then nobody looks after it."""

    name: ClassVar[str] = "no-orphans"
    about: ClassVar[str] = "no object is left whose controller is gone"
    patience = 60.0

    def end(self, state: State) -> Found:
        for thing in (thing for kind in _KINDS for thing in state.all(kind)):
            over = objects.owner(thing)
            if over is not None and over.kind in _SEEN and state.owner(thing) is None and not objects.is_going(thing):
                yield Broken(thing, f"its {over.kind} is gone")
