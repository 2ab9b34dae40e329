"""The versions of objects over time, and the state of all of them at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from msgspec import Raw

from skel.trace.codec import without_gc
from skel.trace.errors import TraceError
from skel.trace.identity import Identity, Sighting, sight
from skel.trace.model import Trace


class Version(NamedTuple):
    """An object as one event has it: number of the event from 0, Unix seconds, whether it is deleted there, its bytes
    and its apiVersion.
    """

    event: int
    time: int
    deleted: bool
    raw: Raw
    api_version: str


@dataclass(frozen=True, slots=True, order=True)
class ObjectName:
    """Whom a person means: kind, namespace (None for any) and name. Case counts for the names alone."""

    kind: str
    namespace: str | None
    name: str

    @classmethod
    def parse(cls, text: str) -> ObjectName:
        """`Deployment/shop/cart`; `Namespace/shop`, or any namespace. Raises TraceError."""
        match text.split("/"):
            case [kind, name] if kind and name:
                return cls(kind, None, name)
            case [kind, namespace, name] if kind and name:
                return cls(kind, namespace, name)
            case _:
                raise TraceError(f"{text!r} names no object", "write KIND/NAMESPACE/NAME, as in Deployment/shop/cart")

    def holds(self, seen: Sighting) -> bool:
        names = seen.metadata
        return (
            names.name == self.name
            and seen.kind.lower() == self.kind.lower()
            and self.namespace in (None, names.namespace or "")
        )

    def __str__(self) -> str:
        return "/".join(word for word in (self.kind, self.namespace, self.name) if word)


class History(NamedTuple):
    """An object, and its versions in the order of the trace. An object stays itself in another version of its API."""

    kind: str
    namespace: str
    name: str
    versions: tuple[Version, ...]

    def __str__(self) -> str:
        return "/".join(word for word in (self.kind, self.namespace, self.name) if word)

    def at(self, time: int) -> Version | None:
        """The version in force at that second; None before it came, and once it is deleted."""
        past = [version for version in self.versions if version.time <= time]
        return past[-1] if past and not past[-1].deleted else None


def histories(trace: Trace, wanted: ObjectName) -> list[History]:
    """What the trace has of the objects that are meant: none, one, or several of the same name."""
    sign = wanted.name.encode()
    found: dict[tuple[str, str], list[Version]] = {}
    for version in _versions(trace, sign):
        seen = sight(version.raw)
        if seen is not None and wanted.holds(seen):
            found.setdefault((seen.kind, seen.metadata.namespace or ""), []).append(
                version._replace(api_version=seen.apiVersion)
            )
    return [
        History(kind, namespace, wanted.name, tuple(versions)) for (kind, namespace), versions in sorted(found.items())
    ]


def _versions(trace: Trace, sign: bytes) -> Iterator[Version]:
    """Every object in which the bytes stand; in one second a deletion follows what was applied."""
    for number, event in enumerate(trace.events):
        for deleted, objects in ((False, event.applied_objs), (True, event.deleted_objs)):
            for raw in objects:
                if sign in bytes(raw):
                    yield Version(number, event.ts, deleted, raw, "")


def state_at(trace: Trace, time: int | None = None) -> dict[Identity, Raw]:
    """The objects that are there at that second (None: at the end), in the order in which they came."""
    state: dict[Identity, Raw] = {}
    with without_gc():
        for event in trace.events:
            if time is None or event.ts <= time:
                apply_event(state, event.applied_objs, event.deleted_objs)
    return state


def apply_event(
    state: dict[Identity, Raw], applied: list[Raw], deleted: list[Raw], known: set[Identity] | None = None
) -> None:
    """What an event makes of the state; `known` collects whoever is met. Objects without a name leave no mark."""
    for raw in applied:
        if seen := sight(raw):
            state[seen.identity] = raw
            if known is not None:
                known.add(seen.identity)
    for raw in deleted:
        if seen := sight(raw):
            state.pop(seen.identity, None)
            if known is not None:
                known.add(seen.identity)


def object_names(trace: Trace) -> list[str]:
    """`Deployment/shop/cart` for every object that the trace has."""
    found: dict[str, None] = {}
    for event in trace.events:
        for raw in (*event.applied_objs, *event.deleted_objs):
            if seen := sight(raw):
                found.setdefault(
                    "/".join(word for word in (seen.kind, seen.metadata.namespace, seen.metadata.name) if word)
                )
    return list(found)
