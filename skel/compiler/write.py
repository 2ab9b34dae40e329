"""Writing below a place: what is missing on the way is made, and each change is an RFC 6902 operation as well.

Every function changes the object in place, puts the operations that tell the same into the log, and says with its
result why nothing could be done: "" if it was done or there was nothing to do, else the reason of the skip.
"""

from __future__ import annotations

from skel.compiler.equality import same
from skel.compiler.frame import Place
from skel.compiler.walk import is_digit_key
from skel.language import ast
from skel.patch.operations import Add, Operation, Remove, Replace
from skel.patch.values import Json, copy_json

Log = list[Operation]

BEYOND = "the index is beyond the end of the array"
KEY_ON_ARRAY = "an array has no keys"
INDEX_ON_MAP = "a map has no indexes"
NOT_AN_ARRAY = "the target is not an array"
NOT_A_MAP = "the target is not a map"
WHOLE_OBJECT = "the whole object can't be removed here (use `delete`)"


class DigitKey(str):
    """`.0`: an index on an array, a key elsewhere."""

    __slots__ = ()


Token = str | int
"""A step that can be made where it is missing: a key, an index, or a DigitKey."""

Tokens = tuple[Token, ...]


def split(path: ast.Path) -> tuple[ast.Path, Tokens]:
    """The part of a target that must be there, and the keys and indexes behind it, which are made where missing.

    Nothing is made behind the last step that fans out; and behind `**` the first key must be there, or `**.image` would
    put an image into every map of the object.
    """
    end = len(path.steps)
    while end and isinstance(path.steps[end - 1], ast.Key | ast.Index):
        end -= 1
    if end and isinstance(path.steps[end - 1], ast.Deep) and end < len(path.steps):
        end += 1
    return ast.Path(path.root, path.steps[:end], path.span), tuple(map(_token, path.steps[end:]))


def _token(step: ast.Step) -> Token:
    if isinstance(step, ast.Index):
        return step.value
    assert isinstance(step, ast.Key)
    return DigitKey(step.name) if is_digit_key(step) else step.name


def _on(node: Json, token: Token) -> Token:
    """What the token asks of this node."""
    return int(token) if type(token) is DigitKey and isinstance(node, list) else token


def descend(place: Place, tokens: Tokens) -> tuple[Place, Tokens]:
    """As far as the path exists: the last place there is, and the tokens that are left."""
    container, key, here = place
    trail: list[Token] = []
    for token in tokens:
        node = container[key]
        if type(node) is dict:
            if token not in node or type(token) is int:
                break
            container, key = node, str(token)
        elif type(node) is list:
            index = _on(node, token)
            if not isinstance(index, int) or not -len(node) <= index < len(node):
                break
            container, key = node, index if index >= 0 else len(node) + index
        else:
            break
        trail.append(key)
    else:
        return (container, key, (*here, *trail)), ()
    return (container, key, (*here, *trail)), tokens[len(trail) :]


def put(place: Place, tokens: Tokens, value: Json, log: Log) -> str:
    """Write the value below the place, making what is missing."""
    found, rest = descend(place, tokens)
    return make(found, rest, value, log) if rest else overwrite(found, value, log)


def overwrite(place: Place, value: Json, log: Log) -> str:
    container, key, here = place
    if not same(container[key], value):
        container[key] = value
        log.append(Replace(here, copy_json(value)))
    return ""


def make(place: Place, rest: Tokens, value: Json, log: Log) -> str:
    """Make the missing steps below an existing place; a null or a scalar there gives way."""
    container, key, here = place
    node = container[key]
    wanted = _on(node, rest[0])
    if isinstance(node, dict):
        return _make_key(place, wanted, rest[1:], value, log)
    if isinstance(node, list):
        return _make_item(place, wanted, rest[1:], value, log)
    built, reason = _built(rest, value)
    if not reason:
        container[key] = built
        log.append(Replace(here, copy_json(built)))
    return reason


def _make_key(place: Place, wanted: Token, rest: Tokens, value: Json, log: Log) -> str:
    if isinstance(wanted, int):
        return INDEX_ON_MAP
    container, key, here = place
    built, reason = _built(rest, value)
    if not reason:
        container[key][str(wanted)] = built
        log.append(Add((*here, str(wanted)), copy_json(built)))
    return reason


def _make_item(place: Place, wanted: Token, rest: Tokens, value: Json, log: Log) -> str:
    if isinstance(wanted, str):
        return KEY_ON_ARRAY
    container, key, here = place
    items = container[key]
    if wanted != len(items):
        return BEYOND
    built, reason = _built(rest, value)
    if not reason:
        items.append(built)
        log.append(Add((*here, wanted), copy_json(built)))
    return reason


def _built(tokens: Tokens, value: Json) -> tuple[Json, str]:
    """The value wrapped in the maps and arrays that the tokens ask for."""
    for token in reversed(tokens):
        if isinstance(token, str):
            value = {str(token): value}
        elif token == 0:
            value = [value]
        else:
            return None, BEYOND
    return value, ""


def remove(place: Place, log: Log) -> str:
    container, key, here = place
    if not here:
        return WHOLE_OBJECT
    del container[key]
    log.append(Remove(here))
    return ""


def append(place: Place, tokens: Tokens, value: Json, log: Log) -> str:
    found, rest = descend(place, tokens)
    if rest:
        return make(found, rest, [value], log)
    container, key, here = found
    items = container[key]
    if items is None:
        return overwrite(found, [value], log)
    if not isinstance(items, list):
        return NOT_AN_ARRAY
    log.append(Add((*here, len(items)), copy_json(value)))
    items.append(value)
    return ""


def merge(place: Place, tokens: Tokens, value: Json, log: Log) -> str:
    """JSON Merge Patch (RFC 7386), told as single operations."""
    if not isinstance(value, dict):
        return NOT_A_MAP
    found, rest = descend(place, tokens)
    if rest:
        return make(found, rest, without_nulls(value), log)
    container, key, _ = found
    if container[key] is None:
        return overwrite(found, without_nulls(value), log)
    if not isinstance(container[key], dict):
        return NOT_A_MAP
    _merge_maps(found, value, log)
    return ""


def _merge_maps(place: Place, patch: dict[str, Json], log: Log) -> None:
    container, key, here = place
    node = container[key]
    for name, value in patch.items():
        if value is None:
            if name in node:
                remove((node, name, (*here, name)), log)
        elif name not in node:
            node[name] = without_nulls(value)
            log.append(Add((*here, name), copy_json(node[name])))
        elif isinstance(value, dict) and isinstance(node[name], dict):
            _merge_maps((node, name, (*here, name)), value, log)
        else:
            overwrite((node, name, (*here, name)), without_nulls(value), log)


def without_nulls(value: Json) -> Json:
    """What a merge patch makes of nothing: its nulls removed, in maps within maps."""
    if not isinstance(value, dict):
        return value
    return {name: without_nulls(item) for name, item in value.items() if item is not None}
