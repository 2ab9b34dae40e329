from __future__ import annotations

from collections import Counter
from typing import ClassVar

from skel.faults import objects
from skel.faults.oracles.oracle import Broken, Found, Oracle
from skel.faults.oracles.state import Change, State
from skel.patch.values import Json


class OneDaemonPodANode(Oracle):
    """Asked when a pod is made. With `maxSurge` a node has two for as long as the new one needs to become ready."""

    name: ClassVar[str] = "one-daemon-pod-a-node"
    about: ClassVar[str] = "a DaemonSet has one active pod a node (with maxSurge: two)"

    def see(self, change: Change, state: State) -> Found:
        whole = state.owner(change.object) if change.kind == "Pod" and change.is_new else None
        if whole is None or whole.get("kind") != "DaemonSet":
            return
        most = 2 if _has_surge(whole) else 1
        node = objects.node_of(change.object)
        count = sum(objects.node_of(pod) == node for pod in state.active(whole))
        if count > most:
            yield Broken(whole, f"{count} active pods on one node, where {most} may be")


def _has_surge(whole: Json) -> bool:
    said = objects.section(whole, "spec", "updateStrategy", "rollingUpdate").get("maxSurge", 0)
    return said not in {0, "0", "0%"}


def missing(whole: Json, state: State) -> str:
    """What a DaemonSet lacks at rest: one pod on each node that is there and takes pods."""
    nodes = {objects.name(node) for node in state.all("Node") if _takes(node, whole)}
    counts = Counter(objects.node_of(pod) for pod in state.active(whole))
    bad = [node for node in nodes if counts[node] != 1]
    return f"{len(bad)} of {len(nodes)} nodes do not have exactly one pod" if bad else ""


def _takes(node: Json, whole: Json) -> bool:
    """Daemons tolerate what a node that is not ready or not schedulable has; only the selector is asked."""
    wanted = objects.section(whole, "spec", "template", "spec", "nodeSelector")
    labels = objects.section(node, "metadata", "labels")
    return not objects.is_going(node) and all(labels.get(key) == value for key, value in wanted.items())
