"""The operations of RFC 6902 on a tree, so that what moves or stays keeps its text."""

from __future__ import annotations

from collections.abc import Iterable

from skel.manifests.tree import Entry, Item, Leaf, Map, Reference, Row, Tree, fresh, plain
from skel.patch.operations import Add, Copy, Move, Operation, PatchError, Remove, Replace, Test
from skel.patch.pointer import Pointer, format_pointer
from skel.patch.values import Json, equal_json


def change(root: Tree, operations: Iterable[Operation]) -> Tree:
    """Carry out the operations in place and return the root. Raises PatchError."""
    for operation in operations:
        match operation:
            case Add(path, value) | Replace(path, value):
                root = _put(root, path, value, is_new=isinstance(operation, Add))
            case Remove(path):
                _take(root, path)
            case Move(source, path):
                _move(root, source, path)
            case Copy(source, path):
                root = _put(root, path, plain(_get(root, source)), is_new=True)
            case Test():
                pass
    return root


def become(tree: Tree, value: Json) -> Tree:
    """The tree with another value; what is the same in it keeps its text."""
    match tree, value:
        case Reference(), _:
            tree.content = become(tree.content, value)
        case Map(), dict():
            for key in [key for key in tree.entries if key not in value]:
                del tree.entries[key]
            for key, item in value.items():
                _set(tree, key, item)
        case Row(), list():
            _align(tree, value)
        case Leaf(), None | bool() | int() | float() | str():
            if not equal_json(tree.value, value):
                tree.value, tree.is_new = value, True
        case _:
            return fresh(value)
    return tree


def _align(row: Row, values: list[Json]) -> None:
    """Items that are equal from the front and from the back stay; between these, one becomes the other."""
    old = [plain(item.value) for item in row.items]
    shorter = min(len(old), len(values))
    front = next((i for i in range(shorter) if not equal_json(old[i], values[i])), shorter)
    rest = shorter - front
    back = next((i for i in range(rest) if not equal_json(old[-1 - i], values[-1 - i])), rest)
    middle, new = row.items[front : len(old) - back], values[front : len(values) - back]
    for item, value in zip(middle, new, strict=False):
        item.value = become(item.value, value)
    added = [Item(fresh(value)) for value in new[len(middle) :]]
    row.items[front : len(old) - back] = middle[: len(new)] + added


def _set(tree: Map, key: str, value: Json) -> None:
    entry = tree.entries.get(key)
    if entry is None:
        tree.entries[key] = Entry(key, fresh(value))
    elif not equal_json(plain(entry.value), value):
        entry.value = become(entry.value, value)


def _get(root: Tree, path: Pointer) -> Tree:
    node = root
    for token in path:
        node = _child(node, token, path)
    return node


def _child(node: Tree, token: str | int, path: Pointer) -> Tree:
    match node:
        case Reference(content=content):
            return _child(content, token, path)
        case Map(entries=entries) if str(token) in entries:
            return entries[str(token)].value
        case Row(items=items) if isinstance(token, int) and 0 <= token < len(items):
            return items[token].value
        case _:
            raise PatchError(f"there is nothing at {format_pointer(path)}")


def _parent(root: Tree, path: Pointer) -> Map | Row:
    parent = _get(root, path[:-1])
    while isinstance(parent, Reference):
        parent = parent.content
    if isinstance(parent, Leaf):
        raise PatchError(f"{format_pointer(path[:-1])} is no map and no list")
    return parent


def _put(root: Tree, path: Pointer, value: Json, *, is_new: bool) -> Tree:
    if not path:
        return become(root, value)
    parent, token = _parent(root, path), path[-1]
    if isinstance(parent, Map):
        _set(parent, str(token), value)
    elif is_new:
        parent.items.insert(_index(parent, token), Item(fresh(value)))
    else:
        item = parent.items[_index(parent, token)]
        item.value = become(item.value, value)
    return root


def _index(row: Row, token: str | int) -> int:
    if token == "-":
        return len(row.items)
    if not isinstance(token, int):
        raise PatchError(f"{token!r} is no index")
    return token


def _take(root: Tree, path: Pointer) -> Entry | Item:
    if not path:
        raise PatchError("the whole document can't be removed")
    parent, token = _parent(root, path), path[-1]
    _child(parent, token, path)
    return parent.entries.pop(str(token)) if isinstance(parent, Map) else parent.items.pop(_index(parent, token))


def _move(root: Tree, source: Pointer, path: Pointer) -> None:
    if source == path:
        return
    taken, former = _take(root, source), _parent(root, source)
    parent, token = _parent(root, path), path[-1]
    if isinstance(parent, Row):
        stays = parent is former and isinstance(taken, Item)
        item = taken if stays and isinstance(taken, Item) else Item(taken.value, taken.slot)
        parent.items.insert(_index(parent, token), item)
    elif parent is former and isinstance(taken, Entry) and not taken.is_merged:
        # Renamed: it keeps its place.
        taken.key = str(token)
        parent.entries[taken.key] = taken
    else:
        parent.entries[str(token)] = Entry(str(token), taken.value, taken.slot)
