"""Security contexts of pods and containers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, at, duplicate, forbidden, invalid, required
from skel.replay.dry.metadata import choice, complaints
from skel.replay.dry.names import user_id
from skel.replay.dry.validation.paths import below_folder

_SYSCTL = re.compile(r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?", re.ASCII)
_LOCALHOST = "localhost/"
_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
# Fields that mean nothing on the other system.
_LINUX_POD = (
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
)
_LINUX_CONTAINER = (
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
)
_PROFILES = frozenset({"Localhost", "RuntimeDefault", "Unconfined"})


def container_security(found: Json) -> Causes:
    if not found:
        return
    yield from _ids(found, "runAsUser", "runAsGroup")
    yield from choice(found, "procMount", ("Default", "Unmasked"), empty=False)
    for name in ("seccompProfile", "appArmorProfile"):
        yield from at(_profile(found.get(name), name), name)
    if found.get("allowPrivilegeEscalation") is False:
        if found.get("privileged"):
            detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            yield invalid(value=found, detail=detail)
        if "CAP_SYS_ADMIN" in ((found.get("capabilities") or {}).get("add") or ()):
            detail = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            yield invalid(value=found, detail=detail)


def _ids(found: Json, *names: str) -> Causes:
    for name in names:
        if name in found:
            yield from complaints(found[name], user_id(found[name]), name)


def _profile(found: Json, name: str) -> Causes:
    if found is None:
        return
    kind, path = found.get("type", ""), found.get("localhostProfile")
    words = "seccomp" if name == "seccompProfile" else "AppArmor"
    if not kind:
        yield required("type", detail="type is required when seccompProfile is set")
    yield from choice(found, "type", _PROFILES)
    if kind == "Localhost":
        if path is None:
            yield required("localhostProfile", detail=f"must be set when {words} type is Localhost")
        elif name == "seccompProfile":
            yield from below_folder(path, "localhostProfile")
    elif path is not None:
        yield invalid("localhostProfile", value=path, detail=f"can only be set when {words} type is Localhost")


def pod_security(found: Json) -> Causes:
    if not found:
        return
    yield from _ids(found, "fsGroup", "runAsUser", "runAsGroup")
    for number, group in enumerate(found.get("supplementalGroups") or ()):
        yield from complaints(group, user_id(group), "supplementalGroups", number)
    yield from _sysctls(found.get("sysctls") or ())
    yield from choice(found, "fsGroupChangePolicy", ("OnRootMismatch", "Always"), empty=False)
    for name in ("seccompProfile", "appArmorProfile"):
        yield from at(_profile(found.get(name), name), name)


def _sysctls(sysctls: Iterable[Json]) -> Causes:
    names: set[str] = set()
    for number, sysctl in enumerate(sysctls):
        name = sysctl.get("name", "")
        if not name:
            yield required("sysctls", number, "name")
        elif len(name) > 253 or not _SYSCTL.fullmatch(name):
            yield invalid(
                "sysctls", number, "name", value=name, detail="must have at most 253 characters and match regex"
            )
        elif name in names:
            yield duplicate("sysctls", number, "name", value=name)
        names.add(name)


def annotated_security(annotations: Json, spec: Json) -> Causes:
    """Profiles that are given as annotations, as before there were fields."""
    for key, value in (annotations or {}).items():
        if key.startswith(_APPARMOR):
            yield from _apparmor(key, value, spec)
        elif key == _SECCOMP or key.startswith(_SECCOMP_CONTAINER):
            yield from _seccomp(key, value)


def _seccomp(key: str, value: str) -> Causes:
    if value.startswith(_LOCALHOST):
        yield from below_folder(value.removeprefix(_LOCALHOST), "annotations", key)
    elif value not in {"runtime/default", "docker/default", "unconfined"}:
        yield invalid("annotations", key, value=value, detail="must be a valid seccomp profile")


def _apparmor(key: str, value: str, spec: Json) -> Causes:
    name = key.removeprefix(_APPARMOR)
    containers = (*(spec.get("containers") or ()), *(spec.get("initContainers") or ()))
    if name not in {container.get("name") for container in containers}:
        yield invalid("annotations", key, value=name, detail="container not found")
    if value not in {"", "runtime/default", "unconfined"} and not value.startswith(_LOCALHOST):
        yield invalid("annotations", key, value=value, detail=f'invalid AppArmor profile name: "{value}"')


def system_fields(spec: Json) -> Causes:
    """Fields that contradict the operating system that a pod names."""
    system = (spec.get("os") or {}).get("name", "")
    if not system:
        yield required("os", "name", detail="cannot be empty")
    elif system not in {"linux", "windows"}:
        yield from at(choice(spec["os"], "name", ("linux", "windows")), "os")
    else:
        names = (_LINUX_POD, _LINUX_CONTAINER) if system == "windows" else (("windowsOptions",), ("windowsOptions",))
        yield from _not_on(system, spec, *names)


def _not_on(system: str, spec: Json, pod_names: Iterable[str], container_names: Iterable[str]) -> Causes:
    detail = f"cannot be set for a {system} pod"
    context = spec.get("securityContext") or {}
    yield from (forbidden("securityContext", name, detail=detail) for name in pod_names if name in context)
    if system == "windows":
        shared = [name for name in ("hostPID", "hostIPC") if spec.get(name)]
        shared += [name for name in ("shareProcessNamespace", "hostUsers") if name in spec]
        yield from (forbidden(name, detail=detail) for name in shared)
    for kind in ("containers", "initContainers"):
        for number, container in enumerate(spec.get(kind) or ()):
            inner = container.get("securityContext") or {}
            for name in container_names:
                if name in inner:
                    yield forbidden(kind, number, "securityContext", name, detail=detail)
