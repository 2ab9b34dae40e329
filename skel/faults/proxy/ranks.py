"""Which of equal pods goes first, decided by us.

A ReplicaSet that has pods to spare takes those with the lowest deletion cost, and of equal ones those with the lowest
uid, which is random. So each pod that a component makes in a trial gets a cost, the newest the lowest one: then the
same faults always meet the same pods. (PodDeletionCost is on since 1.22.) And pods are made and deleted one after the
other: a watch shows each deletion in two frames, which would lie one way or the other among those of the next pod.
"""

from __future__ import annotations

import asyncio

import msgspec

from skel.faults.proxy.route import Route
from skel.faults.proxy.wire import MAGIC, NotProtobuf, with_annotation

COST = "controller.kubernetes.io/pod-deletion-cost"


class Ranks:
    """Of the pods that are made in one trial."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        """Whoever has it makes or deletes a pod."""
        self._made = 0

    def concerns(self, route: Route) -> bool:
        return route.method in {"POST", "DELETE"} and route.what == "pods"

    def ranked(self, route: Route, body: bytes) -> bytes:
        """A new pod with its cost; one that has a cost already, or can't be read, stays as it is."""
        if route.method != "POST" or COST.encode() in body:
            return body
        self._made += 1
        try:
            return _annotated(body, COST, str(-self._made))
        except (NotProtobuf, msgspec.MsgspecError):
            return body


def _annotated(body: bytes, key: str, value: str) -> bytes:
    if body.startswith(MAGIC):
        return with_annotation(body, key, value)
    thing = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    metadata = msgspec.json.decode(thing.get("metadata", msgspec.Raw(b"{}")), type=dict[str, object])
    annotations = metadata.get("annotations")
    metadata["annotations"] = {**(annotations if isinstance(annotations, dict) else {}), key: value}
    return msgspec.json.encode({**thing, "metadata": metadata})
