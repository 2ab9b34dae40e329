"""What recorded objects are apart from their metadata, as a simulation has it: equal ones are made once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec import Raw

from skel.findings.model import FoundObject
from skel.patch.values import Json
from skel.replay.halves import Rest
from skel.replay.virtual import Simulation, simulate
from skel.trace.codec import thaw

Key = tuple[str | bytes, ...]
_REMEMBERED = 20_000
_REMEMBERED_BYTES = 64 * 1024 * 1024


class Known(NamedTuple):
    """The rest as bytes, what pods get as annotations, and the rest as it was made, None if that was before."""

    raw: bytes
    annotations: dict[str, Json]
    part: Json = None


def rest_key(thing: FoundObject, manifest: dict[str, Raw]) -> Key:
    """What a rest is known by: the manifest without metadata and status, its values still raw."""
    return thing.namespace, *manifest, *map(bytes, manifest.values())


@dataclass(slots=True)
class Rests:
    """Those of one simulation."""

    simulation: Simulation
    _known: dict[Key, Known] = field(default_factory=dict)
    _size: int = 0

    def get(self, key: Key) -> Known | None:
        """One that was made before."""
        return self._known.get(key)

    def make(self, key: Key, thing: FoundObject, manifest: dict[str, Raw]) -> Known:
        """Make one, and keep it. The manifest is changed in place. Raises TraceError."""
        made: dict[str, Json] = {**manifest}
        thaw(made)
        # A pod is its own template, and what is put into its metadata is found there.
        made["metadata"] = {}
        simulate(self.simulation, made, thing)
        rest, annotations = Rest.of(made), made["metadata"].get("annotations", {})
        self.keep(key, Known(rest.raw, annotations))
        return Known(rest.raw, annotations, rest.part)

    def keep(self, key: Key, known: Known) -> None:
        """Know it from now on, if bytes can hold it."""
        if not known.raw:
            return
        self._size += len(known.raw) + sum(map(len, key))
        if len(self._known) >= _REMEMBERED or self._size > _REMEMBERED_BYTES:
            self._known.clear()
            self._size = 0
        self._known[key] = known
