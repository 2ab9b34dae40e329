from __future__ import annotations

from typing import ClassVar

from skel.faults import objects
from skel.faults.oracles.oracle import Broken, Found, Oracle
from skel.faults.oracles.state import Change, State
from skel.patch.values import Json

HASH = "pod-template-hash"


class OneReplicaSetATemplate(Oracle):
    name: ClassVar[str] = "one-replicaset-a-template"
    about: ClassVar[str] = "a Deployment has no two ReplicaSets of one template"

    def see(self, change: Change, state: State) -> Found:
        whole = state.owner(change.object) if change.kind == "ReplicaSet" and change.is_new else None
        if whole is None or whole.get("kind") != "Deployment":
            return
        wanted = template(change.object)
        if sum(template(it) == wanted for it in state.owned(whole, "ReplicaSet")) > 1:
            yield Broken(whole, "two ReplicaSets of one template")


def template(thing: Json) -> Json:
    """The pod template without the hash that the controller adds."""
    found = objects.section(thing, "spec", "template")
    head = dict(objects.meta(found))
    head["labels"] = {key: value for key, value in objects.section(head, "labels").items() if key != HASH}
    return {**found, "metadata": {key: value for key, value in head.items() if value}}


def missing(whole: Json, state: State) -> str:
    """What a Deployment lacks at rest: a ReplicaSet of its template that wants all pods, and no other that wants any.

    Where no pod can become ready, a rolling update can't come to its end; then only the first is asked.
    """
    if objects.spec(whole).get("paused"):
        return ""
    sets = state.owned(whole, "ReplicaSet")
    current = [it for it in sets if template(it) == template(whole)]
    if not current:
        return "no ReplicaSet of its template"
    if any(state.all("Node")):
        wanted = objects.spec(whole).get("replicas", 1)
        said = sum(objects.spec(it).get("replicas", 1) for it in current)
        others = sum(objects.spec(it).get("replicas", 1) for it in sets) - said
        return "" if (said, others) == (wanted, 0) else f"{said} pods of its template and {others} others wanted"
    return ""
