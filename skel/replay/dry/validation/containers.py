"""Containers of pods: plain ones, those that come before, and those that are added while a pod runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from skel.patch.values import Json
from skel.replay.dry.cause import Cause, Causes, at, duplicate, forbidden, invalid, not_found, required
from skel.replay.dry.metadata import choice, complaints
from skel.replay.dry.names import dns_label
from skel.replay.dry.validation.environment import environment, environment_from
from skel.replay.dry.validation.mounts import mounts
from skel.replay.dry.validation.ports import container_ports, host_port_conflicts
from skel.replay.dry.validation.probes import lifecycle, must_succeed_once, no_grace, probe
from skel.replay.dry.validation.quantities import requirements
from skel.replay.dry.validation.remembering import remembered
from skel.replay.dry.validation.security import container_security

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_LIFE = ("lifecycle", *_PROBES)
_SETTINGS = ("terminationMessagePolicy", "imagePullPolicy", "ports", "env", "envFrom")
_LIMITS = ("resources", "securityContext")
_PULL = frozenset({"Always", "IfNotPresent", "Never"})
_MESSAGES = frozenset({"File", "FallbackToLogsOnError"})
_NOT_EPHEMERAL = ("ports", "resources", *_PROBES, "lifecycle")


@dataclass(frozen=True, slots=True)
class Around:
    """What a container may refer to: the good volumes and the claims of its pod."""

    volumes: Mapping[str, Json]
    claims: frozenset[str]
    minor: int


def containers(spec: Json, around: Around) -> Causes:
    """All containers of a pod spec."""
    plain = spec.get("containers") or ()
    before = spec.get("initContainers") or ()
    if not plain:
        yield required("containers")
    yield from _all_plain(plain, around)
    yield from _all_before(before, plain, around)
    yield from _all_ephemeral(spec.get("ephemeralContainers") or (), (*plain, *before), around)


def _all_plain(plain: Iterable[Json], around: Around) -> Causes:
    names: set[str] = set()
    for number, container in enumerate(plain):
        for cause in (*_common(container, around), *_life(container, around.minor), *_unique(container, names)):
            yield cause.under(("containers", number))
        if container.get("restartPolicy") and around.minor < 35:
            yield forbidden("containers", number, "restartPolicy", detail="may not be set for non-init containers")
    yield from host_port_conflicts(plain, "containers")


def _all_before(before: Iterable[Json], plain: Iterable[Json], around: Around) -> Causes:
    names = {container.get("name", "") for container in plain}
    for number, container in enumerate(before):
        sidecar = container.get("restartPolicy") == "Always"
        life = _life(container, around.minor) if sidecar else _no_life(container)
        for cause in (*_common(container, around), *life, *_unique(container, names)):
            yield cause.under(("initContainers", number))
        yield from host_port_conflicts((container,), "initContainers")


def _all_ephemeral(found: Iterable[Json], others: Iterable[Json], around: Around) -> Causes:
    known = {container.get("name", "") for container in others}
    names = set(known)
    for number, container in enumerate(found):
        for cause in (*_common(container, around), *_unique(container, names), *_ephemeral(container, known)):
            yield cause.under(("ephemeralContainers", number))


def _ephemeral(container: Json, known: set[str]) -> Causes:
    target = container.get("targetContainerName")
    if target and target not in known:
        yield not_found("targetContainerName", value=target)
    for name in _NOT_EPHEMERAL:
        if container.get(name):
            yield forbidden(name, detail="cannot be set for an Ephemeral Container")
    for number, mount in enumerate(container.get("volumeMounts") or ()):
        for name in ("subPath", "subPathExpr"):
            if mount.get(name):
                yield forbidden("volumeMounts", number, name, detail="cannot be set for an Ephemeral Container")


def _unique(container: Json, names: set[str]) -> Causes:
    name = container.get("name")
    if name in names:
        yield duplicate("name", value=name)
    elif name:
        names.add(name)


def _common(container: Json, around: Around) -> Causes:
    name = container.get("name")
    if name:
        yield from complaints(name, dns_label(name), "name")
    else:
        yield required("name")
    if not container.get("image"):
        yield required("image")
    # With a new image comes a new container, whose parts are as they were.
    yield from _settings(_parts(container, _SETTINGS), around.minor)
    yield from mounts(container, around.volumes)
    yield from _limits(_parts(container, _LIMITS), around.claims)


def _parts(container: Json, names: Iterable[str]) -> Json:
    return {name: container[name] for name in names if name in container}


@remembered
def _settings(container: Json, minor: int) -> Causes:
    yield from choice(container, "terminationMessagePolicy", _MESSAGES)
    yield from choice(container, "imagePullPolicy", _PULL)
    yield from container_ports(container.get("ports") or ())
    yield from environment(container.get("env") or (), minor)
    yield from environment_from(container.get("envFrom") or (), minor)


@remembered
def _limits(container: Json, claims: frozenset[str]) -> Causes:
    yield from requirements(container.get("resources"), "resources", claims=claims)
    yield from at(container_security(container.get("securityContext")), "securityContext")


def _life(container: Json, minor: int) -> Iterable[Cause]:
    return _whole_life(_parts(container, _LIFE), minor)


@remembered
def _whole_life(container: Json, minor: int) -> Causes:
    yield from lifecycle(container.get("lifecycle"), "lifecycle")
    for name in _PROBES:
        yield from probe(container.get(name), minor, name)
    yield from must_succeed_once(container.get("livenessProbe"), "livenessProbe")
    yield from must_succeed_once(container.get("startupProbe"), "startupProbe")
    yield from no_grace(container.get("readinessProbe"), "readinessProbe")


def _no_life(container: Json) -> Causes:
    for name in _LIFE:
        if name in container:
            yield forbidden(name, detail="may not be set for init containers")


def trimmed_images(spec: Json) -> Causes:
    """Pods, unlike templates, have always wanted the name of an image without blanks around it."""
    for kind in ("containers", "initContainers"):
        for number, container in enumerate(spec.get(kind) or ()):
            image = container.get("image", "")
            if image != image.strip():
                detail = "must not have leading or trailing whitespace"
                yield invalid(kind, number, "image", value=image, detail=detail)
