"""Writing below a place: what is missing on the way is made, and each change is an RFC 6902 operation as well.

Every function changes the object in place, puts the operations that tell the same into the log, and says with its result
why nothing could be done: "" if it was done or there was nothing to do, else the reason of the skip.
"""

from __future__ import annotations

from skel.compiler.equality import same
from skel.compiler.frame import Place
from skel.language import ast
from skel.patch.operations import Add, Operation, Remove, Replace
from skel.patch.values import Json, copy_json

Token = str | int
Log = list[Operation]

BEYOND = "the index is beyond the end of the array"
KEY_ON_ARRAY = "an array has no keys"
INDEX_ON_MAP = "a map has no indexes"
NOT_AN_ARRAY = "the target is not an array"
NOT_A_MAP = "the target is not a map"
WHOLE_OBJECT = "the whole object can't be removed here (use `delete`)"


def tokens_of(steps: tuple[ast.Step, ...]) -> tuple[ast.Key | ast.Index, ...]:
    """The keys and indexes behind the last step that fans out: only they can be made."""
    tail: list[ast.Key | ast.Index] = []
    for step in reversed(steps):
        if not isinstance(step, ast.Key | ast.Index):
            break
        tail.append(step)
    return tuple(reversed(tail))


def token(step: ast.Key | ast.Index, node: Json) -> Token:
    """What the step asks of this node: `.0` is an index on an array and a key elsewhere."""
    if isinstance(step, ast.Index):
        return step.value
    if isinstance(node, list) and not step.quoted and step.name.isdigit():
        return int(step.name)
    return step.name


def descend(place: Place, steps: tuple[ast.Key | ast.Index, ...]) -> tuple[Place, tuple[ast.Key | ast.Index, ...]]:
    """As far as the path exists: the last place there is, and the steps that are left."""
    container, key, here = place
    for depth, step in enumerate(steps):
        node = container[key]
        wanted = token(step, node)
        if isinstance(node, dict) and isinstance(wanted, str) and wanted in node:
            container, key, here = node, wanted, (*here, wanted)
        elif isinstance(node, list) and isinstance(wanted, int) and -len(node) <= wanted < len(node):
            index = wanted if wanted >= 0 else len(node) + wanted
            container, key, here = node, index, (*here, index)
        else:
            return (container, key, here), steps[depth:]
    return (container, key, here), ()


def put(place: Place, steps: tuple[ast.Key | ast.Index, ...], value: Json, log: Log) -> str:
    """Write the value below the place, making what is missing."""
    found, rest = descend(place, steps)
    return make(found, rest, value, log) if rest else overwrite(found, value, log)


def overwrite(place: Place, value: Json, log: Log) -> str:
    container, key, here = place
    if not same(container[key], value):
        container[key] = value
        log.append(Replace(here, copy_json(value)))
    return ""


def make(place: Place, rest: tuple[ast.Key | ast.Index, ...], value: Json, log: Log) -> str:
    """Make the missing steps below an existing place; a null or a scalar there gives way."""
    container, key, here = place
    node = container[key]
    wanted = token(rest[0], node)
    if isinstance(node, dict):
        return _make_key(place, wanted, rest[1:], value, log)
    if isinstance(node, list):
        return _make_item(place, wanted, rest[1:], value, log)
    built, reason = _built(rest, value)
    if not reason:
        container[key] = built
        log.append(Replace(here, copy_json(built)))
    return reason


def _make_key(place: Place, wanted: Token, rest: tuple[ast.Key | ast.Index, ...], value: Json, log: Log) -> str:
    if isinstance(wanted, int):
        return INDEX_ON_MAP
    container, key, here = place
    built, reason = _built(rest, value)
    if not reason:
        container[key][wanted] = built
        log.append(Add((*here, wanted), copy_json(built)))
    return reason


def _make_item(place: Place, wanted: Token, rest: tuple[ast.Key | ast.Index, ...], value: Json, log: Log) -> str:
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


def _built(steps: tuple[ast.Key | ast.Index, ...], value: Json) -> tuple[Json, str]:
    """The value wrapped in the maps and arrays that the steps ask for."""
    for step in reversed(steps):
        if isinstance(step, ast.Key):
            value = {step.name: value}
        elif step.value == 0:
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


def append(place: Place, steps: tuple[ast.Key | ast.Index, ...], value: Json, log: Log) -> str:
    found, rest = descend(place, steps)
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


def merge(place: Place, steps: tuple[ast.Key | ast.Index, ...], value: Json, log: Log) -> str:
    """JSON Merge Patch (RFC 7386), told as single operations."""
    if not isinstance(value, dict):
        return NOT_A_MAP
    found, rest = descend(place, steps)
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
