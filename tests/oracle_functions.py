"""The naive interpreter's functions (`lower`, `concat`, `pseudonym`, ...) and the measures of Kubernetes values."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import re2

from skel.kube.duration import parse_duration
from skel.kube.image import parse_image
from skel.kube.quantity import parse_quantity
from skel.kube.version import version_key
from skel.language import ast

Json = Any


class _Missing:
    """No value: `null` is one."""


Missing: Final = _Missing()


def fresh(value: Json) -> Json:
    """A copy in which no two places share a map or an array."""
    if isinstance(value, dict):
        return {name: fresh(item) for name, item in value.items()}
    return [fresh(item) for item in value] if isinstance(value, list) else value


def call(function: ast.Call, values: list[Json], secret: bytes) -> Json:
    """The value of a function, Missing if it has none."""
    name = function.function
    first = values[0] if values else Missing
    if name in MEASURES:
        return first
    if name == "concat":
        return "".join(text(v) for v in values) if all(map(is_textual, values)) else Missing
    if name == "format":
        return formatted(first, values[1:]) if isinstance(first, str) and all(map(is_textual, values)) else Missing
    if name == "length":
        return len(first) if isinstance(first, str | list | dict) else Missing
    if name == "keys":
        return list(first) if isinstance(first, dict) else Missing
    if name == "join":
        if not (isinstance(first, list) and all(map(is_textual, first)) and isinstance(values[1], str)):
            return Missing
        return values[1].join(map(text, first))
    if name in ("hash", "pseudonym"):
        return stand_in(secret, *map(text, values)) if all(map(is_textual, values)) else Missing
    if not all(isinstance(v, str) for v in values):
        return Missing
    if name == "image":
        image = parse_image(str(first))
        return (image and getattr(image, function.field)) or Missing
    return TEXT_FUNCTIONS[name](*values)


MEASURES: Final[Mapping[str, Callable[[Any], Any]]] = {
    "quantity": parse_quantity,
    "duration": lambda value: parse_duration(value) if isinstance(value, str) else None,
    "version": lambda value: version_key(value) if isinstance(value, str) else None,
}


def stand_in(secret: bytes, whole: str, space: str | None = None) -> str:
    """`hash`, or `pseudonym` in a name space."""
    if space is None:
        return hashlib.sha256(whole.encode()).hexdigest()[:16]
    digest = hmac.new(secret, f"{space}\0{whole}".encode(), hashlib.sha256).digest()
    return f"{space}-{base64.b32encode(digest).decode().lower()[:10]}"


def is_textual(value: Json) -> bool:
    return isinstance(value, str) or is_number(value)


def text(value: str | float) -> str:
    return str(value)


def formatted(pattern: str, values: list[Json]) -> Json:
    """`{}` takes the next value, `{{` and `}}` are braces."""
    rest = iter(values)
    meanings: dict[str, Callable[[], str]] = {"{}": lambda: text(next(rest)), "{{": lambda: "{", "}}": lambda: "}"}
    try:
        return re.sub(r"\{\{|\}\}|\{\}", lambda found: meanings[found.group()](), pattern)
    except StopIteration:
        return Missing


def replaced(whole: str, pattern: str, new: str) -> str:
    """Every match; `$0` to `$9` are groups, a group that took no part is empty, `$$` is a dollar sign."""

    def expand(match: Any) -> str:
        def group(found: re.Match[str]) -> str:
            if found[1] == "$":
                return "$"
            number = int(found[1])
            return (match.group(number) or "") if number <= match.re.groups else ""

        return re.sub(r"\$([0-9$])", group, new)

    return str(re2.compile(pattern).sub(expand, whole))


TEXT_FUNCTIONS: Final[Mapping[str, Callable[..., Json]]] = {
    "lower": str.lower,
    "upper": str.upper,
    "trim": str.strip,
    "split": lambda whole, by: whole.split(by) if by else Missing,
    "replace": replaced,
}


def is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
