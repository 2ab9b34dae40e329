"""HorizontalPodAutoscalers and PodDisruptionBudgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, at, each, forbidden, invalid, required, unsupported
from skel.replay.dry.metadata import choice, complaints, selector
from skel.replay.dry.names import dns_label, path_segment
from skel.replay.dry.validation.quantities import amount, container_resource_name
from skel.replay.dry.validation.workloads import at_most_all, int_or_percent

_TARGET_HAS_GROUP = 34
_TARGETS = frozenset({"Utilization", "Value", "AverageValue"})


def autoscaler(found: Json, minor: int) -> Causes:
    """autoscaling/v2 and v2beta2."""
    yield from at(_scaled(found.get("spec") or {}, minor, has_metrics=True), "spec")


def simple_autoscaler(found: Json, minor: int) -> Causes:
    """autoscaling/v1: one target, the share of CPU. What else there is stands in annotations."""
    spec = found.get("spec") or {}
    yield from at(_scaled(spec, minor, has_metrics=False), "spec")
    share = spec.get("targetCPUUtilizationPercentage")
    if share is not None and share < 1:
        steps = ("spec", "metrics", 0, "resource", "target", "averageUtilization")
        yield invalid(*steps, value=share, detail="must be greater than 0")


def beta_autoscaler(found: Json, minor: int) -> Causes:
    """autoscaling/v2beta1: the targets of metrics stand beside what they are targets of."""
    spec = found.get("spec") or {}
    metrics = [_as_v2(metric) for metric in spec.get("metrics") or ()]
    yield from at(_scaled({**spec, "metrics": metrics}, minor, has_metrics=True), "spec")


def _as_v2(metric: Json) -> Json:
    return {name: _SOURCES_AS_V2[name](value) if name in _SOURCES_AS_V2 else value for name, value in metric.items()}


def _beta_resource(source: Json) -> Json:
    share, value = source.get("targetAverageUtilization"), source.get("targetAverageValue")
    target: Json = {"type": "Utilization" if share is not None else "AverageValue"}
    target |= {} if share is None else {"averageUtilization": share}
    target |= {} if value is None else {"averageValue": value}
    return {**source, "target": target}


def _beta_metric(source: Json) -> Json:
    value = source.get("targetValue")
    average = source.get("targetAverageValue", source.get("averageValue"))
    target: Json = {"type": "AverageValue" if value is None else "Value"}
    # A value that must be there is zero if it is not.
    target |= {} if value is None else {"value": value}
    target |= {} if average is None else {"averageValue": average}
    return {
        **source,
        "metric": {"name": source.get("metricName", "")},
        "target": target,
        "describedObject": source.get("target") or {},
    }


_SOURCES_AS_V2: Mapping[str, Callable[[Json], Json]] = MappingProxyType(
    {
        "resource": _beta_resource,
        "containerResource": _beta_resource,
        "pods": _beta_metric,
        "external": _beta_metric,
        "object": _beta_metric,
    }
)


def _scaled(spec: Json, minor: int, *, has_metrics: bool) -> Causes:
    least, most = spec.get("minReplicas", 1), spec.get("maxReplicas", 0)
    if least < 1:
        yield invalid("minReplicas", value=least, detail="must be greater than or equal to 1")
    if most < 1:
        yield invalid("maxReplicas", value=most, detail="must be greater than 0")
    if most < least:
        yield invalid("maxReplicas", value=most, detail="must be greater than or equal to `minReplicas`")
    yield from at(_reference(spec.get("scaleTargetRef") or {}), "scaleTargetRef")
    yield from _target_group(spec.get("scaleTargetRef") or {}, minor)
    if has_metrics:
        yield from each("metrics", spec.get("metrics") or (), lambda metric: _metric(metric, minor))
        for way in ("scaleUp", "scaleDown"):
            yield from at(_rules(spec.get("behavior") or {}, way), "behavior", way)


def _target_group(target: Json, minor: int) -> Causes:
    """A ReplicationController alone may be scaled without a group: no other kind of the core group can be scaled."""
    version = target.get("apiVersion", "")
    if minor >= _TARGET_HAS_GROUP and target.get("kind") != "ReplicationController" and not _has_group(version):
        yield invalid("scaleTargetRef", "apiVersion", value=version, detail="apiVersion must specify API group")
    yield from at(_group_version(target, minor), "scaleTargetRef")


def _has_group(version: str) -> bool:
    """`apps/v1`; not `v1`, nor `/v1`. What has two slashes is complained of as a whole."""
    return "/" in version.removeprefix("/")


def _group_version(reference: Json, minor: int) -> Causes:
    version = reference.get("apiVersion", "")
    if minor >= _TARGET_HAS_GROUP and version.count("/") > 1:
        yield invalid("apiVersion", value=version, detail=f"unexpected GroupVersion string: {version}")


def _reference(found: Json) -> Causes:
    for name in ("kind", "name"):
        if found.get(name):
            yield from complaints(found[name], path_segment(found[name]), name)
        else:
            yield required(name)


def _one_source(metric: Json) -> Causes:
    kind = metric.get("type", "")
    given = [name for name in _SOURCES if name in metric]
    if not kind:
        yield required("type", detail="must specify a metric source type")
    if kind not in _BY_TYPE:
        yield unsupported("type", value=kind, known=_BY_TYPE)
    elif _BY_TYPE[kind] not in given:
        yield required(_BY_TYPE[kind], detail="must populate information for the given metric source")
    for name in given if len(given) > 1 else ():
        if name != _BY_TYPE.get(kind):
            yield forbidden(name, detail="must populate the given metric source only")


def _metric(metric: Json, minor: int) -> Causes:
    given = [name for name in _SOURCES if name in metric]
    if "object" in given:
        described = metric["object"].get("describedObject") or {}
        yield from at(_group_version(described, minor), "object", "describedObject")
    if given:
        yield from at(_SOURCES[given[0]](metric[given[0]]), given[0])
    yield from _one_source(metric)


def _object(source: Json) -> Causes:
    yield from at(_reference(source.get("describedObject") or {}), "describedObject")
    yield from _named_target(source)
    target = source.get("target") or {}
    if "value" not in target and "averageValue" not in target:
        yield required("target", "averageValue", detail="must set either a target value or averageValue")


def _external(source: Json) -> Causes:
    yield from _named_target(source)
    target = source.get("target") or {}
    if "value" not in target and "averageValue" not in target:
        detail = "must set either a target value for metric or a per-pod target"
        yield required("target", "averageValue", detail=detail)
    if "value" in target and "averageValue" in target:
        detail = "may not set both a target value for metric and a per-pod target"
        yield forbidden("target", "value", detail=detail)


def _pods(source: Json) -> Causes:
    yield from _named_target(source)
    if "averageValue" not in (source.get("target") or {}):
        yield required("target", "averageValue", detail="must specify a positive target averageValue")


def _named_target(source: Json) -> Causes:
    name = (source.get("metric") or {}).get("name")
    if name:
        yield from complaints(name, path_segment(name), "metric", "name")
    else:
        yield required("metric", "name", detail="must specify a metric name")
    yield from at(_target(source.get("target") or {}), "target")


def _resource(source: Json) -> Causes:
    target = source.get("target") or {}
    if not source.get("name"):
        yield required("name", detail="must specify a resource name")
    yield from at(_target(target), "target")
    share, value = target.get("averageUtilization"), target.get("averageValue")
    if share is None and value is None:
        detail = "must set either a target raw value or a target utilization"
        yield required("target", "averageUtilization", detail=detail)
    if share is not None and value is not None:
        detail = "may not set both a target raw value and a target utilization"
        yield forbidden("target", "averageValue", detail=detail)


def _container(source: Json) -> Causes:
    if source.get("name"):
        yield from at(container_resource_name(source["name"]), "name")
    if source.get("container"):
        yield from complaints(source["container"], dns_label(source["container"]), "container")
    else:
        yield required("container", detail="must specify a container")
    yield from _resource(source)


def _target(target: Json) -> Causes:
    kind = target.get("type", "")
    if not kind:
        yield required("type", detail="must specify a metric target type")
    if kind not in _TARGETS:
        yield invalid("type", value=kind, detail="must be either Utilization, Value, or AverageValue")
    for name in ("value", "averageValue"):
        if name in target and amount(target[name]) <= 0:
            yield invalid(name, value=target[name], detail="must be positive")
    if target.get("averageUtilization", 1) < 1:
        yield invalid("averageUtilization", value=target["averageUtilization"], detail="must be greater than 0")


_SOURCES: Mapping[str, Callable[[Json], Causes]] = MappingProxyType(
    {"object": _object, "external": _external, "pods": _pods, "resource": _resource, "containerResource": _container}
)
_BY_TYPE = MappingProxyType(
    {
        "Object": "object",
        "External": "external",
        "Pods": "pods",
        "Resource": "resource",
        "ContainerResource": "containerResource",
    }
)


def _rules(behavior: Json, way: str) -> Causes:
    rules = behavior.get(way)
    if rules is None:
        return
    window = rules.get("stabilizationWindowSeconds", 0)
    if not 0 <= window <= 3600:
        yield invalid("stabilizationWindowSeconds", value=window, detail="must be less than or equal to 3600")
    yield from choice(rules, "selectPolicy", ("Max", "Min", "Disabled"))
    # Where none are given, the server fills in its own.
    if rules.get("policies") == []:
        yield required("policies", detail="must specify at least one Policy")
    yield from each("policies", rules.get("policies") or (), _scaling_policy)


def _scaling_policy(policy: Json) -> Causes:
    kind, period = policy.get("type", ""), policy.get("periodSeconds", 0)
    if kind not in {"Pods", "Percent"}:
        yield unsupported("type", value=kind, known=("Pods", "Percent"))
    if policy.get("value", 0) <= 0:
        yield invalid("value", value=policy.get("value", 0), detail="must be greater than zero")
    if period <= 0:
        yield invalid("periodSeconds", value=period, detail="must be greater than zero")
    if period > 1800:
        yield invalid("periodSeconds", value=period, detail="must be less than or equal to 1800")


def disruption_budget(found: Json, minor: int) -> Causes:
    spec = found.get("spec") or {}
    if "minAvailable" in spec and "maxUnavailable" in spec:
        yield invalid("spec", value=spec, detail="minAvailable and maxUnavailable cannot be both set")
    for name in ("minAvailable", "maxUnavailable"):
        if name in spec:
            yield from int_or_percent(spec[name], "spec", name)
            yield from at_most_all(spec[name], "spec", name)
    yield from selector(spec.get("selector"), "spec", "selector", values=minor >= 27)
    if minor >= 26:
        yield from at(choice(spec, "unhealthyPodEvictionPolicy", ("IfHealthyBudget", "AlwaysAllow")), "spec")
