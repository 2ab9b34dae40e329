"""Applies that need no waiting: straight to a model in this process, without looking at what came before.

It says the same as the long way of `Steps`, and leaves to that whatever is out of the ordinary.
"""

from __future__ import annotations

from dataclasses import dataclass

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
from skel.replay.rests import Known, Rests
from skel.replay.retry import Sender
from skel.replay.schedule import ReplayStep, Verb
from skel.replay.target import Again, Model
from skel.replay.verdict import Outcome, Verdict, judge
from skel.replay.virtual import Signature, recorded_metadata
from skel.trace.codec import decode_shallow
from skel.trace.errors import TraceError

_REMEMBERED = 20_000


@dataclass(slots=True)
class Way:
    """Where an object goes, and what it was when it last went there."""

    path: str
    namespaced: bool
    signature: Signature
    again: Again | None
    _manifest: tuple[tuple[str, Raw], ...] = ()
    _known: Known | None = None

    def rest(self, rests: Rests, thing: FoundObject, manifest: dict[str, Raw]) -> Known:
        """As `Rests.find`; most objects are what they were, and that is seen at once."""
        items = tuple(manifest.items())
        if self._known is not None and items == self._manifest:
            return self._known
        found = rests.find(thing, manifest)
        self._manifest, self._known = items, found.bare if found.kept else None
        return found


class Direct:
    """Of one round. What it gives None for has not been sent, or may be sent again."""

    def __init__(self, model: Model, sender: Sender, house: House, facts: FactResources) -> None:
        self._model = model
        self._sender = sender
        self._house = house
        self._facts = facts
        self._rests = Rests(house.simulation)
        self._kinds: dict[tuple[str, str], Resource | None] = {}
        self._apart: dict[tuple[str, str], bool] = {}
        self._ways: dict[tuple[str, str, str, str], Way | None] = {}

    def forget(self) -> None:
        """Look again at what is served."""
        self._kinds.clear()
        self._apart.clear()
        self._ways.clear()

    def apply(self, step: ReplayStep, stamp: str) -> Outcome | None:
        """Apply an object of a kind that the model knows, in a namespace that is there. `stamp` names the step."""
        thing = step.object
        way = self._way(thing) if step.verb is Verb.APPLY else None
        if way is None or (way.namespaced and not self._house.has_namespace(thing.namespace)):
            return None
        try:
            metadata, manifest = _parted(step.raw)
            if metadata is None:
                return None
            known = way.rest(self._rests, thing, manifest)
            way.signature.put(metadata, stamp)
            if known.annotations:
                metadata["annotations"].update(known.annotations)
            return self._applied(step, way, Halves(metadata, Rest(known.kept, known.part)))
        except TraceError:
            return None

    def is_apart(self, thing: FoundObject) -> bool:
        """Whether what the model says of an object does not depend on others that are apart, nor they on it."""
        key = thing.api_version, thing.kind
        is_apart = self._apart.get(key)
        if is_apart is None:
            found = self._facts.look(*key)
            is_apart = found is not None and found.namespaced and not self._model.consults(thing.kind)
            self._apart[key] = is_apart
        return is_apart and bool(thing.name) and self._house.has_namespace(thing.namespace)

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
        try:
            return self._ways[key]
        except KeyError:
            if len(self._ways) >= _REMEMBERED:
                self._ways.clear()
            way = self._ways[key] = self._way_to(thing)
            return way

    def _way_to(self, thing: FoundObject) -> Way | None:
        key = thing.api_version, thing.kind
        if key not in self._kinds:
            self._kinds[key] = self._found(thing)
        resource = self._kinds[key]
        if resource is None or not thing.name:
            return None
        simulation = self._house.simulation
        path = object_path(simulation.namespaces, thing, resource)
        signature = Signature.of(simulation, thing, namespaced=resource.namespaced)
        return Way(path, resource.namespaced, signature, self._model.again(path))

    def _found(self, thing: FoundObject) -> Resource | None:
        """How a kind is served, None if its objects go the long way: definitions change what is served."""
        found = self._facts.look(thing.api_version, thing.kind)
        if found is None or is_definition(thing) or not self._model.knows(thing.api_version, found.plural):
            return None
        pointers = pod_templates(gvk(thing.api_version, thing.kind), self._house.simulation.tracked)
        return None if any(pointer[:1] == ("metadata",) for pointer in pointers) else found


def _parted(raw: Raw) -> tuple[dict[str, Json] | None, dict[str, Raw]]:
    """The metadata, None if it takes a closer look, and all else but the status, still raw. Raises TraceError."""
    manifest = decode_shallow(raw, ())
    metadata = recorded_metadata(manifest.pop("metadata"))
    manifest.pop("status", None)
    return metadata, manifest
