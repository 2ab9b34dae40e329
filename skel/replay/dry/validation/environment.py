"""Environment variables of containers, and the downward API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, at, invalid, required, unsupported
from skel.replay.dry.metadata import complaints
from skel.replay.dry.names import config_key, dns_subdomain, environment_name, qualified_name
from skel.replay.dry.validation.quantities import amount
from skel.replay.dry.validation.remembering import remembered

RELAXED_NAMES = 32
VARIABLE_FIELDS = frozenset(
    {
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.podIP",
        "status.podIPs",
    }
)
FILE_FIELDS = frozenset(
    {"metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid"}
)
_RESOURCES = frozenset(
    f"{side}.{name}" for side in ("limits", "requests") for name in ("cpu", "memory", "ephemeral-storage")
)
_PAGES = ("limits.hugepages-", "requests.hugepages-")
_UNITS = tuple(
    amount(unit) for unit in ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"]
)
_CPU_UNITS = (amount("1m"), amount("1"))
_SUBSCRIPT = re.compile(r"(.*)\['(.*)'\]", re.DOTALL)
_LABELS = frozenset({"metadata.labels", "metadata.annotations"})
# Fields of a pod that the downward API can name at all.
_CONVERTIBLE = frozenset(
    {
        *VARIABLE_FIELDS,
        *FILE_FIELDS,
        "spec.restartPolicy",
        "spec.schedulerName",
        "status.phase",
        "status.nominatedNodeName",
        "spec.hostNetwork",
        "status.hostIPs",
    }
)


def environment(variables: Iterable[Json], minor: int) -> Causes:
    """Variables of a container, in a list at `env`."""
    for number, variable in enumerate(variables):
        # Most are a name and a value.
        name = variable.get("name")
        if name and "valueFrom" not in variable and not environment_name(name, relaxed=minor >= RELAXED_NAMES):
            continue
        for cause in _variable(variable, minor):
            yield cause.under(("env", number))


def _variable(variable: Json, minor: int) -> Causes:
    name = variable.get("name")
    if name:
        yield from complaints(name, environment_name(name, relaxed=minor >= RELAXED_NAMES), "name")
    else:
        yield required("name")
    source = variable.get("valueFrom")
    if source is not None:
        yield from at(_source(source, minor, has_value=bool(variable.get("value"))), "valueFrom")


@remembered
def _source(source: Json, minor: int, *, has_value: bool) -> Causes:
    given = [kind for kind in _SOURCES if kind in source]
    for kind in given:
        yield from at(_SOURCES[kind](source[kind], minor), kind)
    if not given:
        detail = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
        yield invalid(value="", detail=detail)
    elif has_value:
        yield invalid(value="", detail="may not be specified when `value` is not empty")
    elif len(given) > 1:
        yield invalid(value="", detail="may not have more than one field specified at a time")


def _variable_field(found: Json, minor: int) -> Causes:
    fields = VARIABLE_FIELDS | {"status.hostIPs"} if minor >= 29 else VARIABLE_FIELDS
    yield from field_of_pod(found, fields)


def field_of_pod(found: Json, fields: Iterable[str]) -> Causes:
    """A field of the pod itself, by path."""
    path = found.get("fieldPath", "")
    if not path:
        yield required("fieldPath")
    elif found.get("apiVersion", "v1") != "v1":
        yield invalid("fieldPath", value=path, detail="error converting fieldPath: unsupported pod version")
    elif match := _SUBSCRIPT.fullmatch(path):
        yield from _subscript(match[1], match[2])
    elif path not in _CONVERTIBLE:
        yield invalid("fieldPath", value=path, detail=f"error converting fieldPath: field label not supported: {path}")
    elif path not in fields:
        yield unsupported("fieldPath", value=path, known=fields)


def _subscript(path: str, key: str) -> Causes:
    if path not in _LABELS:
        yield invalid("fieldPath", value=path, detail="does not support subscript")
    else:
        yield from complaints(key, qualified_name(key.lower() if path == "metadata.annotations" else key))


def _variable_resource(found: Json, minor: int) -> Causes:
    del minor
    yield from resource_of_container(found, needs_container=False)


def resource_of_container(found: Json, *, needs_container: bool) -> Causes:
    """A request or limit of a container, by name."""
    name = found.get("resource", "")
    if needs_container and not found.get("containerName"):
        yield required("containerName")
    elif not name:
        yield required("resource")
    elif name not in _RESOURCES and not name.startswith(_PAGES):
        yield unsupported("resource", value=name, known=_RESOURCES)
    unit = amount(found.get("divisor", "0"))
    known = _CPU_UNITS if name.endswith(".cpu") else _UNITS
    if unit and unit not in known and (name in _RESOURCES or name.startswith(_PAGES)):
        yield invalid("divisor", value=name, detail="only some divisors are supported with this resource")


def _key(found: Json, minor: int) -> Causes:
    del minor
    name, key = found.get("name", ""), found.get("key", "")
    yield from complaints(name, dns_subdomain(name), "name")
    if key:
        yield from complaints(key, config_key(key), "key")
    else:
        yield required("key")


def _file(found: Json, minor: int) -> Causes:
    del minor
    for name in ("volumeName", "path", "key"):
        if not found.get(name):
            yield required(name)


_SOURCES: Mapping[str, Callable[[Json, int], Causes]] = MappingProxyType(
    {
        "fieldRef": _variable_field,
        "resourceFieldRef": _variable_resource,
        "configMapKeyRef": _key,
        "secretKeyRef": _key,
        "fileKeyRef": _file,
    }
)


def environment_from(sources: Iterable[Json], minor: int) -> Causes:
    """Whole ConfigMaps and Secrets as variables, in a list at `envFrom`."""
    for number, source in enumerate(sources):
        prefix = source.get("prefix")
        if prefix:
            found = environment_name(prefix, relaxed=minor >= RELAXED_NAMES)
            yield from complaints(prefix, found, "envFrom", number, "prefix")
        given = [kind for kind in ("configMapRef", "secretRef") if kind in source]
        for kind in given:
            yield from at(_reference(source[kind]), "envFrom", number, kind)
        if not given:
            yield invalid("envFrom", value="", detail="must specify one of: `configMapRef` or `secretRef`")
        elif len(given) > 1:
            yield invalid("envFrom", value="", detail="may not have more than one field specified at a time")


def _reference(found: Json) -> Causes:
    name = found.get("name")
    if not name:
        yield required("name")
    elif dns_subdomain(f"{name[:-1]}a" if name.endswith("-") and len(name) > 1 else name):
        yield from complaints(name, dns_subdomain(name), "name")
