"""YAML as nodes that know their place, from texts that nobody vouches for.

Only plain data is read: no tags that build objects, no merge keys, no key twice, and limits on size, depth and number
of values. Built from events, because libyaml's own composer ends the process on deep nesting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

import yaml
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from skel.language.diagnostic import Diagnostic
from skel.language.text import Source, Span
from skel.packs.codes import UNREADABLE
from skel.patch.values import Json

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without its C part
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

MOST_CHARACTERS = 1_000_000
MOST_DEPTH = 100
MOST_NODES = 100_000

Plain = str | int | float | bool | None

_CORE = "tag:yaml.org,2002:"
_PLAIN = frozenset(f"{_CORE}{name}" for name in ("null", "bool", "int", "float", "str", "timestamp", "value"))
_KNOWN_TAGS = _PLAIN | {f"{_CORE}map", f"{_CORE}seq"}


@dataclass(frozen=True, slots=True)
class Scalar:
    """`text` as written, `value` as YAML understands it: `1.30` is a text of four characters and a number."""

    text: str
    value: Plain
    span: Span


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Entries:
    """A map, in the order of the file."""

    entries: tuple[tuple[Scalar, Node], ...]
    span: Span

    def get(self, key: str) -> Node | None:
        return next((node for name, node in self.entries if name.text == key), None)


Node = Scalar | Items | Entries


class Unreadable(Exception):
    """The text is no YAML of plain data. Holds the complaint."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


def read_node(source: Source) -> Node | None:
    """The one document of a text, None if there is nothing in it. Raises Unreadable."""
    if len(source.text) > MOST_CHARACTERS:
        raise _unreadable(Span(source, 0, 0), f"the file is larger than {MOST_CHARACTERS} characters")
    builder = _Builder(source)
    try:
        for event in yaml.parse(source.text, Loader=Loader):
            builder.take(event)
    except yaml.YAMLError as error:
        raise _syntax(source, error) from None
    return builder.document


def plain(node: Node) -> Json:
    """The value of a node as JSON has it. An alias counts once for each use. Raises Unreadable."""
    return _Expansion().value(node)


class _Expansion:
    """Counts what aliases multiply, so that ten lines can't become a gigabyte."""

    def __init__(self) -> None:
        self.nodes = 0

    def value(self, node: Node) -> Json:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise _unreadable(node.span, f"the aliases make more than {MOST_NODES} values")
        match node:
            case Scalar():
                return node.value
            case Items():
                return [self.value(item) for item in node.items]
            case Entries():
                return {self.key(key): self.value(value) for key, value in node.entries}
            case _:
                assert_never(node)

    def key(self, key: Scalar) -> str:
        if not isinstance(key.value, str):
            raise _unreadable(key.span, f"the key `{key.text}` is no text", "put it in quotes")
        return key.value


@dataclass(slots=True)
class _Open:
    """A collection whose end was not met yet. Of a map, `nodes` holds keys and values in turn."""

    event: yaml.CollectionStartEvent
    nodes: list[Node]

    @property
    def is_map(self) -> bool:
        return isinstance(self.event, yaml.MappingStartEvent)


