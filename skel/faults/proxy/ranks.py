"""Which of equal pods goes first, decided by us.

A ReplicaSet that has pods to spare takes those with the lowest deletion cost, and of equal ones those with the lowest
uid, which is random. So each pod that a component makes in a trial gets a cost, the newest the lowest one, and they are
made one after the other: then the same faults always meet the same pods. (PodDeletionCost is on since 1.22.)
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
        """Whoever has it makes a pod."""
        self._made = 0

    def concerns(self, route: Route) -> bool:
        return route.method == "POST" and route.what == "pods"

    def ranked(self, body: bytes) -> bytes:
        """A pod with its cost; one that has a cost already, or can't be read, stays as it is."""
        if COST.encode() in body:
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
