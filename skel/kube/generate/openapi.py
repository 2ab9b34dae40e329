"""Reads an OpenAPI document (version 2, `swagger.json`) of Kubernetes down to the facts that are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from skel.kube.generate.facts import Definition, KindFact, MinorFacts, NotUnderstood

_GVK = "x-kubernetes-group-version-kind"
_PREFIX = re.compile(r"io\.k8s\.(?:.*\.)?([a-z0-9]+\.v[0-9a-z]+\.[A-Za-z0-9]+)")
_RESOURCE = re.compile(r"/apis?(?:/[^/]+)?/v[0-9a-z]+/(?P<namespaced>namespaces/\{namespace\}/)?(?P<rest>[^{].*)")
_PARAMETER = re.compile(r"/\{(?:name|path)\}")

# Definitions that write themselves as something else than their fields, which some minors list nevertheless.
_VALUES = {
    "JSON": "any",
    "JSONSchemaPropsOrArray": "any",
    "JSONSchemaPropsOrBool": "any",
    "JSONSchemaPropsOrStringArray": "any",
    "IntOrString": "int-or-string",
    "Quantity": "quantity",
    "RawExtension": "{}any",
}
_FORMATS = {
    ("string", "byte"): "byte",
    ("string", "date-time"): "time",
    ("string", "int-or-string"): "int-or-string",
    ("integer", "int32"): "int32",
    ("integer", "int64"): "int64",
    ("number", "double"): "double",
    ("string", None): "string",
    ("boolean", None): "boolean",
}


def read(document: Mapping[str, Any]) -> MinorFacts:
    """The kinds that it serves, and all definitions that these reach. Raises NotUnderstood for a form not seen yet."""
    definitions = document["definitions"]
    roots = {_gvk(entry): name for name, found in definitions.items() for entry in found.get(_GVK, ())}
    kinds = dict(_kinds(document["paths"], roots))
    needed = _reached(definitions, (roots[gvk] for gvk in kinds if gvk in roots))
    fields = {_short(name): _definition(definitions, name) for name in needed if "properties" in definitions[name]}
    if len(fields) != sum("properties" in definitions[name] for name in needed):
        raise NotUnderstood("two definitions have the same short name")
    return MinorFacts(kinds, fields)


def _gvk(entry: Mapping[str, str]) -> tuple[str, str]:
    group = f"{entry['group']}/" if entry["group"] else ""
    return f"{group}{entry['version']}", entry["kind"]


def _kinds(
    paths: Mapping[str, Mapping[str, Any]], roots: Mapping[tuple[str, str], str]
) -> Iterator[tuple[tuple[str, str], KindFact]]:
    """Each kind with its resource. One that only hangs on others is their subresource: `pods/eviction`, `*/scale`."""
    found: dict[tuple[str, str], dict[str, bool]] = {}
    for path, operations in paths.items():
        match = _RESOURCE.fullmatch(path)
        if match is None or match["rest"].startswith("watch/"):
            continue
        resource = _PARAMETER.sub("", match["rest"])
        for operation in operations.values():
            if isinstance(operation, Mapping) and _GVK in operation:
                places = found.setdefault(_gvk(operation[_GVK]), {})
                places[resource] = places.get(resource, False) or match["namespaced"] is not None
    for gvk, places in sorted(found.items()):
        root = roots.get(gvk)
        yield gvk, _kind(places, _short(root) if root else "")


def _kind(places: Mapping[str, bool], definition: str) -> KindFact:
    for resource, namespaced in sorted(places.items()):
        if "/" not in resource:
            return KindFact(resource, namespaced, definition)
    parts = {resource.partition("/")[2] for resource in places}
    if len(parts) > 1:
        raise NotUnderstood(f"one kind for the subresources {sorted(places)}")
    resource = min(places) if len(places) == 1 else f"*/{min(parts)}"
    return KindFact(resource, any(places.values()), definition)


def _short(name: str) -> str:
    """`core.v1.Pod` for `io.k8s.api.core.v1.Pod`."""
    match = _PREFIX.fullmatch(name)
    if match is None:
        raise NotUnderstood(f"the name of definition {name}")
    return match[1]


def _reached(definitions: Mapping[str, Any], roots: Iterable[str]) -> list[str]:
    seen = dict.fromkeys(roots)
    queue = list(seen)
    for name in queue:
        for reference in _references(definitions[name]):
            if reference not in seen and _value_name(reference) is None:
                seen[reference] = None
                queue.append(reference)
    return sorted(seen)


def _references(node: Any) -> Iterator[str]:
    match node:
        case {"$ref": str(reference)}:
            yield reference.removeprefix("#/definitions/")
        case dict():
            for child in node.values():
                yield from _references(child)
        case _:
            return


def _definition(definitions: Mapping[str, Any], name: str) -> Definition:
    found = definitions[name]
    required = frozenset(found.get("required", ()))
    return {
        key: " ".join((_type(definitions, field), *_flags(field, is_required=key in required)))
        for key, field in sorted(found["properties"].items())
    }


def _flags(field: Mapping[str, Any], *, is_required: bool) -> Iterator[str]:
    if is_required:
        yield "required"
    if kind := field.get("x-kubernetes-list-type"):
        keys = ",".join(field.get("x-kubernetes-list-map-keys", ()))
        yield f"list={kind}:{keys}" if keys else f"list={kind}"
    if strategy := field.get("x-kubernetes-patch-strategy"):
        key = field.get("x-kubernetes-patch-merge-key", "")
        yield f"patch={strategy}:{key}" if key else f"patch={strategy}"
    if field.get("x-kubernetes-map-type") == "atomic":
        yield "map=atomic"


def _type(definitions: Mapping[str, Any], field: Mapping[str, Any]) -> str:
    match field:
        case {"$ref": str(reference)}:
            return _referred(definitions, reference.removeprefix("#/definitions/"))
        case {"type": "array", "items": items}:
            return f"[]{_type(definitions, items)}"
        case {"type": "object", "additionalProperties": values}:
            return f"{{}}{_type(definitions, values)}"
        case {"type": "object"}:
            return "{}any"
        case {"type": str(kind)}:
            return _value(kind, field.get("format"))
        case _:
            return "any"


def _referred(definitions: Mapping[str, Any], name: str) -> str:
    if value := _value_name(name):
        return value
    found = definitions[name]
    if "properties" in found:
        return f"@{_short(name)}"
    return _type(definitions, found)


def _value_name(definition: str) -> str | None:
    return _VALUES.get(definition.rpartition(".")[2])


def _value(kind: str, form: str | None) -> str:
    try:
        return _FORMATS[kind, form]
    except KeyError:
        raise NotUnderstood(f"the type {kind} of format {form}") from None