class _Builder:
    """Takes the events of one file and keeps the open collections on a stack of its own."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.document: Node | None = None
        self.has_document = False
        self.open: list[_Open] = []
        self.anchors: dict[str, Node] = {}
        self.count = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent() if self.has_document:
                raise _unreadable(self.span(event), "there is a second document", "one file holds one document")
            case yaml.DocumentStartEvent():
                self.has_document = True
            case yaml.ScalarEvent():
                self.add(self.scalar(event), event.anchor)
            case yaml.AliasEvent():
                self.add(self.alias(event), None)
            case yaml.CollectionStartEvent():
                self.start(event)
            case yaml.CollectionEndEvent():
                self.end(event)
            case _:
                pass

    def start(self, event: yaml.CollectionStartEvent) -> None:
        self.check_tag(event, event.tag)
        if len(self.open) >= MOST_DEPTH:
            raise _unreadable(self.span(event), f"this is nested deeper than {MOST_DEPTH} levels")
        self.open.append(_Open(event, []))

    def end(self, event: yaml.CollectionEndEvent) -> None:
        opened = self.open.pop()
        span = self.span(opened.event).to(self.span(event))
        nodes = opened.nodes
        if not opened.is_map:
            self.add(Items(tuple(nodes), span), opened.event.anchor)
            return
        entries = tuple(_keyed(nodes))
        seen: set[str] = set()
        for key, _ in entries:
            if key.text in seen:
                raise _unreadable(key.span, f"the key `{key.text}` stands twice")
            seen.add(key.text)
        self.add(Entries(entries, span), opened.event.anchor)

    def add(self, node: Node, anchor: str | None) -> None:
        self.count += 1
        if self.count > MOST_NODES:
            raise _unreadable(node.span, f"the file holds more than {MOST_NODES} values")
        if anchor is not None:
            self.anchors[anchor] = node
        if self.open:
            self.open[-1].nodes.append(node)
        else:
            self.document = node

    def alias(self, event: yaml.AliasEvent) -> Node:
        """What was anchored; an anchor that is still open has no value yet, so nothing can hold itself."""
        found = self.anchors.get(event.anchor or "")
        if found is None:
            raise _unreadable(self.span(event), f"`*{event.anchor}` stands for nothing")
        return found

    def scalar(self, event: yaml.ScalarEvent) -> Scalar:
        self.check_tag(event, event.tag)
        tag = event.tag or (_implicit_tag(event.value) if event.implicit[0] else f"{_CORE}str")
        span = self.span(event)
        if tag == f"{_CORE}merge":
            raise _unreadable(span, "merge keys `<<` are not read", "write the entries out")
        return Scalar(event.value, _value(tag, event.value, span), span)

    def check_tag(self, event: yaml.Event, tag: str | None) -> None:
        if tag is not None and tag != "!" and tag not in _KNOWN_TAGS:
            shown = tag.replace(_CORE, "!!")
            raise _unreadable(self.span(event), f"the tag `{shown}` is refused", "a pack holds plain data only")

    def span(self, event: yaml.Event) -> Span:
        assert event.start_mark is not None
        assert event.end_mark is not None
        return Span(self.source, event.start_mark.index, event.end_mark.index)


_RESOLVER = Resolver()


def _implicit_tag(text: str) -> str:
    """What a plain scalar is taken for."""
    tag: str = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return tag


def _keyed(nodes: list[Node]) -> Iterator[tuple[Scalar, Node]]:
    for key, value in zip(nodes[::2], nodes[1::2], strict=True):
        if not isinstance(key, Scalar):
            raise _unreadable(key.span, "a key must be a text")
        yield key, value


def _value(tag: str, text: str, span: Span) -> Plain:
    """Times stay texts, and so does `1:30`, which only YAML 1.1 takes for a number of base 60."""
    if tag not in _PLAIN or tag in {f"{_CORE}str", f"{_CORE}timestamp", f"{_CORE}value"} or ":" in text:
        return text
    try:
        value: Plain = SafeConstructor().construct_object(yaml.ScalarNode(tag, text))
    except (ValueError, KeyError, IndexError):
        raise _unreadable(span, f"`{text}` is no `{tag.replace(_CORE, '!!')}`") from None
    return value


def _unreadable(span: Span, message: str, hint: str = "") -> Unreadable:
    return Unreadable(UNREADABLE.at(span, message, hint))


def _syntax(source: Source, error: yaml.YAMLError) -> Unreadable:
    """The complaint of the YAML library, at its place."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).split("\n", 1)[0]
    if mark is not None:
        at = min(mark.index, len(source.text))
    else:
        at = len(source.text.encode()[: getattr(error, "position", 0)].decode("utf-8", "ignore"))
    return _unreadable(Span(source, at, at), f"this is no YAML: {problem}")
