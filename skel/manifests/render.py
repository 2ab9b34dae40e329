"""A changed tree -> text: what did not change is copied from the old text, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass

from skel.manifests.emit import Emitter, flow
from skel.manifests.errors import RewriteError
from skel.manifests.merges import still_given
from skel.manifests.nodes import Alias, Mapping, Node, Scalar, Sequence
from skel.manifests.slots import Slot
from skel.manifests.tree import Entry, Item, Leaf, Map, Reference, Row, Tree, plain
from skel.manifests.values import key_name
from skel.manifests.weave import Dropped, Kept, New, Part, weave_block, weave_flow
from skel.manifests.words import literal, word
from skel.patch.values import Json, equal_json

_DOCUMENT = -2
"""The column of the key that a document would have, so that its own keys stand in column 0."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders the trees of one piece of text."""

    emitter: Emitter

    @property
    def text(self) -> str:
        return self.emitter.slots.text

    def document(self, tree: Tree, node: Node) -> str:
        """The whole piece, with the tree in place of the node."""
        slots = self.emitter.slots
        start, end = slots.content(node), slots.end(node)
        if isinstance(tree, Map | Row) and tree.is_asleep:
            return self.text
        new = self._content(tree) if isinstance(tree, Map | Row) and tree.node is node else None
        if new is None:
            emitted = self.emitter.value(tree, _DOCUMENT)
            new = self._lines([emitted.head] if emitted.head else emitted.lines)
        return self.text[:start] + new + self.text[end:]

    def _content(self, tree: Map | Row) -> str | None:
        """A map or list in its own place, behind its anchor; None if nothing is left of a block."""
        node = tree.node
        assert node is not None
        parts = self._map_parts(tree, node) if isinstance(tree, Map) else self._row_parts(tree, node)
        column = self._column(node)
        if node.flow:
            return weave_flow(self.text, (self.emitter.slots.content(node), node.end), parts, column)
        return weave_block(self.text, parts, self.emitter.manner.newline, column)

    def _column(self, node: Mapping | Sequence) -> int:
        slots = self.emitter.slots.of(node)
        return self.emitter.slots.column(slots[0].start) if slots else 0

    def _lines(self, lines: list[str]) -> str:
        return self.emitter.manner.newline.join(lines)

    # ---- what stays, goes and comes ----

    def _map_parts(self, tree: Map, node: Mapping | Sequence) -> list[Part]:
        given = still_given(tree)
        parts = [self._old_entry(tree, entry, entry.slot) for entry in tree.origin if entry.slot]
        here = {id(entry) for entry in tree.origin}
        new = [entry for name, entry in tree.entries.items() if id(entry) not in here and name not in given]
        return parts + [New(self._new_entry(entry, node)) for entry in new]

    def _old_entry(self, tree: Map, entry: Entry, slot: Slot) -> Part:
        counts = tree.entries.get(entry.key)
        if counts is entry or (entry.is_merged and entry.slot) or (entry.is_shadow and counts is not None):
            return Kept(slot, self._entry(entry, slot))
        return Dropped(slot)

    def _row_parts(self, row: Row, node: Mapping | Sequence) -> list[Part]:
        rank = {id(item): number for number, item in enumerate(row.origin)}
        parts: list[Part] = []
        done = 0
        for item in row.items:
            number = rank.get(id(item), -1)
            if number < done or item.slot is None:
                parts.append(New(self._new_item(item, node)))
                continue
            parts += [Dropped(old.slot) for old in row.origin[done:number] if old.slot]
            parts.append(Kept(item.slot, self._in_slot("" if node.flow else "-", item.value, item.slot)))
            done = number + 1
        return parts + [Dropped(old.slot) for old in row.origin[done:] if old.slot]

    def _new_entry(self, entry: Entry, node: Mapping | Sequence) -> str:
        if node.flow:
            quote = _quote(node)
            return f"{word(entry.key, style=quote, flow=True)}: {flow(plain(entry.value), quote)}"
        return self._lines(self.emitter.entry(entry, self._column(node))).lstrip(" ")

    def _new_item(self, item: Item, node: Mapping | Sequence) -> str:
        if node.flow:
            return flow(plain(item.value), _quote(node))
        return self._lines(self.emitter.item(item, self._column(node))).lstrip(" ")

    def _entry(self, entry: Entry, slot: Slot) -> str:
        assert slot.key is not None
        if entry.is_merged:
            return self.text[slot.start : slot.end]
        key = self.text[slot.key.start : slot.key.end]
        if entry.key != key_name(slot.key):
            style = slot.key.style if isinstance(slot.key, Scalar) else ""
            key = word(entry.key, style=style, flow=slot.in_flow)
        return self._in_slot(key, entry.value, slot)

    # ---- a value behind its key or dash ----

    def _in_slot(self, head: str, tree: Tree, slot: Slot) -> str:
        """Key or dash, value, and the comment behind it."""
        gap = self.text[_head_end(slot) : slot.value.start]
        tail = self.text[slot.value_end : slot.end]
        same = self._in_place(tree, slot)
        if same is not None:
            return head + self._trimmed(gap, tree) + same + tail
        colon = ":" if slot.key else ""
        if slot.in_flow:
            return f"{head}{colon}{' ' if colon else ''}{flow(plain(tree), _quote(slot.key))}{tail}"
        comment = gap.partition("\n")[0].removeprefix(colon) if _is_block(slot.value) else tail
        return self._replaced(head + colon, tree, slot, comment.strip())

    def _replaced(self, head: str, tree: Tree, slot: Slot, comment: str) -> str:
        """In a new layout; `comment` stood on the line of the key or dash."""
        column = self.emitter.slots.column(slot.start)
        emitted = self.emitter.value(tree, column) if slot.key else self.emitter.item_value(tree, column)
        if not slot.key and not emitted.head and not comment:
            return "- " + self._lines(emitted.lines).lstrip(" ")
        words = [word for word in (head, emitted.head, comment if comment.startswith("#") else "") if word]
        return self._lines([" ".join(words), *emitted.lines])

    def _in_place(self, tree: Tree, slot: Slot) -> str | None:
        """The text of a value that still stands in its place; None if it needs a new layout."""
        node = slot.value
        match tree:
            case Reference() if tree.node is node:
                return self._reference(tree, tree.node)
            case Leaf() if tree.node is node and isinstance(node, Scalar):
                return self._scalar(tree.value, node, slot) if tree.is_new else self.text[node.start : slot.value_end]
            case Map() | Row() if tree.node is node and tree.is_asleep:
                return self.text[node.start : slot.value_end]
            case Map() | Row() if tree.node is node and (tree.origin or slot.in_flow or not plain(tree)):
                content = self._content(tree)
                start = self.emitter.slots.content(node)
                return None if content is None else self.text[node.start : start] + content
            case _:
                return None

    def _scalar(self, value: Json, node: Scalar, slot: Slot) -> str | None:
        """Another value in the way in which the old one was written."""
        properties = self.text[node.start : self.emitter.slots.content(node)]
        if node.tag or node.start == node.end:
            return None
        lines = literal(value) if isinstance(value, str) and not slot.in_flow else None
        if node.style == "|" and lines:
            indent = " " * (self.emitter.slots.column(slot.start) + 2)
            return properties + self._lines([lines[0], *(indent + line if line else "" for line in lines[1])])
        if node.style in {"|", ">"} or (lines and node.style not in {"'", '"'}):
            return None
        return properties + word(value, style=node.style if isinstance(value, str) else "", flow=slot.in_flow)

    def _reference(self, tree: Reference, node: Alias) -> str | None:
        if equal_json(plain(tree.content), plain(tree.target)):
            return self.text[node.start : node.end]
        if isinstance(tree.content, Leaf):
            return None
        raise RewriteError(
            f"`*{node.name}` and what it stands for would become different",
            f"write out what `*{node.name}` stands for, and run this again",
            node.start,
        )

    def _trimmed(self, gap: str, tree: Tree) -> str:
        """Without the comment above a first entry that is gone."""
        if not isinstance(tree, Map | Row) or tree.is_asleep or tree.node is None or tree.node.flow:
            return gap
        first = self.emitter.slots.of(tree.node)[0]
        children: list[Entry] | list[Item] = list(tree.entries.values()) if isinstance(tree, Map) else tree.items
        own = first.start - first.own
        if not own or any(child.slot is first for child in children):
            return gap
        return gap[:-own] + " " * self.emitter.slots.column(first.start)


def _head_end(slot: Slot) -> int:
    if slot.key:
        return slot.key.end
    return slot.start if slot.in_flow else slot.start + 1


def _is_block(node: Node) -> bool:
    return isinstance(node, Mapping | Sequence) and not node.flow


def _quote(node: Node | None) -> str:
    """The quotes that surroundings in flow style have."""
    match node:
        case Scalar(style='"' | "'" as style):
            return style
        case Mapping(pairs=[(key, _), *_]):
            return _quote(key)
        case Sequence(items=[first, *_]):
            return _quote(first)
        case _:
            return ""
