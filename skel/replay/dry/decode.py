"""Reads JSON into the types of a kind, as the API server's decoder does.

What comes out is clean: nulls and unknown fields are gone, every value has the type of its field, so that validators
need no doubts. A decoder is compiled once for each definition of a minor.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from types import MappingProxyType

from skel.kube.fields import Field
from skel.kube.quantity import parse_quantity
from skel.patch.values import Json
from skel.replay.dry.cause import Step, Steps, path_text
from skel.replay.dry.gates import off_in
from skel.replay.dry.typed import MICRO_FIELDS


class Mismatch(Exception):
    """A value that does not fit into its field. Its place grows on the way up."""

    def __init__(self, found: str, wanted: str) -> None:
        super().__init__(found, wanted)
        self.found = found
        self.wanted = wanted
        self.place: Steps = ()

    def inside(self, step: Step) -> Mismatch:
        self.place = (step, *self.place)
        return self

    def __str__(self) -> str:
        return f"json: cannot unmarshal {self.found} into Go struct field {path_text(self.place)} of type {self.wanted}"


Unknown = list[Steps]
"""Fields that the kind does not have, in the order of the object."""

Read = Callable[[Json, Unknown], Json]
"""Gives the clean value of one that is not null. Raises Mismatch."""


class Form(Enum):
    """How a body came: as JSON, or as a manifest to apply, whose numbers are converted rather than parsed."""

    JSON = "json"
    APPLIED = "applied"


_TIME = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T\d\d?:[0-5]\d:[0-5]\d([.,]\d{1,40})?(Z|[+-]\d\d:[0-5]\d)", re.ASCII
)
_MICRO = re.compile(r".{19}\.\d{6}(Z|[+-]\d\d:\d\d)", re.ASCII)
_EXACT = 2.0**53
_LIMITS = MappingProxyType({"int32": 2**31, "int64": 2**63})
_ZERO: Mapping[str, Json] = MappingProxyType(
    {"string": "", "boolean": False, "integer": 0, "number": 0, "int-or-string": 0, "quantity": "0", "byte": ""}
)


@cache
def reader(field: Field, form: Form) -> Read:
    """The decoder of a field. It is made once; the fields of an object are looked up when it is first used."""
    match field.type:
        case "object":
            return _object(field, form)
        case "array" if field.items is not None:
            return _array(field.items, form)
        case "map" if field.values is not None and field.values.type != "any":
            return _map(field.values, form)
        case "integer" if form is Form.APPLIED:
            return _converted(field.format or "int64")
        case "integer":
            return _integer(field.format or "int64")
        case "int-or-string" if form is Form.APPLIED:
            return _converted_or_string
        case kind:
            return _SCALARS.get(kind, _any)


def _object(field: Field, form: Form) -> Read:
    children: dict[str, Read] = {}
    dropped = off_in(field.definition, int(field.minor.partition(".")[2] or 0))

    def read(value: Json, unknown: Unknown) -> Json:
        if type(value) is not dict:
            raise Mismatch(_name_of(value), field.definition)
        if not children:
            children.update(_children(field, form))
        clean = {}
        seen = len(unknown)
        for name, item in value.items():
            child = children.get(name)
            if child is None:
                unknown.append((name,))
                seen += 1
            elif item is not None:
                try:
                    clean[name] = child(item, unknown)
                except Mismatch as error:
                    raise error.inside(name) from None
                if len(unknown) != seen:
                    seen = _found_inside(unknown, seen, name)
        for name in dropped:
            clean.pop(name, None)
        return clean

    return read


def _children(field: Field, form: Form) -> Mapping[str, Read]:
    return {
        name: _micro_time if name in MICRO_FIELDS and child.type == "time" else reader(child, form)
        for name, child in field.fields.items()
    }


def _found_inside(unknown: Unknown, start: int, step: Step) -> int:
    for number in range(start, len(unknown)):
        unknown[number] = (step, *unknown[number])
    return len(unknown)


def _array(items: Field, form: Form) -> Read:
    child = reader(items, form)

    def read(value: Json, unknown: Unknown) -> Json:
        if type(value) is not list:
            raise Mismatch(_name_of(value), "[]" + (items.definition or items.type))
        clean = []
        seen = len(unknown)
        for number, item in enumerate(value):
            try:
                clean.append(zero(items) if item is None else child(item, unknown))
            except Mismatch as error:
                raise error.inside(number) from None
            if len(unknown) != seen:
                seen = _found_inside(unknown, seen, number)
        return clean

    return read


def _map(values: Field, form: Form) -> Read:
    child = reader(values, form)

    def read(value: Json, unknown: Unknown) -> Json:
        if type(value) is not dict:
            raise Mismatch(_name_of(value), "map[string]" + (values.definition or values.type))
        clean = {}
        for key, item in value.items():
            try:
                clean[key] = zero(values) if item is None else child(item, unknown)
            except Mismatch as error:
                raise error.inside(key) from None
        return clean

    return read


def zero(field: Field) -> Json:
    """What Go leaves in an item that is null."""
    match field.type:
        case "object" | "map":
            return {}
        case "array":
            return []
        case kind:
            return _ZERO.get(kind)


def _integer(size: str) -> Read:
    limit = _LIMITS[size]

    def read(value: Json, unknown: Unknown) -> Json:
        del unknown
        # 3.0 is no integer for a decoder of JSON.
        if type(value) is not int or not -limit <= value < limit:
            raise Mismatch(_name_of(value), size)
        return value

    return read


def _converted(size: str) -> Read:
    limit = _LIMITS[size]

    def read(value: Json, unknown: Unknown) -> Json:
        del unknown
        whole = int(value) if type(value) is float and abs(value) < _EXACT and value == value // 1 else value
        if type(whole) is not int or abs(whole) >= _LIMITS["int64"]:
            raise Mismatch(_name_of(value), size)
        # The conversion does not look whether a number fits: it wraps around.
        return (whole + limit) % (2 * limit) - limit

    return read


def _string(value: Json, unknown: Unknown) -> Json:
    del unknown
    if type(value) is not str:
        raise Mismatch(_name_of(value), "string")
    return value


def _boolean(value: Json, unknown: Unknown) -> Json:
    del unknown
    if type(value) is not bool:
        raise Mismatch(_name_of(value), "bool")
    return value


def _number(value: Json, unknown: Unknown) -> Json:
    del unknown
    if type(value) not in {int, float}:
        raise Mismatch(_name_of(value), "float64")
    return value


_read_int32 = _integer("int32")


def _int_or_string(value: Json, unknown: Unknown) -> Json:
    return value if type(value) is str else _read_int32(value, unknown)


def _converted_or_string(value: Json, unknown: Unknown) -> Json:
    whole = int(value) if type(value) is float and abs(value) < _EXACT and value == value // 1 else value
    return _int_or_string(whole, unknown)


def _quantity(value: Json, unknown: Unknown) -> Json:
    del unknown
    text = value.strip() if type(value) is str else value
    if type(text) is bool or parse_quantity(text) is None:
        raise Mismatch("a value that is no quantity", "resource.Quantity")
    return text


def _time(value: Json, unknown: Unknown) -> Json:
    del unknown
    if type(value) is not str or not _TIME.fullmatch(value) or not _is_day(value[:10]):
        raise Mismatch(_name_of(value), "v1.Time")
    return value


def _micro_time(value: Json, unknown: Unknown) -> Json:
    if type(value) is not str or not _MICRO.fullmatch(value):
        raise Mismatch(_name_of(value), "v1.MicroTime")
    return _time(value, unknown)


def _is_day(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - a day, no moment
    except ValueError:
        return text.startswith("0000-")
    return True


def _byte(value: Json, unknown: Unknown) -> Json:
    del unknown
    if type(value) is not str:
        raise Mismatch(_name_of(value), "[]uint8")
    try:
        b64decode(value.replace("\n", "").replace("\r", ""), validate=True)
    except ValueError:
        raise Mismatch("a text that is no base64", "[]uint8") from None
    return value


def _any(value: Json, unknown: Unknown) -> Json:
    del unknown
    return value


_SCALARS: Mapping[str, Read] = MappingProxyType(
    {
        "string": _string,
        "boolean": _boolean,
        "number": _number,
        "int-or-string": _int_or_string,
        "quantity": _quantity,
        "time": _time,
        "byte": _byte,
    }
)


def _name_of(value: Json) -> str:
    """What Go calls a JSON value."""
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case int():
            return "number"
        case float():
            return f"number {value}"
        case list():
            return "array"
        case _:
            return "object"
