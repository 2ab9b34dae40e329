"""CustomResourceDefinitions (apiextensions.k8s.io/v1) and the structure of their schemas."""

from __future__ import annotations

from collections.abc import Iterable

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, Key, at, duplicate, forbidden, invalid, required, unsupported
from skel.replay.dry.custom import value_departures
from skel.replay.dry.metadata import complaints
from skel.replay.dry.names import dns_1035_label, dns_subdomain
from skel.replay.dry.validation.webhooks import client, review_versions

_COLUMNS = frozenset({"integer", "number", "string", "boolean", "date"})
_FORMATS = frozenset({"int32", "int64", "float", "double", "byte", "date", "date-time", "password"})
_TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object"})
_NESTED = ("allOf", "anyOf", "oneOf")
_META = frozenset({"apiVersion", "kind", "metadata"})
_APPROVAL = "api-approved.kubernetes.io"
# What a value validation (allOf, anyOf, oneOf, not) must leave to the schema around it.
_NOT_NESTED = (
    "type",
    "additionalProperties",
    "default",
    "title",
    "description",
    "nullable",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
)


def definition(found: Json, minor: int) -> Causes:
    del minor
    meta, spec = found.get("metadata") or {}, found.get("spec") or {}
    names, group = spec.get("names") or {}, spec.get("group", "")
    if meta.get("name") != f"{names.get('plural', '')}.{group}":
        yield invalid("metadata", "name", value=meta.get("name", ""), detail='must be spec.names.plural+"."+spec.group')
    yield from at(_group(group), "spec", "group")
    if not spec.get("scope"):
        yield required("spec", "scope")
    elif spec["scope"] not in {"Cluster", "Namespaced"}:
        yield unsupported("spec", "scope", value=spec["scope"], known=("Cluster", "Namespaced"))
    yield from at(_names(names), "spec", "names")
    yield from at(_versions(spec.get("versions") or ()), "spec", "versions")
    if "conversion" in spec:
        yield from at(_conversion(spec["conversion"]), "spec", "conversion")
    if spec.get("preserveUnknownFields"):
        yield invalid(
            "spec",
            "preserveUnknownFields",
            value=True,
            detail="cannot set to true, set x-kubernetes-preserve-unknown-fields to true instead",
        )
    yield from _approval(meta, group)


def _approval(meta: Json, group: str) -> Causes:
    """Groups of Kubernetes itself need somebody who approved."""
    if group.endswith((".k8s.io", ".kubernetes.io")) or group in {"k8s.io", "kubernetes.io"}:
        value = (meta.get("annotations") or {}).get(_APPROVAL, "")
        if not value.startswith(("http", "unapproved")):
            detail = "protected groups must have approval annotation, see https://github.com/kubernetes/enhancements/pull/1111"
            yield required("metadata", "annotations", Key(_APPROVAL), detail=detail)


def _group(group: str) -> Causes:
    if not group:
        yield required()
    elif dns_subdomain(group):
        yield from complaints(group, dns_subdomain(group))
    elif "." not in group:
        yield invalid(value=group, detail="should be a domain with at least one dot")


def _names(names: Json) -> Causes:
    for name in ("plural", "kind"):
        if not names.get(name):
            yield required(name)
    for name in ("plural", "singular", "kind", "listKind"):
        value = names.get(name, "")
        if value:
            yield from complaints(
                value, dns_1035_label(value.lower() if name.lower().endswith("kind") else value), name
            )
    if names.get("kind") and names.get("kind") == names.get("listKind"):
        yield invalid("listKind", value=names["listKind"], detail="kind and listKind may not be the same")
    for name in ("shortNames", "categories"):
        for number, value in enumerate(names.get(name) or ()):
            yield from complaints(value, dns_1035_label(value), name, number)


def _versions(versions: Iterable[Json]) -> Causes:
    seen: set[str] = set()
    stored = 0
    for number, version in enumerate(versions):
        name = version.get("name", "")
        yield from complaints(name, dns_1035_label(name), number, "name")
        if name in seen:
            yield invalid(value=name, detail="must contain unique version names")
        seen.add(name)
        stored += bool(version.get("storage"))
        yield from at(_version(version), number)
    if stored != 1:
        yield invalid(value=sorted(seen), detail="must have exactly one version marked as storage version")


