"""Objects that hold a piece of text, found in their bytes: most need no look inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Raw

from skel.patch.values import Json
from skel.trace.codec import decode_object
from skel.trace.model import Trace
from skel.trace.reference import ObjectReference


class Marked(NamedTuple):
    """An applied object, and where it stands."""

    raw: Raw
    event: int
    time: int
    position: int

    def manifest(self) -> dict[str, Json]:
        return decode_object(self.raw)

    def reference(self) -> ObjectReference:
        return ObjectReference.of(self.manifest(), self.event, self.time, self.position, deleted=False)


def marked(trace: Trace, signs: Sequence[bytes]) -> list[list[Marked]]:
    """For each sign the applied objects that hold it, the newest first."""
    found: list[list[Marked]] = [[] for _ in signs]
    source = trace.source
    if source is not None and not any(sign in source for sign in signs):
        return found  # one look at the whole file
    for number in range(len(trace.events) - 1, -1, -1):
        event = trace.events[number]
        for position, raw in enumerate(event.applied_objs):
            data = bytes(raw)
            for sign, objects in zip(signs, found, strict=True):
                if sign in data:
                    objects.append(Marked(raw, number, event.ts, position))
    return found
