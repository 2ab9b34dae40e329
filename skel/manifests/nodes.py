"""A document as a tree of nodes that know their place in the text: for messages, for `locate` and for rewriting.

Unlike PyYAML's own tree this one keeps aliases as aliases, and takes only as much as the limits allow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from yaml import YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from skel.manifests import limits
from skel.manifests.complaint import UnreadableError
from skel.manifests.events import events_of
from skel.manifests.syntax import unreadable

_ENDS = {MappingEndEvent, SequenceEndEvent}
N = TypeVar("N", bound="Node")


@dataclass(slots=True, eq=False)
class Scalar:
    """`start` is that of its anchor or tag if it has one. `plain` means that its type follows from its text."""

    start: int
    end: int
    value: str
    plain: bool
    style: str
    tag: str = ""
    anchor: str = ""


@dataclass(slots=True, eq=False)
class Mapping:
    """`end` of one in block style lies anywhere behind it."""

    start: int
    end: int
    flow: bool
    tag: str = ""
    anchor: str = ""
    pairs: list[tuple[Node, Node]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Sequence:
    start: int
    end: int
    flow: bool
    tag: str = ""
    anchor: str = ""
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Alias:
    start: int
    end: int
    name: str
    target: Node


Node = Scalar | Mapping | Sequence | Alias


def nodes(text: str) -> list[Node]:
    """The root of each document in a stretch of YAML. Raises UnreadableError."""
    composer = _Composer(text)
    try:
        return composer.documents()
    except YAMLError as error:
        raise unreadable(error, text) from None


class _Composer:
    def __init__(self, text: str) -> None:
        self._next = events_of(text)
        self._anchors: dict[str, Node] = {}

    def documents(self) -> list[Node]:
        roots: list[Node] = []
        while True:
            event = self._next()
            match event:
                case StreamEndEvent():
                    return roots
                case DocumentStartEvent():
                    self._anchors.clear()
                    roots.append(self._node(self._next(), 0))

    def _node(self, event: Any, depth: int) -> Node:
        start, end, anchor = event.start_mark.index, event.end_mark.index, event.anchor or ""
        match event:
            case ScalarEvent(value=value, implicit=(plain, _), style=style, tag=tag):
                return self._known(Scalar(start, end, value, plain, style or "", tag or "", anchor))
            case AliasEvent():
                return self._alias(start, end, anchor)
            case _:
                return self._collection(event, depth)

    def _collection(self, event: Any, depth: int) -> Node:
        start = event.start_mark.index
        if depth == limits.DEPTH:
            raise UnreadableError(start, too_deep())
        kind = Mapping if isinstance(event, MappingStartEvent) else Sequence
        node = self._known(kind(start, start, bool(event.flow_style), event.tag or "", event.anchor or ""))
        while type(event := self._next()) not in _ENDS:
            child = self._node(event, depth + 1)
            if isinstance(node, Mapping):
                node.pairs.append((child, self._node(self._next(), depth + 1)))
            else:
                node.items.append(child)
        node.end = event.end_mark.index
        return node

    def _known(self, node: N) -> N:
        assert not isinstance(node, Alias)
        if node.anchor:
            self._anchors[node.anchor] = node
        return node

    def _alias(self, start: int, end: int, name: str) -> Alias:
        if name not in self._anchors:
            raise UnreadableError(start, f"nothing before it has the anchor `&{name}`")
        return Alias(start, end, name, self._anchors[name])


def too_deep() -> str:
    return f"nested deeper than {limits.DEPTH} levels"


def is_merge(key: Node) -> bool:
    """Whether the key is `<<`, which takes over the entries of other maps."""
    return isinstance(key, Scalar) and key.value == "<<" and (key.plain or key.tag == "tag:yaml.org,2002:merge")
