"""JSON Patch operations (RFC 6902) as small typed values, and their application in place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from msgspec import Struct

from skel.patch.pointer import PatchError, Pointer, format_pointer
from skel.patch.values import Json, copy_json, equal_json

__all__ = ["Add", "Copy", "Json", "Move", "Operation", "PatchError", "Remove", "Replace", "Test", "apply", "export"]


class Add(Struct, frozen=True, gc=False):
    """The value is put at the path: a new map key, a replaced one, or an item before that index."""

    path: Pointer
    value: Json


class Remove(Struct, frozen=True, gc=False):
    path: Pointer


class Replace(Struct, frozen=True, gc=False):
    path: Pointer
    value: Json


class Move(Struct, frozen=True, gc=False):
    source: Pointer
    path: Pointer


class Copy(Struct, frozen=True, gc=False):
    source: Pointer
    path: Pointer


class Test(Struct, frozen=True, gc=False):
    path: Pointer
    value: Json

    # The name is of RFC 6902; pytest must not take the class for a test case.
    __test__ = False


Operation = Add | Remove | Replace | Move | Copy | Test


def apply(document: Json, operations: Iterable[Operation]) -> Json:
    """Carry out the operations in place and return the root, which is another one only if an operation wrote to `()`.

    Values are copied in, so the operations stay as they are whatever later ones do to the document. Raises PatchError
    at the first operation that does not fit; the ones before it are then done.
    """
    for operation in operations:
        match operation:
            case Add(path, value):
                document = _add(document, path, copy_json(value))
            case Remove(path):
                _take(document, path)
            case Replace(path, value):
                document = _replace(document, path, copy_json(value))
            case Move(source, path):
                document = _move(document, source, path)
            case Copy(source, path):
                document = _add(document, path, copy_json(_get(document, source)))
            case Test(path, value):
                if not equal_json(_get(document, path), value):
                    raise PatchError(f"the value at {_shown(path)} is not the one expected")
    return document


def export(operations: Iterable[Operation]) -> list[dict[str, Json]]:
    """The operations in the form of RFC 6902, ready for `json.dumps`; the values are not copied."""
    return [_exported(operation) for operation in operations]


def _exported(operation: Operation) -> dict[str, Json]:
    path = format_pointer(operation.path)
    match operation:
        case Add(_, value):
            return {"op": "add", "path": path, "value": value}
        case Remove():
            return {"op": "remove", "path": path}
        case Replace(_, value):
            return {"op": "replace", "path": path, "value": value}
        case Move(source, _):
            return {"op": "move", "from": format_pointer(source), "path": path}
        case Copy(source, _):
            return {"op": "copy", "from": format_pointer(source), "path": path}
        case Test(_, value):
            return {"op": "test", "path": path, "value": value}


def _get(document: Json, path: Pointer) -> Json:
    node = document
    for token in path:
        try:
            node = node[_slot(node, token)]
        except (KeyError, IndexError):
            _missing(path)
    return node


def _slot(node: Json, token: str | int) -> str | int:
    """The subscript for a token in this node. Digits on a map are a key."""
    kind = type(node)
    if kind is dict:
        return token if type(token) is str else str(token)
    if kind is list and type(token) is int and token >= 0:
        return token
    raise PatchError(f"{token!r} is not a place in {_kind_of(node)}")


def _add(document: Json, path: Pointer, value: Json) -> Json:
    if not path:
        return value
    parent = _get(document, path[:-1])
    if type(parent) is not list:
        parent[_slot(parent, path[-1])] = value
        return document
    index = len(parent) if path[-1] == "-" else _slot(parent, path[-1])
    if not isinstance(index, int) or index > len(parent):
        raise PatchError(f"{_shown(path)} is beyond the end of the array, which has {len(parent)} items")
    parent.insert(index, value)
    return document


def _replace(document: Json, path: Pointer, value: Json) -> Json:
    if not path:
        return value
    parent = _get(document, path[:-1])
    slot = _slot(parent, path[-1])
    if slot not in parent if type(parent) is dict else int(slot) >= len(parent):
        _missing(path)
    parent[slot] = value
    return document


def _take(document: Json, path: Pointer) -> Json:
    if not path:
        raise PatchError("the whole document can't be removed")
    parent = _get(document, path[:-1])
    slot = _slot(parent, path[-1])
    try:
        return parent.pop(slot)
    except (KeyError, IndexError):
        _missing(path)


def _move(document: Json, source: Pointer, path: Pointer) -> Json:
    if source == path:
        _get(document, path)
        return document
    if path[: len(source)] == source:
        raise PatchError(f"{_shown(source)} can't be moved into itself, to {_shown(path)}")
    if not path:
        return _get(document, source)
    return _add(document, path, _take(document, source))


def _missing(path: Pointer) -> NoReturn:
    raise PatchError(f"there is nothing at {_shown(path)}")


def _shown(path: Pointer) -> str:
    return format_pointer(path) or "the root"


def _kind_of(node: Json) -> str:
    return _KINDS.get(type(node), "a number")


_KINDS = {dict: "a map", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
