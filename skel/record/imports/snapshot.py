"""Objects that all are there at one moment."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Raw

from skel.patch.values import Json
from skel.record.imports.change import Change
from skel.record.imports.losses import Losses, Reason
from skel.record.imports.scope import Scopes
from skel.record.imports.told_time import newest_time
from skel.trace.codec import decode_object, encode_object
from skel.trace.identity import Identity, identity_of

NAMELESS = Reason("object", "has no name; `generateName` is for `kubectl create`")
TWICE = Reason("object", "stands there again with another content; the last one counts", meant=True)
OLDER = Reason("object", "stands there again; the newest state counts", meant=True)


class Snapshot:
    """Takes objects, each of which counts once: the newest by `resourceVersion`, or the last one where none tells."""

    def __init__(self, losses: Losses, namespace: str = "default") -> None:
        """`namespace`: for objects that need one and name none."""
        self._losses = losses
        self._namespace = namespace
        self._scopes = Scopes()
        self._objects: dict[Identity, tuple[int, Raw]] = {}
        self._newest = 0

    def add(self, thing: dict[str, Json], place: str) -> None:
        identity = identity_of(thing)
        if identity is None:
            self._losses.add(NAMELESS, place)
            return
        self._scopes.learn(thing)
        self._newest = max(self._newest, newest_time(thing))
        version, raw = _version(thing), encode_object(thing, place)
        before = self._objects.get(identity)
        if before is not None and before[1] != raw:
            self._losses.add(OLDER if version or before[0] else TWICE, place)
        if before is None or version >= before[0]:
            self._objects[identity] = version, raw

    def changes(self, at: int | None = None) -> Iterator[Change]:
        """All of them at one time; by default the newest that they tell, 0 if they tell none."""
        time = self._newest if at is None else at
        for _, raw in self._objects.values():
            yield Change(time, self._scopes.placed(decode_object(raw), self._namespace))


def _version(thing: dict[str, Json]) -> int:
    metadata = thing.get("metadata")
    text = metadata.get("resourceVersion") if isinstance(metadata, dict) else None
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 20 else 0
