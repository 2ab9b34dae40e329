"""Which values fit a field, as far as a program tells them."""

from __future__ import annotations

from types import MappingProxyType

from skel.kube.fields import Field
from skel.kube.quantity import parse_quantity
from skel.language import ast
from skel.language.functions import FUNCTIONS

KINDS = MappingProxyType(
    {
        "object": "a map",
        "map": "a map",
        "array": "a list",
        "string": "a string",
        "boolean": "true or false",
        "integer": "a whole number",
        "number": "a number",
        "int-or-string": "a whole number or a string",
        "quantity": "a quantity such as 500m or 1Gi",
        "time": 'a time such as "2024-01-31T12:00:00Z"',
        "byte": "base64",
    }
)
_TEXTS = frozenset({"string", "time", "byte", "int-or-string", "quantity", "any"})
_LISTS = frozenset({"array", "any"})
_MAPS = frozenset({"object", "map", "any"})


def fits(field: Field, value: ast.Value) -> bool:
    """Whether a value may stand in a field; true where only a run can tell."""
    match value:
        case ast.Literal(value=literal):
            return _fits(field, literal)
        case ast.ListValue():
            return field.type in _LISTS
        case ast.MapValue():
            return field.type in _MAPS
        case ast.Call(function=name) if name in FUNCTIONS:
            return _fits_call(field, FUNCTIONS[name].gives)
        case _:
            return True


def _fits(field: Field, literal: ast.Scalar) -> bool:
    match literal:
        case None:
            return True  # null stands for absent
        case bool():
            return field.type in {"boolean", "any"}
        case str():
            return field.type in _TEXTS and (field.type != "quantity" or parse_quantity(literal.strip()) is not None)
        case _:
            is_whole = literal == literal // 1
            return field.type in {"number", "quantity", "any"} or (
                field.type in {"integer", "int-or-string"} and is_whole
            )


def _fits_call(field: Field, gives: str) -> bool:
    match gives:
        case "string":
            return field.type in _TEXTS
        case "number":
            return field.type in {"integer", "number", "int-or-string", "quantity", "any"}
        case "list":
            return field.type in _LISTS
        case _:
            return True
