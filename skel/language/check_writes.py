"""Checks of what is written where: fields whose type every kind of object shares."""

from __future__ import annotations

import re
from datetime import datetime

from skel.language import ast, codes
from skel.language.check_terms import unquoted
from skel.language.check_values import Found, must_be_string
from skel.language.functions import FUNCTIONS

STRING_MAPS = ("labels", "annotations")
STRINGS = (("kind",), ("apiVersion",), ("metadata", "name"), ("metadata", "namespace"), ("metadata", "generateName"))
MAPS = (("metadata",), ("metadata", "labels"), ("metadata", "annotations"))
TIMES = (("metadata", "creationTimestamp"), ("metadata", "deletionTimestamp"))

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})")


def check_write(path: ast.Path, value: ast.Value) -> Found:
    """A value at a path, as `modify` and `default` write it."""
    keys = _keys(path)
    if keys is None:
        return
    if (bare := unquoted(path, value)) is not None:
        yield bare
    yield from _at(keys, value)


def check_merge(path: ast.Path, value: ast.Value) -> Found:
    """A map merged into the one at a path."""
    keys = _keys(path)
    if keys is not None and isinstance(value, ast.MapValue):
        yield from _at(keys, _without_null(value))


def _without_null(value: ast.MapValue) -> ast.MapValue:
    """What a merge writes: null removes, in inner maps as well."""
    entries = ((key, _without_null(item) if isinstance(item, ast.MapValue) else item) for key, item in value.entries)
    kept = tuple(entry for entry in entries if not (isinstance(entry[1], ast.Literal) and entry[1].value is None))
    return ast.MapValue(kept, value.span)


def check_append(path: ast.Path) -> Found:
    keys = _keys(path)
    if keys in MAPS or keys in STRINGS or keys in TIMES or (keys is not None and _is_label(keys)):
        yield codes.FIELD_TYPE.at(path.span, f"`{'.'.join(keys)}` is no array", "nothing can be appended to it")


def _keys(path: ast.Path) -> tuple[str, ...] | None:
    """The keys of a path from an object or a pod template, None if it has other steps."""
    if not isinstance(path.root, ast.ObjectRoot) and path.root != ast.PodRoot(template=True):
        return None
    names = tuple(step.name if isinstance(step, ast.Key) else "" for step in path.steps)
    # In a label any key will do, one that a parameter gives as well.
    plain = all(isinstance(step, ast.Key) for step in path.steps[:2]) and all(
        isinstance(step, ast.Key | ast.NamedKey | ast.AnyKey) for step in path.steps[2:]
    )
    return names if plain else None


def _at(keys: tuple[str, ...], value: ast.Value) -> Found:
    if _is_label(keys):
        if _never(value, "string"):
            what = "a label" if keys[1] == "labels" else "an annotation"
            yield must_be_string(value, what, codes.LABEL_TYPE)
    elif keys in STRINGS:
        if _never(value, "string"):
            yield must_be_string(value, f"`{'.'.join(keys)}`", codes.FIELD_TYPE)
    elif keys in MAPS or not keys:
        yield from _map(keys, value)
    elif keys in TIMES:
        yield from _time(keys, value)


def _is_label(keys: tuple[str, ...]) -> bool:
    return len(keys) == 3 and keys[0] == "metadata" and keys[1] in STRING_MAPS


def _map(keys: tuple[str, ...], value: ast.Value) -> Found:
    if isinstance(value, ast.MapValue):
        for key, item in value.entries:
            yield from _at((*keys, key), item)
    elif keys and not isinstance(value, ast.Path) and not (isinstance(value, ast.Literal) and value.value is None):
        yield codes.FIELD_TYPE.at(value.span, f"`{'.'.join(keys)}` is a map", 'such as `{"app": "web"}`')


def _time(keys: tuple[str, ...], value: ast.Value) -> Found:
    if isinstance(value, ast.Literal) and value.value is None:
        return
    form = 'times are written as "2024-02-29T12:00:00Z" (RFC 3339)'
    if _never(value, "string"):
        yield codes.TIMESTAMP.at(value.span, "this is no time", form)
    elif isinstance(value, ast.Literal) and isinstance(value.value, str) and not _is_time(value.value):
        message = f"`{value.value}` is no time"
        yield codes.TIMESTAMP.at(value.span, message, form)


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _never(value: ast.Value, wanted: str) -> bool:
    """Whether the value is known to be of another type, whatever the object."""
    match value:
        case ast.Literal(value=literal):
            return not isinstance(literal, str)
        case ast.ListValue() | ast.MapValue() | ast.TimeValue():
            return True
        case ast.Call(function=name) if name in FUNCTIONS:
            return FUNCTIONS[name].gives not in (wanted, "measure")
        case _:
            return False
