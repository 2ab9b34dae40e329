"""A manifest with the new names in it. What the rules of the pack can do is done by then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skel.kube.gvk import group_of
from skel.patch.values import Json
from skel.tools.anonymise.renames import Renames
from skel.tools.anonymise.vocabulary import is_own_group

_LABEL_MAPS = ("labels", "selector")
_LABEL_TEXTS = frozenset({"topologyKey", "topologyKeys", "matchLabelKeys", "mismatchLabelKeys"})
_GROUP_TEXTS = frozenset({"apiGroup", "apiGroups", "group"})
_DEFINITION = ("apiextensions.k8s.io", "CustomResourceDefinition")
_API_SERVICE = ("apiregistration.k8s.io", "APIService")
_OPEN_SCHEMA = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
# What a version of a definition needs to be served; the rest describes, or names fields.
_OF_A_VERSION = ("name", "served", "storage", "deprecated", "subresources")


def rewritten(manifest: dict[str, Json], renames: Renames) -> dict[str, Json]:
    """The manifest with new names for groups, kinds, keys of labels and fields of one's own."""
    header = (group_of(_text(manifest.get("apiVersion"))), _text(manifest.get("kind")))
    if header == _DEFINITION:
        return _definition(manifest, renames)
    if header == _API_SERVICE:
        manifest = _api_service(manifest, renames)
    field = renames.field if is_own_group(header[0]) else None
    result: dict[str, Json] = _Rewriter(renames, field).rewrite(manifest, "")
    return result


class _Rewriter:
    """`field` renames the fields of a kind of one's own, None for all others."""

    def __init__(self, renames: Renames, field: Callable[[str], str] | None) -> None:
        self.renames = renames
        self.field = field

    def rewrite(self, node: Json, parent: str) -> Json:
        """A value that stands under the key `parent`, or in a list there."""
        match node:
            case dict():
                return self._map(node, parent)
            case list():
                return [self.rewrite(item, parent) for item in node]
            case str():
                return self._string(node, parent)
            case _:
                return node

    def _map(self, node: dict[str, Any], parent: str) -> dict[str, Any]:
        rename = self._renaming(node, parent)
        result = {rename(key): self.rewrite(value, key) for key, value in node.items()}
        if isinstance(node.get("key"), str) and ("operator" in node or "effect" in node):
            result["key"] = self.renames.label(node["key"])
        if isinstance(node.get("kind"), str) and _names_own_group(node):
            result["kind"] = self.renames.kind(node["kind"])
        if _is_about_own_groups(node):
            result["resources"] = [self.renames.resource_of_group(word) for word in node["resources"]]
        return result

    def _renaming(self, node: dict[str, Any], parent: str) -> Callable[[str], str]:
        if parent.lower().endswith(_LABEL_MAPS) and all(isinstance(value, str) for value in node.values()):
            return self.renames.label
        field = self.field
        if field is None or parent in {"metadata", "annotations"}:
            return self.renames.key
        return lambda key: field(key) if self.renames.key(key) == key else self.renames.key(key)

    def _string(self, text: str, parent: str) -> str:
        if parent in _LABEL_TEXTS:
            return self.renames.label(text)
        if parent in _GROUP_TEXTS:
            return self.renames.group(text)
        if parent == "apiVersion":
            return self.renames.api_version(text)
        if parent == "fieldPath":
            return self.renames.field_path(text)
        if parent == "resource":
            return self.renames.resource(self.renames.text(text))
        if parent == "schedulerName" and text != "default-scheduler":
            return self.renames.name("name", text)
        return self.renames.text(text)


def _names_own_group(node: dict[str, Any]) -> bool:
    """Whether something beside `kind` says that it is one of one's own."""
    groups = [group_of(_text(node.get("apiVersion"))), _text(node.get("apiGroup")), _text(node.get("group"))]
    return any(map(is_own_group, groups))


def _is_about_own_groups(node: dict[str, Any]) -> bool:
    """Whether it is a rule of a role or a webhook, for groups of which any is one's own."""
    groups, resources = node.get("apiGroups"), node.get("resources")
    if not isinstance(groups, list) or not isinstance(resources, list):
        return False
    return all(isinstance(word, str) for word in (*groups, *resources)) and any(map(is_own_group, groups))


def _definition(manifest: dict[str, Json], renames: Renames) -> dict[str, Json]:
    """One's own definition without its schema; those of others stay, but for where they call their webhook."""
    spec = manifest.get("spec")
    if not isinstance(spec, dict) or not is_own_group(_text(spec.get("group"))):
        _redirect_webhook(spec, renames)
        return manifest
    names = _map_of(spec.get("names"))
    kind, plural = _text(names.get("kind")), _text(names.get("plural"))
    group = renames.domain(_text(spec["group"]))
    new_plural = renames.plural(kind, plural)
    metadata = {**_map_of(manifest.get("metadata")), "name": f"{new_plural}.{group}"}
    versions = [_version(version) for version in spec.get("versions") or [] if isinstance(version, dict)]
    new_names = {"plural": new_plural, "kind": renames.kind(kind), "listKind": f"{renames.kind(kind)}List"}
    new_names["singular"] = renames.kind(kind).lower()
    kept = {key: spec[key] for key in ("scope", "version", "subresources", "preserveUnknownFields") if key in spec}
    return {
        **{key: value for key, value in manifest.items() if key != "status"},
        "metadata": metadata,
        "spec": {"group": group, "names": new_names, **kept, **({"versions": versions} if versions else {})},
    }


def _version(version: dict[str, Json]) -> dict[str, Json]:
    return {**{key: version[key] for key in _OF_A_VERSION if key in version}, "schema": dict(_OPEN_SCHEMA)}


def _redirect_webhook(spec: Json, renames: Renames) -> None:
    """The rules leave definitions alone, but the service that is called has another name now."""
    if not isinstance(spec, dict):
        return
    config = _map_of(_map_of(_map_of(spec.get("conversion")).get("webhook")).get("clientConfig"))
    old = _map_of(_map_of(spec.get("conversion")).get("webhookClientConfig"))
    for service in (_map_of(config.get("service")), _map_of(old.get("service"))):
        _rename_service(service, renames)


def _api_service(manifest: dict[str, Json], renames: Renames) -> dict[str, Json]:
    _rename_service(_map_of(_map_of(manifest.get("spec")).get("service")), renames)
    return manifest


def _rename_service(service: dict[str, Json], renames: Renames) -> None:
    for key in ("name", "namespace"):
        if isinstance(service.get(key), str) and service[key] not in {"default", "kube-system"}:
            service[key] = renames.name("name", service[key])


def _map_of(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
