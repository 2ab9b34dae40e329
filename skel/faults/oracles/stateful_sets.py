"""What a StatefulSet promises: ordinals below its replicas, and in order unless it says otherwise."""

from __future__ import annotations

from typing import ClassVar

from skel.faults import objects
from skel.faults.oracles.bounds import Bounds
from skel.faults.oracles.oracle import Broken, Found, Oracle
from skel.faults.oracles.state import Change, State
from skel.patch.values import Json


class StatefulSetOrder(Oracle):
    """Asked when a pod is made. It is enough that those before it were ready once: the controller may not know more."""

    name: ClassVar[str] = "statefulset-order"
    about: ClassVar[str] = "a StatefulSet makes a pod only below its replicas, and when those before it were ready"

    def __init__(self) -> None:
        self._replicas = Bounds("spec", "replicas")
        self._were_ready: set[str] = set()

    def see(self, change: Change, state: State) -> Found:
        if change.kind == "StatefulSet":
            self._replicas.see(change.object)
        if change.kind == "Pod" and objects.is_ready(change.object):
            self._were_ready.add(objects.uid(change.object))
        whole = state.owner(change.object)
        if change.kind != "Pod" or not change.is_new or whole is None or whole.get("kind") != "StatefulSet":
            return
        number, start = ordinal(change.object), objects.section(whole, "spec", "ordinals").get("start", 0)
        bound = start + self._replicas.of(whole)
        if not start <= number < bound:
            yield Broken(whole, f"a pod of ordinal {number}, where {start} to {bound - 1} are wanted")
        if objects.spec(whole).get("podManagementPolicy", "OrderedReady") == "OrderedReady":
            yield from self._order(whole, number, start, state)

    def _order(self, whole: Json, number: int, start: int, state: State) -> Found:
        there = {ordinal(pod): pod for pod in state.owned(whole)}
        for before in range(start, number):
            if before in there and objects.uid(there[before]) not in self._were_ready:
                yield Broken(whole, f"the pod of ordinal {number} is made before that of {before} was ready")


def ordinal(pod: Json) -> int:
    """2 of `db-2`, -1 for a name that no StatefulSet gives."""
    number = objects.name(pod).rpartition("-")[2]
    return int(number) if number.isdecimal() else -1
