"""Applies that need no waiting: straight to a model in this process, without looking at what came before.

It says the same as the long way of `Steps`, and leaves to that whatever is out of the ordinary.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec import Raw

from skel.client.discovery import Resource
from skel.client.request import APPLY, Request
from skel.findings.model import FoundObject
from skel.kube.gvk import gvk
from skel.kube.pod_template import pod_templates
from skel.patch.values import Json
from skel.replay.halves import Halves, Rest
from skel.replay.house import House
from skel.replay.requests import FORCED, object_path
from skel.replay.resources import FactResources, is_definition
from skel.replay.retry import Sender
from skel.replay.schedule import ReplayStep, Verb
from skel.replay.target import Again, Model
from skel.replay.verdict import Outcome, Verdict, judge
from skel.replay.virtual import Simulation, recorded_metadata, sign, simulate
from skel.trace.codec import decode_shallow, thaw
from skel.trace.errors import TraceError

_Key = tuple[str | bytes, ...]
_REMEMBERED = 20_000
_REMEMBERED_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Way:
    """Where an object goes."""

    path: str
    namespaced: bool
    again: Again | None


class Direct:
    """Of one round. What it gives None for has not been sent, or may be sent again."""

    def __init__(self, model: Model, sender: Sender, house: House, facts: FactResources) -> None:
        self._model = model
        self._sender = sender
        self._house = house
        self._facts = facts
        self._rests = Rests(house.simulation)
        self._kinds: dict[tuple[str, str], Resource | None] = {}
        self._ways: dict[tuple[str, str, str, str], Way | None] = {}

    def forget(self) -> None:
        """Look again at what is served."""
        self._kinds.clear()
        self._ways.clear()

    def apply(self, step: ReplayStep, stamp: str) -> Outcome | None:
        """Apply an object of a kind that the model knows, in a namespace that is there. `stamp` names the step."""
        thing = step.object
        way = self._way(thing) if step.verb is Verb.APPLY else None
        if way is None or (way.namespaced and not self._house.has_namespace(thing.namespace)):
            return None
        try:
            manifest = decode_shallow(step.raw, ())
            metadata = recorded_metadata(manifest.pop("metadata"))
            rest, annotations = self._rests.find(thing, manifest)
        except TraceError:
            return None
        if metadata is None:
            return None
        sign(self._house.simulation, metadata, thing, namespaced=way.namespaced, step=stamp)
        if annotations:
            metadata["annotations"].update(annotations)
        return self._applied(step, way, Halves(metadata, rest))

    def _applied(self, step: ReplayStep, way: Way, halves: Halves) -> Outcome | None:
        answer = way.again(halves) if way.again is not None else None
        if answer is not None:
            self._sender.requests += 1
            return Outcome(step.object, answer, 1, Verdict.ACCEPTED, served=True)
        answer = self._model.answer(Request("PATCH", way.path, FORCED, halves, APPLY))
        if not self._sender.counts(answer):
            return None
        return Outcome(step.object, answer, 1, judge(step.verb, answer, served=True), served=True)

    def _way(self, thing: FoundObject) -> Way | None:
        key = thing.api_version, thing.kind, thing.namespace, thing.name
        if key not in self._ways:
            if len(self._ways) >= _REMEMBERED:
                self._ways.clear()
            self._ways[key] = self._way_to(thing)
        return self._ways[key]

    def _way_to(self, thing: FoundObject) -> Way | None:
        key = thing.api_version, thing.kind
        if key not in self._kinds:
            self._kinds[key] = self._found(thing)
        resource = self._kinds[key]
        if resource is None or not thing.name:
            return None
        path = object_path(self._house.simulation.namespaces, thing, resource)
        return Way(path, resource.namespaced, self._model.again(path))

    def _found(self, thing: FoundObject) -> Resource | None:
        """How a kind is served, None if its objects go the long way: definitions change what is served."""
        found = self._facts.look(thing.api_version, thing.kind)
        if found is None or is_definition(thing) or not self._model.knows(thing.api_version, found.plural):
            return None
        pointers = pod_templates(gvk(thing.api_version, thing.kind), self._house.simulation.tracked)
        return None if any(pointer[:1] == ("metadata",) for pointer in pointers) else found


@dataclass(slots=True)
class Rests:
    """What recorded objects are apart from their metadata, as a simulation has it: equal ones are made once."""

    simulation: Simulation
    _known: dict[_Key, tuple[bytes, dict[str, Json]]] = field(default_factory=dict)
    _size: int = 0

    def find(self, thing: FoundObject, manifest: dict[str, Raw]) -> tuple[Rest, dict[str, Json]]:
        """The rest, and what pods get as annotations, for a manifest without metadata whose values are still raw.

        The manifest is changed in place. Raises TraceError.
        """
        manifest.pop("status", None)
        key: _Key = (thing.namespace, *manifest, *map(bytes, manifest.values()))
        known = self._known.get(key)
        if known is not None:
            return Rest(known[0]), known[1]
        rest, annotations = self._made(thing, manifest)
        self._keep(key, rest.raw, annotations)
        return rest, annotations

    def _made(self, thing: FoundObject, manifest: dict[str, Json]) -> tuple[Rest, dict[str, Json]]:
        thaw(manifest)
        # A pod is its own template, and what is put into its metadata is found there.
        manifest["metadata"] = {}
        simulate(self.simulation, manifest, thing)
        return Rest.of(manifest), manifest["metadata"].get("annotations", {})

    def _keep(self, key: _Key, raw: bytes, annotations: dict[str, Json]) -> None:
        if not raw:
            return
        self._size += len(raw) + sum(map(len, key))
        if len(self._known) >= _REMEMBERED or self._size > _REMEMBERED_BYTES:
            self._known.clear()
            self._size = 0
        self._known[key] = raw, annotations
