"""Liveness: once all faults are lifted, everything comes to be as it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from skel.faults import objects
from skel.faults.oracles import daemon_sets, deployments, jobs
from skel.faults.oracles.oracle import Broken, Found, Oracle
from skel.faults.oracles.state import State
from skel.patch.values import Json

Missing = Callable[[Json, State], str]


class Converges(Oracle):
    """`converges<60s`: the bound is in virtual seconds."""

    name: ClassVar[str] = "converges"
    about: ClassVar[str] = "once all faults are lifted, every workload has the pods that it wants"

    def __init__(self, patience: float = 60.0) -> None:
        self.patience = patience

    def end(self, state: State) -> Found:
        for kind, missing in _MISSING.items():
            for thing in state.all(kind):
                if not objects.is_going(thing) and (message := missing(thing, state)):
                    yield Broken(thing, message)


def _replicas(thing: Json, state: State) -> str:
    wanted, active = objects.spec(thing).get("replicas", 1), len(state.active(thing))
    return "" if active == wanted else f"{active} active pods, where {wanted} are wanted"


def _in_order(thing: Json, state: State) -> str:
    """Where no pod can become ready, the first is all that is made."""
    is_ordered = objects.spec(thing).get("podManagementPolicy", "OrderedReady") == "OrderedReady"
    if is_ordered and not any(state.all("Node")):
        wanted = min(objects.spec(thing).get("replicas", 1), 1)
        return "" if len(state.active(thing)) >= wanted else "not even its first pod"
    return _replicas(thing, state)


_MISSING: Mapping[str, Missing] = {
    "ReplicaSet": _replicas,
    "ReplicationController": _replicas,
    "StatefulSet": _in_order,
    "DaemonSet": daemon_sets.missing,
    "Deployment": deployments.missing,
    "Job": jobs.missing,
}
