"""What a program did, object by object: what diffs, patches and reports show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from msgspec import Raw

from skel.compiler.frame import Frame
from skel.compiler.program import BoundPhase
from skel.engine.events import run_object
from skel.engine.objects import ObjectRunner
from skel.engine.summary import Summary
from skel.engine.tally import Seen
from skel.patch.operations import Operation, export
from skel.patch.values import Json
from skel.trace.codec import Event, decode_object
from skel.trace.reference import ObjectReference


@dataclass(frozen=True, slots=True)
class Change:
    """What one rule did to one object: RFC 6902 operations on the object as the rules before have left it."""

    object: ObjectReference
    rule: str
    operations: tuple[Operation, ...]

    @property
    def event(self) -> int:
        """Number of the event in the trace, from 0."""
        return self.object.event


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """What all rules did to one object. `before` is None for an object that came, `after` for one that went."""

    object: ObjectReference
    changes: tuple[Change, ...]
    before: Raw | None
    after: Raw | None

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(operation for change in self.changes for operation in change.operations)

    def as_json(self) -> dict[str, Json]:
        """The line of `--patches`. Each operation also names its rule, a member that RFC 6902 tells others to
        ignore.
        """
        return {
            **self.object.as_json(),
            "rules": list(dict.fromkeys(change.rule for change in self.changes)),
            "operations": [
                {**operation, "rule": change.rule} for change in self.changes for operation in export(change.operations)
            ],
        }


@dataclass(frozen=True, slots=True)
class RecordedPhase:
    """A phase that can be run again: the events as they came in, and the numbers of those that changed."""

    phase: BoundPhase
    frame: Frame
    rules: tuple[str, ...]
    events: list[Event]
    numbers: tuple[int, ...]

    def changes(self) -> Iterator[ObjectChange]:
        """Run the changed events again and tell what happens. Old objects are still there as bytes, so nothing was
        stored.
        """
        work: list[tuple[int, list[Operation]]] = []
        runner = ObjectRunner(self.phase, self.frame, lambda rule, operations: work.append((rule, operations)))
        start = self.events[0].ts if self.events else 0
        for number in self.numbers:
            event = self.events[number]
            self.frame.time, self.frame.relative = event.ts, event.ts - start
            for seen, raw in _objects(event, number):
                after = run_object(runner, raw, number, seen.position, deleted=seen.deleted)
                if work:
                    yield self._object_change(event, seen, work, raw, after)
                    work.clear()

    def _object_change(
        self, event: Event, seen: Seen, work: list[tuple[int, list[Operation]]], before: Raw, after: Raw | None
    ) -> ObjectChange:
        thing = reference(before, event, seen)
        changes = tuple(Change(thing, self.rules[rule], tuple(operations)) for rule, operations in work)
        return ObjectChange(thing, changes, before, after)


def _objects(event: Event, number: int) -> Iterator[tuple[Seen, Raw]]:
    for position, raw in enumerate(event.applied_objs):
        yield Seen(number, False, position), raw
    for position, raw in enumerate(event.deleted_objs):
        yield Seen(number, True, position), raw


def reference(raw: Raw, event: Event, seen: Seen) -> ObjectReference:
    """The reference of an object in the trace."""
    return ObjectReference.of(decode_object(raw), seen.event, event.ts, seen.position, deleted=seen.deleted)


class Changes(Iterable[Change]):
    """What a program did to a trace. Iterating runs the changed events again, so a big run costs no memory for it."""

    def __init__(self, phases: tuple[RecordedPhase | tuple[ObjectChange, ...], ...], summary: Summary) -> None:
        self._phases = phases
        self.summary = summary

    def objects(self) -> Iterator[ObjectChange]:
        """The changed objects in order. Event numbers are those of the trace as the phase met it."""
        for phase in self._phases:
            yield from phase.changes() if isinstance(phase, RecordedPhase) else phase

    def __iter__(self) -> Iterator[Change]:
        for item in self.objects():
            yield from item.changes

    def __bool__(self) -> bool:
        return self.summary.has_changes
