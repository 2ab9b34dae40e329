"""LimitRanges and ResourceQuotas."""

from __future__ import annotations

from collections.abc import Iterable

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, Key, at, duplicate, forbidden, invalid, required
from skel.replay.dry.metadata import complaints
from skel.replay.dry.names import qualified_name
from skel.replay.dry.validation.quantities import (
    STANDARD_QUOTA,
    amount,
    amount_of,
    container_resource_name,
    may_overcommit,
    quota_resource_name,
    resource_name,
)

_TYPES = frozenset({"Pod", "Container", "PersistentVolumeClaim"})
_SIDES = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")
# Which of two amounts must not be the greater one.
_ORDER = (
    ("min", "max"),
    ("min", "defaultRequest"),
    ("defaultRequest", "max"),
    ("defaultRequest", "default"),
    ("min", "default"),
    ("default", "max"),
)
_PLAIN_SCOPES = frozenset({"Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity"})
_SCOPES = _PLAIN_SCOPES | {"PriorityClass", "VolumeAttributesClass"}
_POD_RESOURCES = frozenset({"pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"})
_OPPOSITES = (frozenset({"BestEffort", "NotBestEffort"}), frozenset({"Terminating", "NotTerminating"}))


def limit_range(found: Json, minor: int) -> Causes:
    del minor
    seen: set[str] = set()
    for number, limit in enumerate((found.get("spec") or {}).get("limits") or ()):
        kind = limit.get("type", "")
        for cause in (*_type(kind, seen), *_limit(limit, kind)):
            yield cause.under(("spec", "limits", number))


def _type(kind: str, seen: set[str]) -> Causes:
    found = qualified_name(kind)
    yield from complaints(kind, found, "type")
    if not found and "/" not in kind and kind not in _TYPES:
        yield invalid("type", value=kind, detail="must be a standard limit type or fully qualified")
    if kind in seen:
        yield duplicate("type", value=kind)
    seen.add(kind)


def _limit(limit: Json, kind: str) -> Causes:
    check = container_resource_name if kind in {"Pod", "Container"} else resource_name
    for side in _SIDES:
        if kind == "Pod" and side in {"default", "defaultRequest"}:
            if limit.get(side):
                yield forbidden(side, detail="may not be specified when `type` is 'Pod'")
            continue
        for name in limit.get(side) or ():
            yield from at(check(name), side, Key(name))
    if kind == "PersistentVolumeClaim" and not any("storage" in (limit.get(side) or ()) for side in ("min", "max")):
        yield required("limits", detail="either minimum or maximum storage value is required, but neither was provided")
    names = {name for side in _SIDES for name in limit.get(side) or ()}
    for name in sorted(names):
        yield from _amounts(
            {side: amount(limit[side][name]) for side in _SIDES if name in (limit.get(side) or ())}, name
        )


def _amounts(given: Json, name: str) -> Causes:
    for less, more in _ORDER:
        if less in given and more in given and given[less] > given[more]:
            yield invalid(less, Key(name), value=str(given[less]), detail=f"{less} value is greater than {more} value")
    ratio = given.get("maxLimitRequestRatio")
    if ratio is None:
        return
    if ratio < 1:
        yield invalid("maxLimitRequestRatio", Key(name), value=str(ratio), detail=f"ratio {ratio} is less than 1")
    if given.get("min") and "max" in given and ratio > given["max"] / given["min"]:
        yield invalid("maxLimitRequestRatio", Key(name), value=str(ratio), detail="ratio is greater than max/min")
    if not may_overcommit(name) and given.get("default", 0) != given.get("defaultRequest", 0):
        yield invalid(
            "defaultRequest", Key(name), value=name, detail="default value must equal to defaultRequest value"
        )


def resource_quota(found: Json, minor: int) -> Causes:
    del minor
    spec = found.get("spec") or {}
    hard = spec.get("hard") or {}
    for name, value in hard.items():
        yield from at(quota_resource_name(name), "spec", "hard", Key(name))
        yield from at(amount_of(name, value), "spec", "hard", Key(name))
    yield from at(_scopes(spec.get("scopes") or (), hard), "spec", "scopes")
    expressions = (spec.get("scopeSelector") or {}).get("matchExpressions") or ()
    for expression in expressions:
        yield from at(_expression(expression), "spec", "scopeSelector", "matchExpressions")
    chosen = [expression.get("scopeName", "") for expression in expressions]
    yield from at(_scopes(chosen, hard), "spec", "scopeSelector", "matchExpressions")


def _scopes(scopes: Iterable[str], hard: Json) -> Causes:
    for scope in scopes:
        if scope not in _SCOPES:
            yield invalid(value=scope, detail="unsupported scope")
        for name in hard:
            if name in STANDARD_QUOTA and scope in _SCOPES and not _fits(scope, name):
                yield invalid(value=scope, detail="unsupported scope applied to resource")
    if any(pair <= set(scopes) for pair in _OPPOSITES):
        yield invalid(value=list(scopes), detail="conflicting scopes")


def _fits(scope: str, name: str) -> bool:
    return name == "pods" or (scope != "BestEffort" and name in _POD_RESOURCES)


def _expression(found: Json) -> Causes:
    scope, operator, values = found.get("scopeName", ""), found.get("operator", ""), found.get("values")
    if scope in _PLAIN_SCOPES and operator != "Exists":
        yield invalid("operator", value=operator, detail="must be 'Exist' when scope is any of the plain ones")
    match operator:
        case "In" | "NotIn":
            if not values:
                detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
                yield required("values", detail=detail)
        case "Exists" | "DoesNotExist":
            if values:
                detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
                yield invalid("values", value=values, detail=detail)
        case _:
            yield invalid("operator", value=operator, detail="not a valid selector operator")
