"""`clone(selector, n)`: n more of each selected object, under names of their own, with their hashes and pod
lifetimes.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Raw

from skel.compiler.frame import Frame
from skel.compiler.plan import ObjectPhase
from skel.compiler.predicate import compile_term
from skel.compiler.program import BoundPhase, Program
from skel.compiler.values import constant
from skel.engine.change import Change, ObjectChange, reference
from skel.engine.derive import last_hashes
from skel.engine.tally import Seen
from skel.language import ast
from skel.patch.operations import Add
from skel.patch.values import Json, copy_json
from skel.trace.codec import Event, decode_object, encode_object
from skel.trace.derived import rebuild
from skel.trace.identity import Identity, identity_of, sight
from skel.trace.model import Trace
from skel.trace.moves import Moves
from skel.trace.names import Names
from skel.trace.tracked import tracked_objects

OWN = ("uid", "resourceVersion", "selfLink")
"""Metadata that belongs to one object alone."""


def clone(command: ast.Clone, program: Program, trace: Trace, rule: str) -> tuple[Trace, tuple[ObjectChange, ...]]:
    """The trace with the clones, each behind its object in the same event."""
    return _Cloner(command, program, trace, rule).run()


class _Cloner:
    def __init__(self, command: ast.Clone, program: Program, trace: Trace, rule: str) -> None:
        self.trace = trace
        self.rule = rule
        self.selector = command.selector
        self.count = int(constant(command.count))
        self.phase = BoundPhase(ObjectPhase(()), program.options, tracked_objects(trace.config))
        self.frame = Frame(program.plan.slots, known=Names(trace.events).has)
        self.taken = {sighting.identity for _, raw in _objects(trace) if (sighting := sight(raw))}
        self.names: dict[Identity, list[str]] = {}
        self.moves = Moves()
        self.changes: list[ObjectChange] = []

    def run(self) -> tuple[Trace, tuple[ObjectChange, ...]]:
        events = [self.event(event, number) for number, event in enumerate(self.trace.events)]
        self.moves.seen = last_hashes(events, self.moves.added)
        return self.trace.with_events(events, **rebuild(self.trace, self.moves)._asdict()), tuple(self.changes)

    def event(self, event: Event, number: int) -> Event:
        self.frame.time, self.frame.relative = event.ts, event.ts - self.trace.start
        before = len(self.changes)
        applied = self.grown(event, number, deleted=False)
        deleted = self.grown(event, number, deleted=True)
        return event if len(self.changes) == before else event.copy_with(event.ts, applied, deleted)

    def grown(self, event: Event, number: int, *, deleted: bool) -> list[Raw]:
        """The list of objects with the clones behind their originals."""
        result: list[Raw] = []
        for raw in event.deleted_objs if deleted else event.applied_objs:
            result.append(raw)
            for manifest in self.clones(decode_object(raw)):
                copy = encode_object(manifest)
                thing = reference(copy, event, Seen(number, deleted, len(result)))
                change = Change(thing, self.rule, (Add((), manifest),))
                self.changes.append(ObjectChange(thing, (change,), None, copy))
                result.append(copy)
        return result

    def clones(self, manifest: dict[str, Json]) -> Iterator[dict[str, Json]]:
        who = identity_of(manifest)
        if who is None or not self.holds(manifest):
            return
        for name in self.names_for(who, manifest["metadata"]["name"]):
            copy = copy_json(manifest)
            metadata = copy["metadata"]
            metadata["name"] = name
            for key in OWN:
                metadata.pop(key, None)
            new = identity_of(copy)
            if new is not None:
                self.moves.added[new] = who
            yield copy

    def holds(self, manifest: dict[str, Json]) -> bool:
        self.frame.holder[0] = manifest
        context = self.phase.context((_text(manifest.get("apiVersion")), _text(manifest.get("kind"))))
        return compile_term(self.selector, context)(self.frame)

    def names_for(self, who: Identity, name: str) -> list[str]:
        """The same names each time the object occurs; a name that somebody else has is passed over."""
        if who not in self.names:
            found: list[str] = []
            number = 0
            while len(found) < self.count:
                number += 1
                kind, old = who
                candidate = (kind, f"{old.removesuffix(name)}{name}-{number}")
                if candidate not in self.taken:
                    self.taken.add(candidate)
                    found.append(f"{name}-{number}")
            self.names[who] = found
        return self.names[who]


def _objects(trace: Trace) -> Iterator[tuple[Event, Raw]]:
    for event in trace.events:
        for raw in (*event.applied_objs, *event.deleted_objs):
            yield event, raw


def _text(word: Json) -> str | None:
    return word if isinstance(word, str) else None
