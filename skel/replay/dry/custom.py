"""Custom resources, as the definitions in the cluster describe them: OpenAPI v3 schemas in structural form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from skel.lint.regex import compiled_regex
from skel.patch.values import Json, equal_json
from skel.replay.dry.cause import Cause, Causes, Steps, invalid, required

_META = frozenset({"apiVersion", "kind", "metadata"})
_PRESERVE = "x-kubernetes-preserve-unknown-fields"


@dataclass(frozen=True, slots=True)
class Custom:
    """A custom kind in one version. `has_rules`: it has validation rules in CEL, which are not run here."""

    kind: str
    namespaced: bool
    schema: Json
    has_rules: bool
    warning: str


def defined(clean: Json) -> Iterator[tuple[tuple[str, str], Custom]]:
    """The kinds that a clean CustomResourceDefinition (v1) defines, by apiVersion and resource."""
    spec = clean.get("spec") or {}
    names, group = spec.get("names") or {}, spec.get("group", "")
    for version in spec.get("versions") or ():
        if not version.get("served"):
            continue
        api_version = f"{group}/{version.get('name', '')}"
        kind = names.get("kind", "")
        schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
        usual = f"{api_version} {kind} is deprecated"
        warning = version.get("deprecationWarning", usual) if version.get("deprecated") else ""
        custom = Custom(kind, spec.get("scope") == "Namespaced", schema, _has_rules(schema), warning)
        yield (api_version, names.get("plural", "")), custom


def _has_rules(schema: Json) -> bool:
    todo = [schema]
    while todo:
        at = todo.pop()
        if isinstance(at, list):
            todo += at
        elif isinstance(at, dict):
            if at.get("x-kubernetes-validations"):
                return True
            todo += at.values()
    return False


def unknown_fields(schema: Json, value: Json) -> Iterator[Steps]:
    """Fields of an object that its schema does not have: the server drops them."""
    yield from _unknown(schema, value, root=True)


def _unknown(schema: Json, value: Json, *, root: bool = False) -> Iterator[Steps]:
    if not isinstance(schema, dict):
        return
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for number, item in enumerate(value):
            yield from _below(number, _unknown(schema["items"], item))
    if not isinstance(value, dict):
        return
    known, more = schema.get("properties") or {}, schema.get("additionalProperties")
    implied = _META if root or schema.get("x-kubernetes-embedded-resource") else frozenset()
    for name, item in value.items():
        if name in implied:
            continue
        if name in known:
            yield from _below(name, _unknown(known[name], item))
        elif isinstance(more, dict):
            yield from _below(name, _unknown(more, item))
        elif not more and not schema.get(_PRESERVE):
            yield (name,)


def _below(step: str | int, found: Iterator[Steps]) -> Iterator[Steps]:
    return ((step, *steps) for steps in found)


def departures(schema: Json, value: Json) -> Causes:
    """How an object departs from its schema, as the server words it."""
    inner = {**schema, "properties": {k: v for k, v in (schema.get("properties") or {}).items() if k not in _META}}
    needed = [name for name in schema.get("required") or () if name not in _META]
    yield from _value({**inner, "required": needed}, value, ())


def value_departures(schema: Json, value: Json) -> Causes:
    """How a value departs from the schema of its place."""
    yield from _value(schema, value, ())


def _value(schema: Json, value: Json, here: Steps) -> Causes:
    if not isinstance(schema, dict):
        return
    if value is None:
        # Where null is not allowed, the server drops it before it looks, if there is a default.
        if not schema.get("nullable") and "default" not in schema and schema.get("type"):
            yield _wrong(here, value, f"must be of type {schema['type']}")
        return
    if not _fits(schema, value):
        yield _wrong(here, value, f"must be of type {schema.get('type') or 'integer,string'}")
        return
    for keyword, check in _CHECKS.items():
        if keyword in schema:
            yield from check(schema[keyword], value, here)
    yield from _combined(schema, value, here)
    if isinstance(value, dict):
        yield from _object(schema, value, here)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for number, item in enumerate(value):
            yield from _value(schema["items"], item, (*here, number))


def _fits(schema: Json, value: Json) -> bool:
    if schema.get("x-kubernetes-int-or-string"):
        return isinstance(value, str) or _is_integer(value)
    check = _TYPES.get(schema.get("type", ""))
    return check is None or check(value)


def _is_integer(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1


_TYPES: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "object": lambda value: isinstance(value, dict),
        "array": lambda value: isinstance(value, list),
        "string": lambda value: isinstance(value, str),
        "boolean": lambda value: isinstance(value, bool),
        "integer": _is_integer,
        "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    }
)


def _object(schema: Json, value: Json, here: Steps) -> Causes:
    known, more = schema.get("properties") or {}, schema.get("additionalProperties")
    for name in schema.get("required") or ():
        if name not in value and "default" not in (known.get(name) or {}):
            yield required(*here, name)
    for name, item in value.items():
        if name in known:
            yield from _value(known[name], item, (*here, name))
        elif isinstance(more, dict):
            yield from _value(more, item, (*here, name))


def _combined(schema: Json, value: Json, here: Steps) -> Causes:
    for nested in schema.get("allOf") or ():
        yield from _value(nested, value, here)
    any_of, one_of = schema.get("anyOf"), schema.get("oneOf")
    if any_of and not _fitting(any_of, value, here):
        yield _wrong(here, value, "must validate at least one schema (anyOf)")
    if one_of and _fitting(one_of, value, here) != 1:
        yield _wrong(here, value, "must validate one and only one schema (oneOf)")
    if isinstance(schema.get("not"), dict) and not any(_value(schema["not"], value, here)):
        yield _wrong(here, value, "must not validate the schema (not)")


def _fitting(schemas: Json, value: Json, here: Steps) -> int:
    """How many of some schemas a value fits."""
    return sum(not any(_value(schema, value, here)) for schema in schemas)


def _wrong(here: Steps, value: Json, words: str) -> Cause:
    place = ".".join(str(step) for step in here)
    return invalid(*here, value=value, detail=f"{place} in body {words}")


def _enum(known: Json, value: Json, here: Steps) -> Causes:
    if isinstance(known, list) and not any(equal_json(item, value) for item in known):
        words = ", ".join(f'"{item}"' for item in known)
        text = f'Unsupported value: "{value}": supported values: {words}'
        yield Cause(here, "FieldValueNotSupported", text)


def _pattern(pattern: Json, value: Json, here: Steps) -> Causes:
    if isinstance(value, str) and not _matches(pattern, value):
        yield _wrong(here, value, f"should match '{pattern}'")


def _matches(pattern: Json, value: str) -> bool:
    program = compiled_regex(str(pattern))
    return program is None or program.search(value) is not None


def _length(low: bool, limit: Json, value: Json, here: Steps) -> Causes:
    if isinstance(value, str) and (len(value) < limit if low else len(value) > limit):
        yield _wrong(here, value, f"should be {'at least' if low else 'at most'} {limit} chars long")


def _count(kind: type[list[Any] | dict[str, Any]], low: bool, limit: Json, value: Json, here: Steps) -> Causes:
    if isinstance(value, kind) and (len(value) < limit if low else len(value) > limit):
        yield _wrong(here, value, f"should have {'at least' if low else 'at most'} {limit} items")


def _bound(low: bool, limit: Json, value: Json, here: Steps) -> Causes:
    if _TYPES["number"](value) and (value < limit if low else value > limit):
        words = "greater than or equal to" if low else "less than or equal to"
        yield _wrong(here, value, f"should be {words} {limit}")


def _multiple(step: Json, value: Json, here: Steps) -> Causes:
    if _TYPES["number"](value) and step and value % step:
        yield _wrong(here, value, f"should be a multiple of {step}")


Keyword = Callable[[Json, Json, Steps], Causes]
_CHECKS: Mapping[str, Keyword] = MappingProxyType(
    {
        "enum": _enum,
        "pattern": _pattern,
        "minLength": lambda limit, value, here: _length(True, limit, value, here),
        "maxLength": lambda limit, value, here: _length(False, limit, value, here),
        "minItems": lambda limit, value, here: _count(list, True, limit, value, here),
        "maxItems": lambda limit, value, here: _count(list, False, limit, value, here),
        "minProperties": lambda limit, value, here: _count(dict, True, limit, value, here),
        "maxProperties": lambda limit, value, here: _count(dict, False, limit, value, here),
        "minimum": lambda limit, value, here: _bound(True, limit, value, here),
        "maximum": lambda limit, value, here: _bound(False, limit, value, here),
        "multipleOf": _multiple,
    }
)
