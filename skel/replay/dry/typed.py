"""The quick way to know that an object is clean: the types of a kind for msgspec, which checks them in C.

What passes needs no decoding: every field is known, nothing is null, every value has the type of its field. Whatever
does not pass goes through `decode`, which knows the reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from skel.kube.fields import Field
from skel.patch.values import Json
from skel.replay.dry.gates import off_in

Type = Any
"""What msgspec takes as a type."""


class _Recursive(Exception):
    """A type that contains itself."""


def _text(pattern: str) -> Type:
    return Annotated[str, Meta(pattern=pattern)]


_INT32 = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
_INT64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
_QUANTITY = _text(r"^[+-]?([0-9]{1,60}(\.[0-9]{0,60})?|\.[0-9]{1,60})([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,3})?\Z")
# Days that every month has; others are looked at more closely.
_TIME = _text(r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?Z\Z")
_MICRO = _text(r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z\Z")
_BASE64 = _text(r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z")

MICRO_FIELDS = frozenset({"acquireTime", "renewTime", "eventTime", "lastObservedTime"})
_SCALARS: Mapping[str, Type] = MappingProxyType(
    {
        "string": str,
        "boolean": bool,
        "number": float,
        "int-or-string": str | _INT32,
        "quantity": _QUANTITY | int | float,
        # `creationTimestamp: null` stands in most templates, and nobody reads it.
        "time": _TIME | None,
        "byte": _BASE64,
    }
)


@cache
def type_of(field: Field) -> Type | None:
    """The type of a kind, None for one whose types contain themselves."""
    try:
        return _type(field, frozenset())
    except _Recursive:
        return None


def is_clean(wanted: Type | None, value: Json) -> bool:
    """Whether a value surely needs no decoding."""
    if wanted is None:
        return False
    try:
        msgspec.convert(value, wanted)
    except msgspec.ValidationError:
        return False
    return True


def _type(field: Field, above: frozenset[str]) -> Type:
    match field.type:
        case "object":
            if field.definition in above:
                raise _Recursive
            return _struct(field.definition, field.minor, above | {field.definition}, field)
        case "array" if field.items is not None:
            return list[_type(field.items, above)]  # type: ignore[misc]
        case "map" if field.values is not None and field.values.type != "any":
            return dict[str, _type(field.values, above)]  # type: ignore[misc]
        case "integer":
            return _INT32 if field.format == "int32" else _INT64
        case kind:
            return _SCALARS.get(kind, Any)


_KNOWN: dict[tuple[str, str], Type] = {}


def _struct(definition: str, minor: str, above: frozenset[str], field: Field) -> Type:
    known = _KNOWN.get((definition, minor))
    if known is not None:
        return known
    dropped = off_in(definition, int(minor.partition(".")[2]))
    fields, names = [], {}
    for number, (name, child) in enumerate(field.fields.items()):
        if name not in dropped:
            is_micro = name in MICRO_FIELDS and child.type == "time"
            wanted = _MICRO if is_micro else _type(child, above)
            fields.append((f"f{number}", wanted | UnsetType, UNSET))
            names[f"f{number}"] = name
    made = msgspec.defstruct(
        definition.rpartition(".")[2], fields, rename=names, forbid_unknown_fields=True, gc=False, kw_only=True
    )
    _KNOWN[definition, minor] = made
    return made
