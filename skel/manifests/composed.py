"""Text -> values, in one pass over PyYAML's events: building its nodes, or letting it construct, takes twice as long.

Only what is usual takes this way. A tag, an alias, a merge key, a key that stands twice, an error: and the stretch is
read again through nodes, which know places and have words for everything. A property test holds both to one result.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from yaml import YAMLError
from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from skel.manifests import limits
from skel.manifests.complaint import Twice, UnreadableError
from skel.manifests.events import events_of
from skel.manifests.nodes import Mapping, Node, Sequence, nodes, too_deep
from skel.manifests.scalars import FIRST, NotJsonError, key_text, resolve
from skel.manifests.values import Values
from skel.patch.values import Json


@dataclass(slots=True)
class Composed:
    """A document: its value, the offset at which it begins, and those of objects in its `items`, by their index."""

    value: Json
    start: int
    items: dict[int, int] = field(default_factory=dict)
    twice: list[Twice] = field(default_factory=list)


def compose(text: str) -> list[Composed]:
    """The documents in a stretch of YAML. Raises UnreadableError."""
    try:
        return _composed_at_once(text)
    except (_UnusualError, NotJsonError, YAMLError):
        pass
    try:
        return [_composed(root) for root in nodes(text)]
    except RecursionError:
        raise UnreadableError(0, too_deep()) from None


class _UnusualError(Exception):
    """Needs the other way."""


_Container = dict[str, Json] | list[Json]


def _composed_at_once(text: str) -> list[Composed]:  # noqa: C901, PLR0912, PLR0915  (one loop: a call an event doubles its time)
    next_event = events_of(text)
    documents: list[Composed] = []
    outer: list[tuple[Json, str | None]] = []
    here: Json = None
    is_map = False
    key: str | None = None
    while True:
        event = next_event()
        kind = event.__class__
        if kind is ScalarEvent:
            value = event.value
            plain, untagged = event.implicit
            if plain:
                if is_map and key is None:
                    key = key_text(value)
                    if key is None or key == "<<" or key in here or event.tag:
                        raise _UnusualError
                    continue
                if value[:1] in FIRST:
                    if event.tag:
                        raise _UnusualError
                    value = resolve(value)
            elif not untagged:
                raise _UnusualError
            if not is_map:
                if here is None:
                    documents.append(Composed(value, event.start_mark.index))
                else:
                    here.append(value)
            elif key is None:
                key = value
                if key in here:
                    raise _UnusualError
            else:
                here[key] = value
                key = None
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            if not event.implicit or len(outer) == limits.DEPTH or (is_map and key is None):
                raise _UnusualError
            value = {} if kind is MappingStartEvent else []
            if is_map:
                here[key] = value
            elif here is not None:
                here.append(value)
                if len(outer) == 2 and outer[1][1] == "items":
                    documents[-1].items[len(here) - 1] = event.start_mark.index
            else:
                documents.append(Composed(value, event.start_mark.index))
            outer.append((here, key))
            here, key, is_map = value, None, kind is MappingStartEvent
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            here, _ = outer.pop()
            key, is_map = None, here.__class__ is dict
        elif kind is StreamEndEvent:
            return documents
        elif kind is DocumentStartEvent or kind is StreamStartEvent:
            continue
        elif kind is not DocumentEndEvent:
            raise _UnusualError


def _composed(root: Node) -> Composed:
    values = Values()
    value = values.value(root)
    return Composed(value, root.start, _item_starts(root), values.twice)


def _item_starts(root: Node) -> dict[int, int]:
    """Where the items of a list of objects begin."""
    if not isinstance(root, Mapping):
        return {}
    found: dict[int, int] = {}
    for key, value in root.pairs:
        if getattr(key, "value", None) == "items" and isinstance(value, Sequence):
            found = {number: item.start for number, item in enumerate(value.items)}
    return found
