"""Amounts of resources, and the names of resources."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from skel.kube.quantity import parse_quantity
from skel.patch.values import Json
from skel.replay.dry.cause import Causes, Key, at, forbidden, invalid, required
from skel.replay.dry.metadata import complaints
from skel.replay.dry.names import qualified_name

_STANDARD_CONTAINER = frozenset({"cpu", "memory", "ephemeral-storage"})
_COUNTED = frozenset(
    {
        "pods",
        "services",
        "replicationcontrollers",
        "resourcequotas",
        "secrets",
        "configmaps",
        "persistentvolumeclaims",
        "services.nodeports",
        "services.loadbalancers",
    }
)
_AMOUNTS = frozenset(
    {
        "cpu",
        "memory",
        "ephemeral-storage",
        "requests.cpu",
        "requests.memory",
        "requests.ephemeral-storage",
        "limits.cpu",
        "limits.memory",
        "limits.ephemeral-storage",
    }
)
STANDARD_QUOTA = _COUNTED | _AMOUNTS | {"requests.storage"}
_STANDARD = STANDARD_QUOTA | {"storage"}
_PAGES = "hugepages-"
_DOMAIN = "kubernetes.io/"


@lru_cache(8192)
def amount(value: str | float) -> Decimal:
    """The number behind a quantity that was decoded."""
    return parse_quantity(value) or Decimal(0)


def is_page(name: str) -> bool:
    return name.startswith(_PAGES)


def _is_quota_page(name: str) -> bool:
    return name.startswith((_PAGES, f"requests.{_PAGES}"))


def is_native(name: str) -> bool:
    return "/" not in name or _DOMAIN in name


def _is_extended(name: str) -> bool:
    return not is_native(name) and not name.startswith("requests.") and not qualified_name(f"requests.{name}")


def may_overcommit(name: str) -> bool:
    return is_native(name) and not is_page(name)


def resource_name(name: str) -> Causes:
    """A resource anywhere: qualified, or one that everybody knows."""
    found = qualified_name(name)
    yield from complaints(name, found)
    if not found and "/" not in name and name not in _STANDARD and not _is_quota_page(name):
        yield invalid(value=name, detail="must be a standard resource type or fully qualified")


def container_resource_name(name: str) -> Causes:
    yield from resource_name(name)
    if "/" not in name:
        if name not in _STANDARD_CONTAINER and not is_page(name):
            yield invalid(value=name, detail="must be a standard resource for containers")
    elif not is_native(name) and not _is_extended(name):
        yield invalid(value=name, detail="doesn't follow extended resource name standard")


def quota_resource_name(name: str) -> Causes:
    yield from resource_name(name)
    if "/" not in name and name not in STANDARD_QUOTA and not _is_quota_page(name):
        yield invalid(value=name, detail="must be a standard resource for quota")


def amount_of(name: str, value: str | float) -> Causes:
    """An amount of a resource: not negative, and whole where the resource is counted."""
    number = amount(value)
    if number < 0:
        yield invalid(value=value, detail="must be greater than or equal to 0")
    if (name in _COUNTED or _is_extended(name)) and number != number.to_integral_value():
        yield invalid(value=value, detail="must be an integer")


def requirements(found: Json, *steps: str, claims: Iterable[str] = ()) -> Causes:
    """Requests and limits of a container."""
    if found:
        yield from at(_requirements(found, set(claims)), *steps)


def _requirements(found: Json, claims: set[str]) -> Causes:
    limits, requests = found.get("limits") or {}, found.get("requests") or {}
    yield from _amounts(limits, "limits")
    yield from _amounts(requests, "requests")
    for name, value in requests.items():
        yield from _within(name, value, limits)
    if any(map(is_page, (*limits, *requests))) and not {"cpu", "memory"} & {*limits, *requests}:
        yield forbidden(detail="HugePages require cpu or memory")
    yield from _claims(found.get("claims") or (), claims)


def _amounts(amounts: Json, side: str) -> Causes:
    for name, value in amounts.items():
        if name in _STANDARD_CONTAINER and amount(value) >= 0:
            continue
        for cause in (*container_resource_name(name), *amount_of(name, value), *_pages(name, value)):
            yield cause.under((side, Key(name)))


def _pages(name: str, value: str | float) -> Causes:
    if not is_page(name):
        return
    size = parse_quantity(name.removeprefix(_PAGES))
    if size is None or size <= 0 or amount(value) % size:
        yield invalid(value=value, detail=f"{value} is not positive integer multiple of {name}")


def _within(name: str, value: str | float, limits: Json) -> Causes:
    if name not in limits:
        if not may_overcommit(name):
            yield required("limits", detail="Limit must be set for non overcommitable resources")
    elif not may_overcommit(name) and amount(value) != amount(limits[name]):
        yield invalid("requests", value=value, detail=f"must be equal to {name} limit of {limits[name]}")
    elif amount(value) > amount(limits[name]):
        yield invalid("requests", value=value, detail=f"must be less than or equal to {name} limit of {limits[name]}")


def _claims(claims: Iterable[Json], known: set[str]) -> Causes:
    for number, claim in enumerate(claims):
        name = claim.get("name", "")
        if not name:
            yield required("claims", number)
        elif name not in known:
            yield invalid("claims", number, value=name, detail="must be one of the names in pod.spec.resourceClaims")
