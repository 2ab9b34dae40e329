"""What nodes and bindings promise."""

from __future__ import annotations

from typing import ClassVar

from skel.faults import objects
from skel.faults.oracles.oracle import Broken, Found, Oracle
from skel.faults.oracles.state import Change, State
from skel.kube.quantity import parse_quantity
from skel.patch.values import Json


class NodeCapacity(Oracle):
    """Asked when a pod is bound. A pod counts until it is finished or gone: its kubelet has its resources so long."""

    name: ClassVar[str] = "node-capacity"
    about: ClassVar[str] = "the requests of the pods of a node fit into what it can give"

    def see(self, change: Change, state: State) -> Found:
        node_name = objects.spec(change.object).get("nodeName") if change.kind == "Pod" else ""
        if change.is_gone or not node_name or (change.before and objects.spec(change.before).get("nodeName")):
            return
        node = next((it for it in state.all("Node") if objects.name(it) == node_name), None)
        if node is None:
            return
        pods = [pod for pod in state.all("Pod") if objects.spec(pod).get("nodeName") == node_name and _runs(pod)]
        free = {word: _amount(text) for word, text in objects.section(node, "status", "allocatable").items()}
        for word, most in free.items():
            used = sum(request(pod, word) for pod in pods)
            if used > most:
                yield Broken(node, f"its pods ask for more {word} than it can give: {used:g} of {most:g}")


class BoundOnce(Oracle):
    """The API server refuses the second binding of a pod; that it had to would be another oracle's business."""

    name: ClassVar[str] = "bound-once"
    about: ClassVar[str] = "no pod moves from a node to another"

    def see(self, change: Change, state: State) -> Found:
        del state
        if change.kind != "Pod" or change.before is None or change.is_gone:
            return
        before, after = (objects.spec(it).get("nodeName", "") for it in (change.before, change.object))
        if before and before != after:
            yield Broken(change.object, "it was bound, and is bound to another node")


class NodeNotLost(Oracle):
    """The node lifecycle controller writes `Unknown` when it sees no lease renewed. What counts is the lease in etcd:
    if that was renewed, the node was alive, and the controller could not see it.
    """

    name: ClassVar[str] = "node-not-lost"
    about: ClassVar[str] = "no node is declared lost while its lease is renewed"

    def __init__(self) -> None:
        self._renewed: dict[str, str] = {}
        self._alive: set[str] = set()

    def see(self, change: Change, state: State) -> Found:
        del state
        if change.kind == "Lease":
            self._renew(change.object)
        if change.kind != "Node" or change.before is None:
            return
        is_lost = objects.condition(change.object, "Ready") == "Unknown" != objects.condition(change.before, "Ready")
        if is_lost and objects.name(change.object) in self._alive:
            yield Broken(change.object, "it is declared lost, and its lease is renewed")

    def _renew(self, lease: Json) -> None:
        name, time = objects.name(lease), str(objects.spec(lease).get("renewTime", ""))
        if name in self._renewed and self._renewed[name] != time:
            self._alive.add(name)
        self._renewed[name] = time


def request(pod: Json, word: str) -> float:
    """What the scheduler counts: the sum of the containers, or the largest of those before them; `pods` is one."""
    if word == "pods":
        return 1.0
    each = [_asked(it, word) for it in objects.spec(pod).get("containers") or ()]
    first = [_asked(it, word) for it in objects.spec(pod).get("initContainers") or ()]
    overhead = _amount(objects.section(pod, "spec", "overhead").get(word, 0))
    return max(sum(each), *first, 0.0) + overhead


def _asked(container: Json, word: str) -> float:
    return _amount(objects.section(container, "resources", "requests").get(word, 0))


def _amount(text: str | int) -> float:
    found = parse_quantity(str(text))
    return float(found) if found is not None else 0.0


def _runs(pod: Json) -> bool:
    return objects.status(pod).get("phase") not in objects.FINISHED
