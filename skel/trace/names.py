"""Which names a trace knows, by kind: what `known("Secret", ...)` asks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from skel.patch.values import Json
from skel.trace.codec import Event
from skel.trace.identity import sight


class Names:
    """The names of all applied objects. They are collected when first asked for: few programs ask."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events

    def has(self, kind: str, namespace: str, name: Json) -> bool:
        """Whether an object of that kind and name is in that namespace, or in none."""
        places = self._places.get((kind, name)) if isinstance(name, str) else None
        return places is not None and (namespace in places or "" in places)

    @cached_property
    def _places(self) -> dict[tuple[str, str], set[str]]:
        """The namespaces of each kind and name, "" for none."""
        found: dict[tuple[str, str], set[str]] = {}
        for event in self._events:
            for raw in event.applied_objs:
                if sighting := sight(raw):
                    names = sighting.metadata
                    found.setdefault((sighting.kind, names.name), set()).add(names.namespace or "")
        return found
