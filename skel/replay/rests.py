"""What recorded objects are apart from their metadata, as a simulation has it: equal ones are made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec import Raw

from skel.findings.model import FoundObject
from skel.kube.gvk import gvk
from skel.kube.pod_template import pod_templates
from skel.patch.values import Json
from skel.replay.halves import Kept, Later, Rest, bytes_of
from skel.replay.virtual import Simulation, simulate
from skel.trace.codec import thaw

_Key = tuple[str | bytes, ...]
_REMEMBERED = 20_000
_REMEMBERED_BYTES = 64 * 1024 * 1024


class Known(NamedTuple):
    """The rest, what pods get as annotations, and the rest as it was made, None if that was before."""

    kept: Kept
    annotations: dict[str, Json]
    part: Json = None

    @property
    def bare(self) -> Known:
        """The same for keeping: it must not hold on to what others may change."""
        return self._replace(part=None) if self.part is not None else self


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
            # What is its own template, as a pod is, gets something into its metadata.
            is_late = all(pod_templates(gvk(thing.api_version, thing.kind), self.simulation.tracked))
            known = Known(self._later(thing, manifest), {}) if is_late else self._made(thing, manifest)
            self._keep(key, known)
        return known

    def _later(self, thing: FoundObject, manifest: Mapping[str, Raw]) -> Later:
        return Later(manifest, lambda: bytes_of(self._made(thing, manifest).kept))

    def _made(self, thing: FoundObject, manifest: Mapping[str, Raw]) -> Known:
        made: dict[str, Json] = dict(manifest)
        thaw(made)
        # What is put into the metadata of a pod is found there.
        made["metadata"] = {}
        simulate(self.simulation, made, thing)
        rest = Rest.of(made)
        return Known(rest.kept, made["metadata"].get("annotations", {}), rest.part)

    def _keep(self, key: _Key, known: Known) -> None:
        """Know it from now on, if bytes can hold it."""
        if not known.kept:
            return
        self._size += 2 * sum(map(len, key))
        if len(self._known) >= _REMEMBERED or self._size > _REMEMBERED_BYTES:
            self._known.clear()
            self._size = 0
        self._known[key] = known.bare
