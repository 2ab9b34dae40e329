"""A document as a tree that can be changed and still knows from which text each part came."""

from __future__ import annotations

from dataclasses import dataclass

from skel.manifests.nodes import Alias, Mapping, Node, Scalar, Sequence, is_merge
from skel.manifests.slots import Slot, Slots
from skel.manifests.values import Values, key_name, merged, scalar_value
from skel.patch.values import Json, copy_json


@dataclass(slots=True, eq=False)
class Leaf:
    """A text, number, boolean or null. `node` is the scalar in whose place it stands; `is_new`: with another value."""

    value: Json
    node: Scalar | None = None
    is_new: bool = True


@dataclass(slots=True, eq=False)
class Entry:
    """Of a map. `slot` is where it stood, here or elsewhere. `is_merged`: it comes from a merge key, or is one;
    `is_shadow`: a later entry counts instead.
    """

    key: str
    value: Tree
    slot: Slot | None = None
    is_merged: bool = False
    is_shadow: bool = False


class Map:
    """`origin` are the entries in the text, in order; those not in `entries` are gone, or count for nothing.

    It is asleep, and costs nothing, until somebody looks at them.
    """

    __slots__ = ("_entries", "_origin", "_wake", "node")

    def __init__(self, entries: dict[str, Entry], node: Mapping | None = None, wake: _Growth | None = None) -> None:
        self._entries = entries
        self._origin: list[Entry] = []
        self._wake = wake
        self.node = node

    @property
    def is_asleep(self) -> bool:
        return self._wake is not None

    @property
    def entries(self) -> dict[str, Entry]:
        if self._wake and self.node:
            self._origin, self._wake = self._wake.entries(self.node, self._entries), None
        return self._entries

    @property
    def origin(self) -> list[Entry]:
        _ = self.entries
        return self._origin


@dataclass(slots=True, eq=False)
class Item:
    value: Tree
    slot: Slot | None = None


class Row:
    """A list, asleep in the same way."""

    __slots__ = ("_items", "_origin", "_wake", "node")

    def __init__(self, items: list[Item], node: Sequence | None = None, wake: _Growth | None = None) -> None:
        self._items = items
        self._origin: list[Item] = []
        self._wake = wake
        self.node = node

    @property
    def is_asleep(self) -> bool:
        return self._wake is not None

    @property
    def items(self) -> list[Item]:
        if self._wake and self.node:
            self._origin, self._wake = self._wake.items(self.node), None
            self._items = list(self._origin)
        return self._items

    @property
    def origin(self) -> list[Item]:
        _ = self.items
        return self._origin


@dataclass(slots=True, eq=False)
class Reference:
    """An alias: its own copy of the values, and what the anchor says, which may change otherwise."""

    content: Tree
    node: Alias
    target: Tree


Tree = Leaf | Map | Row | Reference


def fresh(value: Json) -> Tree:
    """A tree that came from no text."""
    match value:
        case dict():
            return Map({key: Entry(key, fresh(item)) for key, item in value.items()})
        case list():
            return Row([Item(fresh(item)) for item in value])
        case _:
            return Leaf(value)


def plain(tree: Tree) -> Json:
    """The value of the tree."""
    match tree:
        case Leaf(value=value):
            return value
        case Map() | Row() if tree.is_asleep and tree.node:
            return Values().value(tree.node)
        case Map(entries=entries):
            return {key: plain(entry.value) for key, entry in entries.items()}
        case Row(items=items):
            return [plain(item.value) for item in items]
        case Reference(content=content):
            return plain(content)


def grow(root: Node, slots: Slots) -> Tree:
    """The tree of a document that can be read. Raises ExplicitKeyError."""
    return _Growth(slots).tree(root)


class _Growth:
    """Makes trees of nodes, as far down as somebody looks; all of it where aliases need what they stand for."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._values = Values()
        self._known: dict[int, Tree] = {}
        self._is_eager = "&" in slots.text

    def tree(self, node: Node) -> Tree:
        match node:
            case Scalar():
                tree: Tree = Leaf(scalar_value(node), node, is_new=False)
            case Mapping():
                tree = Map({}, node, self)
            case Sequence():
                tree = Row([], node, self)
            case Alias(target=target):
                return Reference(
                    fresh(copy_json(self._values.value(target))), node, self._known.get(id(target)) or self.tree(target)
                )
        if self._is_eager:
            self._known[id(node)] = tree
            _ = tree.origin if isinstance(tree, Map | Row) else None
        return tree

    def items(self, node: Sequence) -> list[Item]:
        return [Item(self.tree(slot.value), slot) for slot in self._slots.of(node)]

    def entries(self, node: Mapping, counting: dict[str, Entry]) -> list[Entry]:
        """All of the text; those that count are put into `counting`."""
        origin: list[Entry] = []
        for slot in self._slots.of(node):
            assert slot.key is not None
            if is_merge(slot.key):
                origin.append(Entry("<<", self.tree(slot.value), slot, is_merged=True))
                self._merge(slot.value, counting)
            else:
                entry = Entry(key_name(slot.key), self.tree(slot.value), slot)
                origin.append(entry)
                _count(counting, entry)
        return origin

    def _merge(self, value: Node, counting: dict[str, Entry]) -> None:
        for source in merged(value):
            for name, item in self._values.value(source).items():
                _count(counting, Entry(name, fresh(copy_json(item)), is_merged=True))


def _count(counting: dict[str, Entry], entry: Entry) -> None:
    """The last entry of a name counts."""
    if entry.key in counting:
        counting[entry.key].is_shadow = True
    counting[entry.key] = entry
