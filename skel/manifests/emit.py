"""New text for what is new in a document, or stands elsewhere than before, in the manner of the text around it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from skel.manifests.slots import Slot, Slots
from skel.manifests.tree import Entry, Item, Leaf, Map, Reference, Row, Tree, plain
from skel.manifests.values import Values
from skel.manifests.words import literal, word
from skel.patch.values import Json, equal_json

STEP = 2


@dataclass(frozen=True, slots=True)
class Manner:
    """How a text is laid out: `dash` is by how much lists below a key are indented."""

    dash: int
    newline: str


@dataclass(frozen=True, slots=True)
class Emitted:
    """`head` goes on the line of the key or the dash, `lines` follow, indented."""

    head: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Emitter:
    """`keeps` says whether what moved takes its comments and its spelling along."""

    slots: Slots
    manner: Manner
    keeps: bool

    def value(self, tree: Tree, column: int) -> Emitted:
        """Behind a key that begins in `column`."""
        match tree:
            case Leaf():
                return self._leaf(tree, column + STEP)
            case Reference():
                return self.value(tree.content, column)
            case Map() | Row() if raw := self._raw_flow(tree):
                return Emitted(raw, [])
            case Map():
                lines = self.entries(list(tree.entries.values()), column + STEP)
                return Emitted("" if lines else "{}", lines)
            case Row():
                lines = self.items(tree.items, column + self.manner.dash)
                return Emitted("" if lines else "[]", lines)

    def entries(self, entries: list[Entry], column: int) -> list[str]:
        """The lines of some entries of a map in block style."""
        return [line for entry in entries for line in self.entry(entry, column)]

    def entry(self, entry: Entry, column: int) -> list[str]:
        emitted = self.value(entry.value, column)
        key = word(entry.key)
        return self._with_comments(entry.slot, f"{key}:", emitted, column)

    def items(self, items: list[Item], column: int) -> list[str]:
        """The lines of some items, whose dashes stand in that column."""
        return [line for item in items for line in self.item(item, column)]

    def item(self, item: Item, column: int) -> list[str]:
        emitted = self.item_value(item.value, column)
        if emitted.head or not emitted.lines:
            return self._with_comments(item.slot, "-", emitted, column)
        # The first line of a map or list stands behind the dash.
        above, _ = self._comments(item.slot)
        indent = " " * column
        first = f"{indent}- {emitted.lines[0].lstrip(' ')}"
        return [*(indent + line for line in above), first, *emitted.lines[1:]]

    def item_value(self, tree: Tree, column: int) -> Emitted:
        while isinstance(tree, Reference):
            tree = tree.content
        if isinstance(tree, Row) and tree.items:
            return Emitted("", self.items(tree.items, column + STEP))
        return self.value(tree, column)

    def _with_comments(self, slot: Slot | None, start: str, emitted: Emitted, column: int) -> list[str]:
        above, behind = self._comments(slot)
        head = f"{start} {emitted.head}" if emitted.head else start
        indent = " " * column
        return [*(indent + line for line in above), f"{indent}{head}{behind}", *emitted.lines]

    def _comments(self, slot: Slot | None) -> tuple[list[str], str]:
        """Those above and behind an entry that came from elsewhere."""
        if slot is None or not self.keeps:
            return [], ""
        text = self.slots.text
        above = [line.strip() for line in text[slot.own : slot.start].splitlines() if line.strip()]
        behind = text[slot.value_end : slot.end].rstrip()
        return above, behind

    def _raw_flow(self, tree: Map | Row) -> str:
        """The old text of what moved as it was and stands on one line."""
        node = tree.node
        if node is None or not node.flow or not self.keeps or not equal_json(plain(tree), Values().value(node)):
            return ""
        raw = self.slots.text[node.start : node.end]
        return "" if "\n" in raw else raw

    def _leaf(self, leaf: Leaf, column: int) -> Emitted:
        if leaf.node and not leaf.is_new and self.keeps:
            raw = self.slots.text[leaf.node.start : leaf.node.end]
            if raw and "\n" not in raw:
                return Emitted(raw, [])
        style = leaf.node.style if leaf.node else ""
        found = literal(leaf.value) if isinstance(leaf.value, str) and style not in {"'", '"'} else None
        if found is None:
            return Emitted(word(leaf.value, style=style), [])
        return Emitted(found[0], [" " * column + line if line else "" for line in found[1]])


def flow(value: Json, style: str = "") -> str:
    """A value on one line; `style` is the quote that keys and texts of the surroundings have."""
    match value:
        case dict():
            inner = ", ".join(
                f"{word(key, style=style, flow=True)}: {flow(item, style)}" for key, item in value.items()
            )
            return "{" + inner + "}"
        case list():
            return "[" + ", ".join(flow(item, style) for item in value) + "]"
        case _:
            return word(value, style=style, flow=True)


_FIRST_LIST = re.compile(r"^(?P<key>[ ]*(?:- )*)[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\r?\n(?P<dash>[ ]*)- ", re.MULTILINE)


def manner_of(text: str) -> Manner:
    """Take the layout from the first list below a key, and from the first line end."""
    found = _FIRST_LIST.search(text)
    dash = 0 if found and len(found["dash"]) <= len(found["key"]) else STEP
    end = text.find("\n")
    return Manner(dash, "\r\n" if end > 0 and text[end - 1] == "\r" else "\n")
