"""PersistentVolumeClaims, wherever their spec stands."""

from __future__ import annotations

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, Key, at, forbidden, invalid, required, unsupported
from skel.replay.dry.metadata import choice, complaints, selector
from skel.replay.dry.names import dns_subdomain
from skel.replay.dry.validation.quantities import amount

_MODES = frozenset({"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"})
_ONE_POD = "ReadWriteOncePod"
VOLUME_MODES = frozenset({"Block", "Filesystem"})
_KNOWN_SOURCES = frozenset({("", "PersistentVolumeClaim"), ("snapshot.storage.k8s.io", "VolumeSnapshot")})


def claim(found: Json, minor: int) -> Causes:
    """A PersistentVolumeClaim."""
    yield from at(claim_spec(found.get("spec") or {}, minor), "spec")


def claim_spec(spec: Json, minor: int) -> Causes:
    if not spec.get("accessModes"):
        yield required("accessModes", detail="at least 1 access mode is required")
    yield from selector(spec.get("selector"), "selector", values=minor >= 27)
    yield from access_modes(spec.get("accessModes") or (), minor)
    yield from _size((spec.get("resources") or {}).get("requests") or {})
    if name := spec.get("storageClassName"):
        yield from complaints(name, dns_subdomain(name), "storageClassName")
    yield from choice(spec, "volumeMode", VOLUME_MODES, empty=False)
    yield from _sources(spec)


def access_modes(modes: Json, minor: int) -> Causes:
    known = _MODES | {_ONE_POD} if minor >= 27 else _MODES
    for mode in modes:
        if mode not in known:
            yield unsupported("accessModes", value=mode, known=known)
    if _ONE_POD in modes and _MODES & set(modes):
        yield forbidden("accessModes", detail="may not use ReadWriteOncePod with other access modes")


def _size(requests: Json) -> Causes:
    if "storage" not in requests:
        yield required("resources", Key("storage"))
    elif amount(requests["storage"]) <= 0:
        yield invalid("resources", Key("storage"), value=requests["storage"], detail="must be greater than zero")


def _sources(spec: Json) -> Causes:
    # A source of another kind than these has always been dropped.
    source = spec.get("dataSource") or {}
    if (source.get("apiGroup", ""), source.get("kind")) in _KNOWN_SOURCES:
        yield from at(_source(source), "dataSource")
    if "dataSourceRef" in spec:
        yield from at(_source(spec["dataSourceRef"]), "dataSourceRef")


def _source(found: Json) -> Causes:
    for name in ("name", "kind"):
        if not found.get(name):
            yield required(name)
    if not found.get("apiGroup") and found.get("kind") != "PersistentVolumeClaim":
        yield invalid(value=found.get("kind", ""), detail="")
