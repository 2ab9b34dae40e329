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
from skel.replay.ahead import Ahead, Coming, Foreseen
from skel.replay.halves import Halves, Rest
from skel.replay.house import House
from skel.replay.requests import FORCED, object_path
from skel.replay.resources import FactResources, is_definition
from skel.replay.rests import Key, Known, Rests, rest_key
from skel.replay.retry import Sender
from skel.replay.schedule import ReplayStep, Verb
from skel.replay.target import Again, Model
from skel.replay.verdict import Outcome, Verdict, judge
from skel.replay.virtual import recorded_metadata, sign
from skel.trace.codec import decode_shallow
from skel.trace.errors import TraceError

_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Way:
    """Where an object goes."""

    path: str
    namespaced: bool
    again: Again | None


class Direct:
    """Of one round. What it gives None for has not been sent, or may be sent again."""

    def __init__(
        self, model: Model, sender: Sender, house: House, facts: FactResources, coming: Coming | None = None
    ) -> None:
        """`coming`: where there is much that is new, other processes look at it ahead of time."""
        self._model = model
        self._sender = sender
        self._house = house
        self._facts = facts
        self._rests = Rests(house.simulation)
        self._ahead = Ahead(self.foresee, coming) if coming else None
        self._kinds: dict[tuple[str, str], Resource | None] = {}
        self._ways: dict[tuple[str, str, str, str], Way | None] = {}

    def close(self) -> None:
        """End the processes that look ahead."""
        if self._ahead is not None:
            self._ahead.close()

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
            metadata, manifest = _parted(step.raw)
            if metadata is None:
                return None
            key = rest_key(thing, manifest)
            known, judgement = self._rests.get(key), b""
            if known is None:
                known, judgement = self._new(step, key, manifest)
        except TraceError:
            return None
        halves = self._signed(thing, way, metadata, known, stamp)
        if judgement and way.again is not None:
            way.again.learn(halves, judgement)
        return self._applied(step, way, halves)

    def foresee(self, step: ReplayStep) -> Foreseen | None:
        """Judge an object that will come, if it is new, and change nothing; None unless it is good."""
        thing = step.object
        way = self._way(thing) if step.verb is Verb.APPLY else None
        if way is None or way.again is None:
            return None
        try:
            metadata, manifest = _parted(step.raw)
            key = rest_key(thing, manifest)
            if metadata is None or self._rests.get(key) is not None:
                return None
            known = self._rests.make(key, thing, manifest)
        except TraceError:
            return None
        judgement = way.again.foresee(self._signed(thing, way, metadata, known, ""))
        return Foreseen(step.number, known.raw, known.annotations, judgement) if judgement else None

    def _new(self, step: ReplayStep, key: Key, manifest: dict[str, Raw]) -> tuple[Known, bytes]:
        """A rest that was not seen before, and its judgement if somebody has looked ahead. Raises TraceError."""
        found = self._ahead.find(step.number) if self._ahead is not None else None
        if found is None:
            return self._rests.make(key, step.object, manifest), b""
        known = Known(found.raw, found.annotations)
        self._rests.keep(key, known)
        return known, found.judgement

    def _signed(self, thing: FoundObject, way: Way, metadata: dict[str, Json], known: Known, stamp: str) -> Halves:
        sign(self._house.simulation, metadata, thing, namespaced=way.namespaced, step=stamp)
        if known.annotations:
            metadata["annotations"].update(known.annotations)
        return Halves(metadata, Rest(known.raw, known.part))

    def _applied(self, step: ReplayStep, way: Way, halves: Halves) -> Outcome | None:
        answer = way.again.apply(halves) if way.again is not None else None
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
        path = object_path(self._house.simulation.namespaces, thing, resource)
        return Way(path, resource.namespaced, self._model.again(path))

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
