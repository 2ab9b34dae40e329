"""Volumes inside a container."""

from __future__ import annotations

from collections.abc import Mapping

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, forbidden, invalid, not_found, required
from skel.replay.dry.metadata import choice
from skel.replay.dry.validation.paths import below_folder, no_backsteps

_PROPAGATIONS = frozenset({"Bidirectional", "HostToContainer", "None"})

_USUAL = frozenset({"name", "mountPath", "readOnly"})


def mounts(container: Json, known: Mapping[str, Json]) -> Causes:
    """Mounts and devices of a container; `known` are the good volumes of the pod."""
    devices = {device.get("name"): device.get("devicePath") for device in container.get("volumeDevices") or ()}
    places: set[str] = set()
    for number, mount in enumerate(container.get("volumeMounts") or ()):
        # Most are a name and a path, each once.
        if mount.keys() <= _USUAL and not devices and mount.get("name") in known:
            path = mount.get("mountPath")
            if path and path not in places:
                places.add(path)
                continue
        for cause in (*_mount(mount, known, places, devices), *_propagation(mount, container), *_inner_path(mount)):
            yield cause.under(("volumeMounts", number))
    yield from _devices(container, known)


def _mount(mount: Json, known: Mapping[str, Json], places: set[str], devices: Json) -> Causes:
    name, path = mount.get("name", ""), mount.get("mountPath", "")
    if not name:
        yield required("name")
    if name not in known:
        yield not_found("name", value=name)
    if not path:
        yield required("mountPath")
    if path in places:
        yield invalid("mountPath", value=path, detail="must be unique")
    places.add(path)
    if name in devices:
        yield invalid("name", value=name, detail="must not already exist in volumeDevices")
    if path in devices.values():
        yield invalid("mountPath", value=path, detail="must not already exist as a path in volumeDevices")


def _inner_path(mount: Json) -> Causes:
    path, expression = mount.get("subPath"), mount.get("subPathExpr")
    if path:
        yield from below_folder(path, "subPath")
    if expression:
        if path:
            yield invalid("subPathExpr", value=expression, detail="subPathExpr and subPath are mutually exclusive")
        yield from below_folder(expression, "subPathExpr")


def _propagation(mount: Json, container: Json) -> Causes:
    yield from choice(mount, "mountPropagation", _PROPAGATIONS, empty=False)
    privileged = (container.get("securityContext") or {}).get("privileged")
    if mount.get("mountPropagation") == "Bidirectional" and not privileged:
        detail = "Bidirectional mount propagation is available only to privileged containers"
        yield forbidden("mountPropagation", detail=detail)


def _devices(container: Json, known: Mapping[str, Json]) -> Causes:
    mounted = {mount.get("name"): mount.get("mountPath") for mount in container.get("volumeMounts") or ()}
    names: set[str] = set()
    paths: set[str] = set()
    for number, device in enumerate(container.get("volumeDevices") or ()):
        name, path = device.get("name", ""), device.get("devicePath", "")
        for cause in (*_device(name, path, known, mounted), *_once(name, path, names, paths)):
            yield cause.under(("volumeDevices", number))


def _device(name: str, path: str, known: Mapping[str, Json], mounted: Json) -> Causes:
    if not name:
        yield required("name")
    if name not in known:
        yield not_found("name", value=name)
    elif not {"persistentVolumeClaim", "ephemeral"} & known[name].keys():
        detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
        yield invalid("name", value=name, detail=detail)
    if not path:
        yield required("devicePath")
    yield from no_backsteps(path, "devicePath")
    if name in mounted:
        yield invalid("name", value=name, detail="must not already exist in volumeMounts")
    if path in mounted.values():
        yield invalid("devicePath", value=path, detail="must not already exist as a path in volumeMounts")


def _once(name: str, path: str, names: set[str], paths: set[str]) -> Causes:
    if name in names:
        yield invalid("name", value=name, detail="must be unique")
    if path in paths:
        yield invalid("devicePath", value=path, detail="must be unique")
    names.add(name)
    paths.add(path)
