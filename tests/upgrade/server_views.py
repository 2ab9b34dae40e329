"""What API servers make of objects: defaults and conversions of Kubernetes, told again in Python for the tests.

From pkg/apis/{extensions,apps,autoscaling,networking,policy}/*/{defaults,conversion}.go of Kubernetes 1.15 and 1.24.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

Manifest = dict[str, Any]

NONE = 2147483647
"""The greatest number of 32 bits: no limit."""

UNMATCHED = "pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match"

# By version: pods at a time, old ReplicaSets, deadline.
DEPLOYMENT: dict[str, tuple[int | str, int, int]] = {
    "extensions/v1beta1": (1, NONE, NONE),
    "apps/v1beta1": ("25%", 2, 600),
    "apps/v1beta2": ("25%", 10, 600),
    "apps/v1": ("25%", 10, 600),
}
FILLS_FROM_TEMPLATE = ("extensions/v1beta1", "apps/v1beta1")
WAITS_FOR_DELETION = ("extensions/v1beta1", "apps/v1beta1")


def workload(manifest: Manifest) -> Manifest:
    """A workload as a server shows it in apps/v1, whatever version it was sent in."""
    view: Manifest = without_nulls(deepcopy(manifest))
    api, spec, metadata = view["apiVersion"], view["spec"], view["metadata"]
    labels = spec["template"].get("metadata", {}).get("labels")
    if api in FILLS_FROM_TEMPLATE and labels:
        spec.setdefault("selector", {"matchLabels": labels})
        metadata["labels"] = metadata.get("labels") or labels
    if not metadata.get("labels"):
        metadata.pop("labels", None)
    match view["kind"]:
        case "Deployment":
            _deployment(api, spec, metadata)
        case "DaemonSet":
            _daemonset(api, spec, metadata)
        case "StatefulSet":
            _statefulset(api, spec)
    if view["kind"] != "DaemonSet":
        spec.setdefault("replicas", 1)
    return {**view, "apiVersion": "apps/v1"}


def _deployment(api: str, spec: Manifest, metadata: Manifest) -> None:
    step, kept, deadline = DEPLOYMENT[api]
    strategy = spec.setdefault("strategy", {})
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxSurge", step)
        rolling.setdefault("maxUnavailable", step)
    spec.setdefault("revisionHistoryLimit", kept)
    spec.setdefault("progressDeadlineSeconds", deadline)
    order = spec.pop("rollbackTo", None)
    if order is not None:
        _annotate(metadata, "deprecated.deployment.rollback.to", order.get("revision", 0))


def _daemonset(api: str, spec: Manifest, metadata: Manifest) -> None:
    strategy = spec.setdefault("updateStrategy", {})
    strategy["type"] = strategy.get("type") or ("OnDelete" if api in WAITS_FOR_DELETION else "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        strategy.setdefault("rollingUpdate", {}).setdefault("maxUnavailable", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    generation = spec.pop("templateGeneration", 0)
    if generation:
        _annotate(metadata, "deprecated.daemonset.template.generation", generation)


def _statefulset(api: str, spec: Manifest) -> None:
    strategy = spec.setdefault("updateStrategy", {})
    if not strategy.get("type"):
        strategy["type"] = "OnDelete" if api in WAITS_FOR_DELETION else "RollingUpdate"
        if strategy["type"] == "RollingUpdate":
            strategy["rollingUpdate"] = {}
    if strategy["type"] == "RollingUpdate" and "rollingUpdate" in strategy:
        strategy["rollingUpdate"].setdefault("partition", 0)
    spec.setdefault("podManagementPolicy", "OrderedReady")
    spec.setdefault("revisionHistoryLimit", 10)


def _annotate(metadata: Manifest, key: str, number: int) -> None:
    metadata.setdefault("annotations", {})[key] = str(number)


def without_nulls(value: Any) -> Any:
    """To a server a null is a field that is not there."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


# ---- Ingress ---------------------------------------------------------------------------------------------------------


def ingress(manifest: Manifest) -> Manifest:
    """An Ingress of a beta version in networking.k8s.io/v1."""
    view: Manifest = without_nulls(deepcopy(manifest))
    spec = view["spec"]
    if "backend" in spec:
        spec["defaultBackend"] = _backend(spec.pop("backend"))
    for rule in spec.get("rules", ()):
        for path in rule.get("http", {}).get("paths", ()):
            path.setdefault("pathType", "ImplementationSpecific")
            path["backend"] = _backend(path["backend"])
    return {**view, "apiVersion": "networking.k8s.io/v1"}


def _backend(old: Manifest) -> Manifest:
    new = {key: value for key, value in old.items() if key not in {"serviceName", "servicePort"}}
    service: Manifest = {}
    if "serviceName" in old:
        service["name"] = old["serviceName"]
    if "servicePort" in old:
        port = old["servicePort"]
        service["port"] = {"name" if isinstance(port, str) else "number": port}
    return {**new, "service": service} if service else new


# ---- HorizontalPodAutoscaler -----------------------------------------------------------------------------------------


def autoscaler(manifest: Manifest) -> Manifest:
    """A HorizontalPodAutoscaler autoscaling/v2beta1 in autoscaling/v2."""
    view: Manifest = without_nulls(deepcopy(manifest))
    for metric in view["spec"].get("metrics", ()):
        kind = metric["type"][0].lower() + metric["type"][1:]
        metric[kind] = _metric(kind, metric[kind])
    return {**view, "apiVersion": "autoscaling/v2"}


def _metric(kind: str, old: Manifest) -> Manifest:
    average = old.get("targetAverageValue", old.get("averageValue"))
    share, value = old.get("targetAverageUtilization"), old.get("targetValue")
    match kind:
        case "resource" | "containerResource":
            counts = "AverageValue" if share is None else "Utilization"
        case "object":
            counts = "Value" if average is None else "AverageValue"
        case "external":
            counts = "AverageValue" if value is None else "Value"
        case _:
            counts = "AverageValue"
    target = {"type": counts, "averageUtilization": share, "averageValue": average, "value": value}
    new: Manifest = {key: old[key] for key in ("name", "container") if key in old}
    if kind == "object":
        new["describedObject"] = old["target"]
    if "metricName" in old:
        new["metric"] = {"name": old["metricName"], "selector": old.get("selector", old.get("metricSelector"))}
    found: Manifest = without_nulls({**new, "target": target})
    return found


# ---- PodDisruptionBudget ---------------------------------------------------------------------------------------------


def is_protected(api_version: str, selector: Manifest | None, labels: dict[str, str]) -> bool:
    """Whether a budget with that selector counts a pod with these labels."""
    if selector is None:
        return False
    wanted = selector.get("matchLabels") or {}
    tests = selector.get("matchExpressions") or []
    if api_version == "policy/v1beta1" and not wanted and not tests:
        return False
    return all(labels.get(key) == value for key, value in wanted.items()) and all(_holds(t, labels) for t in tests)


def _holds(test: Manifest, labels: dict[str, str]) -> bool:
    match test["operator"]:
        case "Exists":
            return test["key"] in labels
        case "DoesNotExist":
            return test["key"] not in labels
        case "In":
            return labels.get(test["key"]) in test["values"]
        case _:
            return labels.get(test["key"]) not in test["values"]
