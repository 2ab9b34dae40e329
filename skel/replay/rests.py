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

_Key = tuple[str | bytes, ...]
_REMEMBERED = 20_000
_REMEMBERED_BYTES = 64 * 1024 * 1024


class Known(NamedTuple):
    """The rest as bytes, what pods get as annotations, and the rest as it was made, None if that was before."""

    raw: bytes
    annotations: dict[str, Json]
    part: Json = None

    @property
    def bare(self) -> Known:
        """The same for keeping: it must not hold on to what others may change."""
        return self._replace(part=None) if self.part is not None else self


NOTHING_KNOWN = Known(b"", {})


@dataclass(slots=True)
class Rests:
    """Those of one simulation."""

    simulation: Simulation
    _known: dict[_Key, Known] = field(default_factory=dict)
    _size: int = 0

    def find(self, thing: FoundObject, manifest: dict[str, Raw]) -> Known:
        """The rest of a manifest without metadata and status, whose values are still raw. Raises TraceError."""
        key: _Key = (thing.namespace, *manifest, *map(bytes, manifest.values()))
        known = self._known.get(key)
        if known is None:
            known = self._made(thing, {**manifest})
            self._keep(key, known)
        return known

    def _made(self, thing: FoundObject, manifest: dict[str, Json]) -> Known:
        thaw(manifest)
        # A pod is its own template, and what is put into its metadata is found there.
        manifest["metadata"] = {}
        simulate(self.simulation, manifest, thing)
        rest = Rest.of(manifest)
        return Known(rest.raw, manifest["metadata"].get("annotations", {}), rest.part)

    def _keep(self, key: _Key, known: Known) -> None:
        """Know it from now on, if bytes can hold it."""
        if not known.raw:
            return
        self._size += len(known.raw) + sum(map(len, key))
        if len(self._known) >= _REMEMBERED or self._size > _REMEMBERED_BYTES:
            self._known.clear()
            self._size = 0
        self._known[key] = known.bare