def _version(version: Json) -> Causes:
    schema = (version.get("schema") or {}).get("openAPIV3Schema")
    if schema is None:
        yield required("schema", "openAPIV3Schema", detail="schemas are required")
    else:
        yield from at(_root(schema), "schema", "openAPIV3Schema")
    warning = version.get("deprecationWarning")
    if warning is not None and not version.get("deprecated"):
        yield invalid("deprecationWarning", value=warning, detail="can only be set for deprecated versions")
    for number, column in enumerate(version.get("additionalPrinterColumns") or ()):
        yield from at(_column(column), "additionalPrinterColumns", number)
    scale = (version.get("subresources") or {}).get("scale")
    if scale is not None:
        yield from at(_scale(scale), "subresources", "scale")


def _scale(scale: Json) -> Causes:
    for name, prefix in (("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.")):
        path = scale.get(name, "")
        if not path:
            yield required(name)
        elif not path.startswith(prefix):
            yield invalid(name, value=path, detail=f"should be a json path under {prefix[:-1]}")


def _column(column: Json) -> Causes:
    if not column.get("name"):
        yield required("name")
    kind, form, path = column.get("type", ""), column.get("format"), column.get("jsonPath")
    if not kind:
        yield required("type", detail="must be one of boolean,date,integer,number,string")
    elif kind not in _COLUMNS:
        yield invalid("type", value=kind, detail="must be one of boolean,date,integer,number,string")
    if form and form not in _FORMATS:
        yield invalid("format", value=form, detail=f"must be one of {','.join(sorted(_FORMATS))}")
    if not path:
        yield required("JSONPath")
    elif not path.startswith("."):
        yield invalid("JSONPath", value=path, detail="is an invalid simple jsonPath that must start with a dot")


def _conversion(conversion: Json) -> Causes:
    strategy, webhook = conversion.get("strategy", ""), conversion.get("webhook")
    if not strategy:
        yield required("strategy")
    elif strategy not in {"None", "Webhook"}:
        yield unsupported("strategy", value=strategy, known=("None", "Webhook"))
    elif strategy == "None" and webhook is not None and webhook.get("clientConfig") is not None:
        yield forbidden("webhookClientConfig", detail="should not be set when strategy is not set to Webhook")
    elif strategy == "Webhook" and (webhook is None or webhook.get("clientConfig") is None):
        yield required("webhookClientConfig", detail="required when strategy is set to Webhook")
    elif strategy == "Webhook":
        yield from at(client(webhook["clientConfig"]), "webhookClientConfig")
        yield from at(review_versions(webhook.get("conversionReviewVersions") or ()), "conversionReviewVersions")


def _root(schema: Json) -> Causes:
    kind = schema.get("type")
    if not kind and not schema.get("x-kubernetes-preserve-unknown-fields"):
        yield required("type", detail="must not be empty at the root")
    elif kind and kind != "object":
        yield invalid("type", value=kind, detail="must be object at the root")
    if schema.get("nullable"):
        yield forbidden("nullable", detail="nullable cannot be true at the root")
    if schema.get("additionalProperties") is not None:
        yield forbidden("additionalProperties", detail="must not be used at the root")
    yield from _schema(schema)


def _schema(schema: Json) -> Causes:
    """A schema that says everything about the structure outside of allOf, anyOf, oneOf and not."""
    kind, items, properties = schema.get("type", ""), schema.get("items"), schema.get("properties") or {}
    if kind and kind not in _TYPES:
        yield unsupported("type", value=kind, known=_TYPES)
    if kind == "array" and items is None:
        yield required("items", detail="must be specified")
    if schema.get("uniqueItems"):
        detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield forbidden("uniqueItems", detail=detail)
    more = schema.get("additionalProperties")
    if properties and (isinstance(more, dict) or more is False):
        yield forbidden("additionalProperties", detail="additionalProperties and properties are mutual exclusive")
    yield from _extensions(schema)
    if "default" in schema:
        yield from at(value_departures(schema, schema["default"]), "default")
    for name in _NESTED:
        for number, nested in enumerate(schema.get(name) or ()):
            if not (name == "anyOf" and schema.get("x-kubernetes-int-or-string")):
                yield from at(_nested(nested), name, number)
    if isinstance(schema.get("not"), dict):
        yield from at(_nested(schema["not"]), "not")
    yield from _children(schema, items, properties, more)


