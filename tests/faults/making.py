"""Short ways to say what is seen in etcd."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from skel.faults.model import Event, Revision, Violation
from skel.faults.oracles.jury import judge
from skel.faults.oracles.known import oracles

Thing = dict[str, Any]
See = tuple[Event, Thing]
_RESOURCES = {"Pod": "pods", "ReplicaSet": "replicasets", "Node": "nodes", "Job": "jobs"}


def thing(
    kind: str, name: str, spec: Thing | None = None, status: Thing | None = None, over: Thing | None = None
) -> Thing:
    """An object; `over` is its controller, the uid is made of kind and name."""
    metadata: Thing = {"name": name, "uid": f"{kind}-{name}", "generation": 1}
    if over is not None:
        head = over["metadata"]
        reference = {"kind": over["kind"], "name": head["name"], "uid": head["uid"], "controller": True}
        metadata["ownerReferences"] = [reference]
    return {"kind": kind, "metadata": metadata, "spec": spec or {}, "status": status or {}}


def pod(name: str, over: Thing | None = None, **spec: Any) -> Thing:
    return thing("Pod", name, spec, over=over)


def ready(it: Thing) -> Thing:
    return {**it, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}


def ended(it: Thing, phase: str = "Succeeded") -> Thing:
    return {**it, "status": {"phase": phase}}


def going(it: Thing) -> Thing:
    return {**it, "metadata": {**it["metadata"], "deletionTimestamp": "2024-01-01T00:00:00Z"}}


def with_spec(it: Thing, generation: int = 1, observed: int = 0, **spec: Any) -> Thing:
    head = {**it["metadata"], "generation": generation}
    return {**it, "metadata": head, "spec": {**it["spec"], **spec}, "status": {"observedGeneration": observed}}


def added(*things: Thing) -> list[See]:
    return [(Event.ADDED, it) for it in things]


def changed(*things: Thing) -> list[See]:
    return [(Event.MODIFIED, it) for it in things]


def deleted(*things: Thing) -> list[See]:
    return [(Event.DELETED, it) for it in things]


def revisions(seen: Iterable[See], step: int = 0) -> list[Revision]:
    return [
        Revision(number, step, float(number), event, _RESOURCES.get(it["kind"], it["kind"].lower() + "s"), it)
        for number, (event, it) in enumerate(seen, start=1)
    ]


def broken(oracle: str, *seen: list[See]) -> list[Violation]:
    """What one oracle says of a history."""
    return list(judge(oracles([oracle]), revisions([it for part in seen for it in part])))
