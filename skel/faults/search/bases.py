"""What an exploration starts from: the workloads of a trace, small enough for many trials."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from skel.faults.errors import FaultError
from skel.faults.model import Scenario, Setup
from skel.kube.pod_template import BUILT_IN
from skel.patch.values import Json
from skel.trace.model import Trace

FEW = 3
"""Workloads of one trial: races need few, and each costs time."""
_MOST_REPLICAS = 5
_KINDS = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicationController")
_VERSIONS = {"v1", "apps/v1", "batch/v1"}
# These name objects that only the recorded cluster has; admission would refuse the pods.
_ELSEWHERE = (
    *("serviceAccountName", "serviceAccount", "priorityClassName", "priority", "runtimeClassName", "overhead"),
    *("imagePullSecrets", "nodeName", "schedulerName", "preemptionPolicy"),
)


def base_of_trace(file: str) -> Scenario:
    """All workloads of a trace, each as it was applied last, in one namespace. Raises FaultError and TraceError."""
    found = {(thing["kind"], thing["metadata"]["name"]): thing for thing in _workloads(Trace.open(file))}
    if not found:
        raise FaultError(f"{file}: there is no workload in this trace", f"looked for {', '.join(_KINDS)}")
    return Scenario(Path(file).name.partition(".")[0], (), Setup(manifests=tuple(found.values())))


def few_of(base: Scenario, seed: int, count: int = FEW) -> Scenario:
    """The same with some of its objects, chosen by the seed, in their order."""
    manifests = base.setup.manifests
    if len(manifests) <= count:
        return base
    chosen = sorted(Random(seed).sample(range(len(manifests)), count))  # noqa: S311  (to be repeated)
    return replace(base, setup=replace(base.setup, manifests=tuple(manifests[number] for number in chosen)))


def _workloads(trace: Trace) -> Iterator[Json]:
    for event in trace.events:
        for raw in event.applied_objs:
            thing = msgspec.msgpack.decode(raw)
            if _is_workload(thing):
                yield _stripped(thing)


def _is_workload(thing: Any) -> bool:
    return (
        isinstance(thing, dict)
        and thing.get("kind") in _KINDS
        and thing.get("apiVersion") in _VERSIONS
        and isinstance(thing.get("spec"), dict)
        and not (thing.get("metadata") or {}).get("ownerReferences")
    )


def _stripped(thing: Json) -> Json:
    """What a trial needs of an object; values of environment variables are left out, they may be secret."""
    spec = dict(thing["spec"])
    if isinstance(spec.get("replicas"), int):
        spec["replicas"] = min(spec["replicas"], _MOST_REPLICAS)
    made = {
        "apiVersion": thing["apiVersion"],
        "kind": thing["kind"],
        "metadata": {"name": thing["metadata"]["name"]},
        "spec": spec,
    }
    return _with_pods(made, BUILT_IN[thing["kind"]])


def _with_pods(node: Json, path: tuple[Any, ...]) -> Json:
    """A copy in which the pod template at the path asks for nothing that is not there."""
    if not isinstance(node, dict):
        return node
    if path:
        return {**node, path[0]: _with_pods(node.get(path[0]), path[1:])}
    spec = {key: value for key, value in (node.get("spec") or {}).items() if key not in _ELSEWHERE}
    for key in ("containers", "initContainers"):
        if key in spec:
            spec[key] = [_container(it) for it in spec[key]]
    return {**node, "spec": spec}


def _container(thing: Json) -> Json:
    kept = {key: value for key, value in thing.items() if key in {"name", "image", "resources", "ports"}}
    return {**kept, "image": kept.get("image") or "none"}
