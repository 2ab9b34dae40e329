"""Values given from outside: `--param registry=localhost:5000`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from skel.language import ast
from skel.language.parser import parse
from skel.language.text import Source, Span

Outside = str | int | float | bool | None | list["Outside"] | dict[str, "Outside"]
Parameters = Mapping[str, Outside]


def outside_value(name: str, given: Outside, default: ast.Value | None) -> ast.Value | None:
    """The value of a parameter, None if it does not fit.

    A text is taken as it is where the default is a string or absent, and else read as the language would: `3` for a
    number, `["a"]` for a list. It must be of the kind of the default. Other values are taken as they are.
    """
    if not isinstance(given, str):
        return _value(json.dumps(given), name)
    source = Source(f"--param {name}", given)
    if default is None or (
        isinstance(default, ast.Literal) and (isinstance(default.value, str) or default.value is None)
    ):
        return ast.Literal(given, Span(source, 0, len(given)))
    value = _value(given, name)
    return value if value is not None and _kind(value) == _kind(default) else None


def _value(text: str, name: str) -> ast.Value | None:
    """The text read as a value."""
    prefix = "param $_ = "
    source = Source(f"--param {name}", f"{prefix}{text};")
    parsed = parse(source)
    match parsed.module.statements:
        case (ast.Param(default=value),) if not parsed.diagnostics:
            return value
        case _:
            return None


def _kind(value: ast.Value) -> str:
    if isinstance(value, ast.Literal):
        is_number = isinstance(value.value, int | float) and not isinstance(value.value, bool)
        return "number" if is_number else type(value.value).__name__
    return type(value).__name__
