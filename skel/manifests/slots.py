"""Where the entries of a map and the items of a list begin and end in the text, with what belongs to them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from skel.manifests.nodes import Alias, Mapping, Node, Scalar, Sequence

_BLANK = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*[ \t]*")
_TAIL = re.compile(r"[ \t]+#[^\r\n]*|[ \t]*(?=[\r\n]|\Z)")
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:[ \t]+|(?=[\r\n,\]}]|\Z)))*")
_LINE_END = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n))*\Z")
_COMMENT = re.compile(r"(?P<indent>[ \t]*)#[^\n]*\n?\Z")


@dataclass(frozen=True, slots=True)
class Slot:
    """One entry or item: `before` is the end of the one before it (or its own start), `own` the beginning of its own
    comment above it, `start` that of the key or the dash, `end` that of its last line with a comment behind it.
    """

    before: int
    own: int
    start: int
    end: int
    key: Node | None
    value: Node
    value_end: int
    in_flow: bool = False


class ExplicitKeyError(Exception):
    """`? key`, or another layout that is not spliced."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__("an entry begins in an unusual way")


class Slots:
    """The places of one piece of text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._found: dict[int, list[Slot]] = {}

    def of(self, node: Mapping | Sequence) -> list[Slot]:
        """Raises ExplicitKeyError."""
        if id(node) not in self._found:
            self._found[id(node)] = self._flow(node) if node.flow else self._block(node)
        return self._found[id(node)]

    def end(self, node: Node) -> int:
        """The end of what the node says; of a block it includes the comment behind its last line."""
        match node:
            case Scalar(style="|" | ">"):
                return self._end_of_block_scalar(node)
            case Mapping(flow=False) | Sequence(flow=False):
                return self._ends_of(_children(node)[-1][1])[1]
            case _:
                return node.end

    def content(self, node: Node) -> int:
        """Where the node begins behind its anchor and tag."""
        found = _PROPERTIES.match(self.text, node.start)
        if isinstance(node, Alias) or not found or found.end() == node.start:
            return node.start
        return min(self.skip(found.end()), max(node.end, node.start))

    def skip(self, offset: int) -> int:
        """Over blanks, line ends and comments."""
        found = _BLANK.match(self.text, offset)
        return found.end() if found else offset

    def column(self, offset: int) -> int:
        """From 0."""
        return offset - self.text.rfind("\n", 0, offset) - 1

    def _block(self, node: Mapping | Sequence) -> list[Slot]:
        found: list[Slot] = []
        here = self.content(node)
        for key, value in _children(node):
            start = self.skip(here) if found else here
            if start != (start if key is None else key.start) or (key is None and self.text[start] != "-"):
                raise ExplicitKeyError(start)
            value_end, end = self._ends_of(value)
            # What stands above the first key of a document is its head.
            is_head = not found and key is not None and not self.column(start)
            own = start if is_head else self._own(start, here if found else 0)
            found.append(Slot(here if found else start, own, start, end, key, value, value_end))
            here = end
        return found

    def _flow(self, node: Mapping | Sequence) -> list[Slot]:
        found: list[Slot] = []
        for key, value in _children(node):
            start = value.start if key is None else key.start
            end = self.end(value)
            found.append(Slot(found[-1].end if found else start, start, start, end, key, value, end, in_flow=True))
        return found

    def _ends_of(self, value: Node) -> tuple[int, int]:
        """The end of a value in a block, and the end of its line with the comment there."""
        end = self.end(value)
        if (isinstance(value, Mapping | Sequence) and not value.flow) or getattr(value, "style", "") in {"|", ">"}:
            return end, end
        tail = _TAIL.match(self.text, end)
        return end, tail.end() if tail else end

    def _end_of_block_scalar(self, node: Scalar) -> int:
        """Behind its last line; the blank lines behind that are a part of it only if they are kept (`|+`)."""
        said = self.text[node.start : node.end]
        header = said.split("\n", 1)[0]
        if "+" in header.split("#", 1)[0]:
            return node.end - (len(said) - len(said.removesuffix("\n").removesuffix("\r")))
        found = _LINE_END.search(said)
        return node.start + (found.start() if found else len(said))

    def _own(self, start: int, bound: int) -> int:
        """The beginning of the comment lines right above, as far indented as the entry itself."""
        line = self.text.rfind("\n", 0, start) + 1
        if self.text[line:start].strip():
            return start
        own = line
        while own > bound:
            above = self.text.rfind("\n", 0, own - 1) + 1
            found = _COMMENT.fullmatch(self.text, max(above, bound), own)
            if above < bound or not found or len(found["indent"]) != start - line:
                break
            own = above
        return own


def _children(node: Mapping | Sequence) -> list[tuple[Node | None, Node]]:
    return list(node.pairs) if isinstance(node, Mapping) else [(None, item) for item in node.items]
