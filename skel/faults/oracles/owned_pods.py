"""Nobody makes more pods than are wanted: kubernetes#129795 and its relatives."""

from __future__ import annotations

from typing import ClassVar

from skel.faults import objects
from skel.faults.oracles.bounds import Bounds
from skel.faults.oracles.oracle import Broken, Found, Oracle
from skel.faults.oracles.state import Change, State
from skel.patch.values import Json

_KINDS = frozenset({"ReplicaSet", "ReplicationController", "StatefulSet"})


class OwnedPods(Oracle):
    """Asked when a pod is made, and when a ReplicaSet of a Deployment grows. Too few is what `converges` asks."""

    name: ClassVar[str] = "owned-pods<=replicas+surge"
    about: ClassVar[str] = "no controller makes a pod when its replicas (of a Deployment: and its surge) are there"

    def __init__(self) -> None:
        self._replicas = Bounds("spec", "replicas")

    def see(self, change: Change, state: State) -> Found:
        if change.kind in _KINDS or change.kind == "Deployment":
            self._replicas.see(change.object)
        over = state.owner(change.object)
        if over is None or change.is_gone:
            return
        if change.kind == "Pod" and change.is_new and over.get("kind") in _KINDS:
            active, bound = len(state.active(over)), self._replicas.of(over)
            if active > bound:
                yield Broken(over, f"{active} active pods, where {bound} are wanted")
        if change.kind == "ReplicaSet" and over.get("kind") == "Deployment" and _grew(change):
            yield from self._surge(over, state)

    def _surge(self, deployment: Json, state: State) -> Found:
        """What counts is the sum of what its ReplicaSets want: their pods lag behind, which is as it should be."""
        wanted = sum(objects.spec(it).get("replicas", 1) for it in state.owned(deployment, "ReplicaSet"))
        replicas = self._replicas.of(deployment)
        bound = replicas + surge(deployment, replicas)
        if wanted > bound:
            yield Broken(deployment, f"its ReplicaSets want {wanted} pods, where {bound} may be (with surge)")


def _grew(change: Change) -> bool:
    before = objects.spec(change.before).get("replicas", 1) if change.before else 0
    return bool(objects.spec(change.object).get("replicas", 1) > before)


def surge(deployment: Json, replicas: int) -> int:
    """`maxSurge` as a number: a share of the replicas is rounded up; 25 % if nothing is said, none for Recreate."""
    strategy = objects.section(deployment, "spec", "strategy")
    if strategy.get("type") == "Recreate":
        return 0
    said = objects.section(strategy, "rollingUpdate").get("maxSurge", "25%")
    return share(said, replicas, up=True)


def share(said: int | str, total: int, *, up: bool) -> int:
    """A number, or a share of the total such as `25%`."""
    if isinstance(said, int):
        return said
    percent = int(said.rstrip("%"))
    return -(-total * percent // 100) if up else total * percent // 100
