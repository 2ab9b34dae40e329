"""What a program would do to a trace, without doing it: the last time that each rule concerned each object."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from msgspec import Raw

from skel.compiler.frame import Frame
from skel.compiler.header import Header
from skel.compiler.plan import ObjectPhase, TracePhase
from skel.compiler.program import BoundPhase, Program
from skel.engine.error import RunError
from skel.engine.events import Progress, run_object
from skel.engine.objects import ObjectRunner
from skel.engine.tally import Seen
from skel.patch.operations import Operation
from skel.trace.codec import Event, decode_object, without_gc
from skel.trace.errors import TraceError
from skel.trace.model import Trace
from skel.trace.names import Names
from skel.trace.reference import ObjectReference
from skel.trace.tracked import tracked_objects

_STRIDE = 500


@dataclass(slots=True)
class Match:
    """A rule and an object that it concerned. The place, the bytes and what the rule does are those of the last time.

    `operations` lead from what the rules before have left to what this rule leaves; `messages` are those of `require`
    and `deny`; `times` counts the objects in the trace that stand for it.
    """

    rule: int
    object: ObjectReference
    before: Raw
    operations: tuple[Operation, ...] = ()
    messages: tuple[str, ...] = ()
    times: int = 1


@dataclass(slots=True)
class Survey:
    """Matches in the order of the trace; `found` and `left` count objects by header before and after the program."""

    matches: list[Match]
    found: Counter[Header] = field(default_factory=Counter)
    left: Counter[Header] = field(default_factory=Counter)
    failures: list[RunError] = field(default_factory=list)


def survey(program: Program, trace: Trace, *, every: bool = False, progress: Progress | None = None) -> Survey:
    """Run the program on every object and keep what it had to say. An object without an answer is a failure in the
    result, not an end. `every`: an object that occurs twice is two objects. Raises TraceError for a program with
    commands on the trace itself.
    """
    surveyor = _Surveyor(program, trace, every=every)
    with without_gc():
        for number in range(len(trace.events) - 1, -1, -1):
            surveyor.look(trace.events[number], number)
            if progress is not None and number % _STRIDE == 0:
                progress(_STRIDE)
    return surveyor.result()


def _phase(program: Program) -> ObjectPhase:
    phases = program.plan.phases
    if any(isinstance(phase, TracePhase) for phase in phases):
        raise TraceError("a rule with a command on the trace itself changes it, and can't only look")
    first = phases[0] if phases else ObjectPhase(())
    assert isinstance(first, ObjectPhase)  # phases without a command on the trace between them are one
    return first


class _Surveyor:
    """Walks from the last event to the first: what is met first of an object counts."""

    def __init__(self, program: Program, trace: Trace, *, every: bool) -> None:
        self.every = every
        phase = BoundPhase(_phase(program), program.options, tracked_objects(trace.config))
        self.frame = Frame(program.plan.slots, program.plan.blocks, Names(trace.events).has)
        self.start = trace.start
        self.runner = ObjectRunner(phase, self.frame, self.observe, only_looks=True)
        self.operations: dict[int, list[Operation]] = {}
        self.matches: dict[tuple[int, tuple[str, ...]], Match] = {}
        self.failures: list[RunError] = []

    def observe(self, rule: int, operations: list[Operation]) -> None:
        self.operations.setdefault(rule, []).extend(operations)

    def look(self, event: Event, number: int) -> None:
        self.frame.time, self.frame.relative = event.ts, event.ts - self.start
        for deleted, objects in ((True, event.deleted_objs), (False, event.applied_objs)):
            for position in range(len(objects) - 1, -1, -1):
                self.look_at(objects[position], event, Seen(number, deleted, position))

    def look_at(self, raw: Raw, event: Event, seen: Seen) -> None:
        try:
            run_object(self.runner, raw, seen.event, seen.position, deleted=seen.deleted)
        except RunError as error:
            self.failures.append(error)
            self.frame.skips.clear()
            self.frame.findings.clear()
        if self.operations or self.runner.has_hits:
            self.note(raw, event, seen, self.messages())

    def messages(self) -> dict[int, list[str]]:
        """What `require` and `deny` said since the last object."""
        said: dict[int, list[str]] = {}
        for hit in self.runner.take_hits():
            said.setdefault(hit.rule, []).append(hit.message)
        return said

    def note(self, raw: Raw, event: Event, seen: Seen, messages: dict[int, list[str]]) -> None:
        thing = ObjectReference.of(decode_object(raw), seen.event, event.ts, seen.position, deleted=seen.deleted)
        for rule in sorted({*self.operations, *messages}):
            said = tuple(dict.fromkeys(messages.get(rule, ())))
            match = Match(rule, thing, raw, tuple(self.operations.get(rule, ())), said)
            key = rule, _place(thing) if self.every or not thing.name else _name(thing)
            known = self.matches.setdefault(key, match)
            if known is not match:
                self.matches[key] = _newer(known, match)
        self.operations.clear()

    def result(self) -> Survey:
        found = Counter(self.runner.met())
        tally = self.runner.tally()
        matches = sorted(self.matches.values(), key=_order)
        left = Counter({header: count for header, count in tally.headers.items() if count > 0})
        return Survey(matches, found, left, self.failures[::-1])


def _newer(known: Match, older: Match) -> Match:
    """What was met first stays; but that an object was deleted says less than the object in force before."""
    if known.object.deleted and not older.object.deleted:
        return older
    if not older.object.deleted:
        known.times += 1
    return known


def _name(thing: ObjectReference) -> tuple[str, ...]:
    return thing.api_version, thing.kind, thing.namespace, thing.name


def _place(thing: ObjectReference) -> tuple[str, ...]:
    return str(thing.event), str(thing.deleted), str(thing.position)


def _order(match: Match) -> tuple[int, bool, int, int]:
    thing = match.object
    return thing.event, thing.deleted, thing.position, match.rule
