"""The newest state of objects, whatever version of the API it was written in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec import Raw

from skel.trace.identity import sight
from skel.trace.model import Trace

Who = tuple[str, str, str]
"""Kind, namespace and name: what stays when an object moves to another version of its API."""


_FEW = 8
"""Kinds that are looked for in the bytes of an object first."""


@dataclass(frozen=True, slots=True)
class Latest:
    """The last event in which an object was applied, its bytes there, and the event in which it was deleted since."""

    event: int
    time: int
    api_version: str
    raw: Raw
    deleted: int | None = None


def latest(trace: Trace, wanted: Iterable[Who]) -> dict[Who, Latest]:
    """The last applied state of each of these objects; none for those that the trace only deletes."""
    left = set(wanted)
    kinds = {kind for kind, _, _ in left}
    signs = [kind.encode("utf-8", "replace") for kind in kinds]
    gone: dict[Who, int] = {}
    found: dict[Who, Latest] = {}
    for number in range(len(trace.events) - 1, -1, -1):
        if not left:
            break
        event = trace.events[number]
        for raw in event.deleted_objs:
            if (seen := _who(raw, kinds, signs)) and seen[0] in left:
                gone.setdefault(seen[0], number)
        for raw in reversed(event.applied_objs):
            if (seen := _who(raw, kinds, signs)) and seen[0] in left:
                who, api_version = seen
                left.discard(who)
                found[who] = Latest(number, event.ts, api_version, raw, gone.get(who))
    return found


def _who(raw: Raw, kinds: set[str], signs: list[bytes]) -> tuple[Who, str] | None:
    if len(signs) <= _FEW:
        data = bytes(raw)
        if not any(sign in data for sign in signs):
            return None  # most objects: cheaper than a look inside
    sighting = sight(raw)
    if sighting is None or sighting.kind not in kinds:
        return None
    names = sighting.metadata
    return (sighting.kind, names.namespace or "", names.name), sighting.apiVersion