def _children(schema: Json, items: Json, properties: Json, more: Json) -> Causes:
    if isinstance(items, dict):
        yield from at(_typed(items, "array items"), "items")
    elif isinstance(items, list):
        yield forbidden("items", detail="items must be a schema object and not an array")
    if isinstance(more, dict):
        yield from at(_typed(more, "object fields"), "additionalProperties")
    for name, child in properties.items():
        if name not in _META or not {"type", "properties"} >= set(child):
            yield from at(_typed(child, "object fields"), "properties", Key(name))
    for name in ("$ref", "definitions", "dependencies", "patternProperties"):
        if schema.get(name):
            yield forbidden(name, detail=f"{name} is not supported")


def _typed(schema: Json, where: str) -> Causes:
    open_ended = schema.get("x-kubernetes-int-or-string") or schema.get("x-kubernetes-preserve-unknown-fields")
    if not schema.get("type") and not open_ended:
        yield required("type", detail=f"must not be empty for specified {where}")
    yield from _schema(schema)


def _extensions(schema: Json) -> Causes:
    kind, list_type, map_type = (
        schema.get("type", ""),
        schema.get("x-kubernetes-list-type"),
        schema.get("x-kubernetes-map-type"),
    )
    if schema.get("x-kubernetes-preserve-unknown-fields") is False:
        yield invalid("x-kubernetes-preserve-unknown-fields", value=False, detail="must be true or undefined")
    if map_type is not None and kind != "object":
        yield invalid("type", value=kind, detail="must be object if x-kubernetes-map-type is specified")
    if map_type is not None and map_type not in {"atomic", "granular"}:
        yield unsupported("x-kubernetes-map-type", value=map_type, known=("atomic", "granular"))
    if list_type is not None and kind != "array":
        yield invalid("type", value=kind, detail="must be array if x-kubernetes-list-type is specified")
    if list_type is not None and list_type not in {"atomic", "set", "map"}:
        yield unsupported("x-kubernetes-list-type", value=list_type, known=("atomic", "set", "map"))
    yield from _list_map(schema, list_type)


def _list_map(schema: Json, list_type: str | None) -> Causes:
    keys = schema.get("x-kubernetes-list-map-keys") or []
    if keys and list_type != "map":
        yield required("x-kubernetes-list-type", detail="must be map if x-kubernetes-list-map-keys is non-empty")
    if list_type != "map":
        return
    if not keys:
        detail = "must not be empty if x-kubernetes-list-type is map"
        yield required("x-kubernetes-list-map-keys", detail=detail)
    items = schema.get("items")
    if not isinstance(items, dict):
        yield required("items", detail="must have a schema if x-kubernetes-list-type is map")
        return
    known = items.get("properties") or {}
    for number, key in enumerate(keys):
        if key not in known:
            yield invalid(
                "x-kubernetes-list-map-keys", value=keys, detail="entries must all be names of item properties"
            )
        elif not items.get("default") and "default" not in known[key] and key not in (items.get("required") or ()):
            detail = "this property must either have a default or be required"
            yield required("items", "properties", Key(key), "default", detail=detail)
        if key in keys[:number]:
            yield duplicate("x-kubernetes-list-map-keys", value=keys)


def _nested(schema: Json) -> Causes:
    if not isinstance(schema, dict):
        return
    for name in _NOT_NESTED:
        if schema.get(name):
            yield forbidden(name, detail="must be undefined to be structural")
    for name in _NESTED:
        for number, nested in enumerate(schema.get(name) or ()):
            yield from at(_nested(nested), name, number)
    for name, child in (schema.get("properties") or {}).items():
        yield from at(_nested(child), "properties", Key(name))
    for name in ("items", "not"):
        yield from at(_nested(schema.get(name)), name)
