"""The values in a trace that a JSONPath reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import Raw

from skel.patch.pointer import Pointer, format_pointer
from skel.patch.values import Json
from skel.query.jsonpath import JsonPath, QueryError
from skel.query.path_text import path_text
from skel.trace.codec import Event, decode_object, probe
from skel.trace.model import Trace
from skel.trace.reference import ObjectReference


@dataclass(frozen=True, slots=True)
class Where:
    """Which objects to look into: kinds in lower case, namespace, name (empty for all), `deleted` ones too or not."""

    kinds: frozenset[str] = frozenset()
    namespace: str = ""
    name: str = ""
    deleted: bool = False

    def may_be(self, raw: Raw) -> bool:
        """Whether the header allows the object. Others are not decoded."""
        if not self.kinds:
            return True
        header = probe(raw)
        return header is not None and header.kind.lower() in self.kinds

    def holds(self, thing: ObjectReference) -> bool:
        return self.namespace in ("", thing.namespace) and self.name in ("", thing.name)


@dataclass(frozen=True, slots=True)
class Hit:
    """A value in an object. `pointer` is None, and `path` the JSONPath itself, for a value that is computed."""

    object: ObjectReference
    path: str
    pointer: Pointer | None
    value: Json

    def as_json(self) -> dict[str, Json]:
        pointer = None if self.pointer is None else format_pointer(self.pointer)
        return {**self.object.as_json(), "path": self.path, "pointer": pointer, "value": self.value}


def search(trace: Trace, path: JsonPath, where: Where) -> Iterator[Hit]:
    """The hits in the order of the trace. Raises QueryError with the object, and TraceError if one can't be read."""
    for number, event in enumerate(trace.events):
        for position, deleted, raw in _objects(event, where):
            manifest = decode_object(raw, f"{trace.name}: object {position} of event {number}")
            thing = ObjectReference.of(manifest, number, event.ts, position, deleted=deleted)
            if where.holds(thing):
                yield from _hits(manifest, thing, path)


def _objects(event: Event, where: Where) -> Iterator[tuple[int, bool, Raw]]:
    lists = ((False, event.applied_objs), (True, event.deleted_objs if where.deleted else []))
    for deleted, objects in lists:
        for position, raw in enumerate(objects):
            if where.may_be(raw):
                yield position, deleted, raw


def _hits(manifest: Json, thing: ObjectReference, path: JsonPath) -> Iterator[Hit]:
    try:
        for pointer, value in path.find(manifest):
            yield Hit(thing, path.text if pointer is None else path_text(pointer), pointer, value)
    except QueryError as error:
        raise QueryError(f"{error}, in {thing} of event {thing.event}", error.hint) from None
