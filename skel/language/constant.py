"""Values that are known before any run: names of keys, regular expressions and their replacements."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import MappingProxyType

from skel.language import ast

_HOLE = re.compile(r"\{\{|\}\}|\{\}")


def constant_text(value: ast.Value) -> str | None:
    """The text of a string, or of a function of constants; None if only a run can tell."""
    match value:
        case ast.Literal(value=str(text)):
            return text
        case ast.Literal(value=bool() | None):
            return None
        case ast.Literal(value=number):
            return str(number)
        case ast.Call(function=name, arguments=arguments, field="") if name in _FOLDED:
            texts = [constant_text(argument) for argument in arguments]
            known = [text for text in texts if text is not None]
            return _FOLDED[name](known) if len(known) == len(texts) else None
        case _:
            return None


def _format(texts: list[str]) -> str | None:
    if not texts:
        return None
    rest = iter(texts[1:])
    try:
        return _HOLE.sub(lambda hole: next(rest) if hole[0] == "{}" else hole[0][0], texts[0])
    except (StopIteration, RuntimeError):
        return None


def _of_one(function: Callable[[str], str]) -> Callable[[list[str]], str | None]:
    return lambda texts: function(texts[0]) if len(texts) == 1 else None


_FOLDED: MappingProxyType[str, Callable[[list[str]], str | None]] = MappingProxyType(
    {
        "concat": "".join,
        "format": _format,
        "lower": _of_one(str.lower),
        "trim": _of_one(str.strip),
        "upper": _of_one(str.upper),
    }
)
