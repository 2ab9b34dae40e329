"""Commands on the trace itself: insert, drop, shift, scale, clone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import assert_never

from skel.compiler.frame import Frame
from skel.compiler.plan import TracePhase
from skel.compiler.predicate import compile_term, new_context
from skel.compiler.program import Program
from skel.compiler.values import constant
from skel.engine.change import Change, ObjectChange, reference
from skel.engine.clone import clone
from skel.engine.derive import last_hashes
from skel.engine.summary import Summary
from skel.engine.tally import Seen
from skel.language import ast
from skel.patch.operations import Add, Remove
from skel.trace.codec import Event, decode_object, encode_object
from skel.trace.derived import rebuild
from skel.trace.identity import identity_of
from skel.trace.model import Trace
from skel.trace.moves import Moves
from skel.trace.retiming import retimed

Result = tuple[Trace, tuple[ObjectChange, ...]]


def run_trace_command(phase: TracePhase, program: Program, trace: Trace, summary: Summary) -> Result:
    """Run one command on the trace; the summary gets its counts."""
    rule = program.rules[phase.rule].id
    counts = summary.rules[phase.rule]
    match phase.command:
        case ast.Insert():
            trace, changes = _insert(phase.command, trace, rule)
        case ast.Drop():
            trace, changes = _drop(phase.command, program, trace, rule)
        case ast.Clone():
            trace, changes = clone(phase.command, program, trace, rule)
        case ast.Shift(seconds=seconds):
            summary.retimed = True
            return retimed(trace, lambda second: second + round(seconds)), ()
        case ast.Scale(factor=factor):
            summary.retimed = True
            start = trace.start
            return retimed(trace, lambda second: start + round((second - start) * factor)), ()
        case _:
            assert_never(phase.command)
    came = sum(change.before is None for change in changes)
    summary.came += came
    summary.went += len(changes) - came
    counts.matched += len(changes)
    counts.changed += len(changes)
    return trace, changes


# ---- insert and drop -------------------------------------------------------------------------------------------------


def _insert(command: ast.Insert, trace: Trace, rule: str) -> Result:
    manifest = constant(command.object)
    second = round(command.seconds) + (trace.start if command.relative else 0)
    raw = encode_object(manifest, "the inserted object")
    events = list(trace.events)
    times = [event.ts for event in events]
    at = bisect_right(times, second) - 1
    if at >= 0 and events[at].ts == second:
        old = events[at]
        events[at] = old.copy_with(second, [*old.applied_objs, raw], old.deleted_objs)
    else:
        at = bisect_left(times, second)
        events.insert(at, Event(second, [raw], []))
    seen = Seen(at, False, len(events[at].applied_objs) - 1)
    thing = reference(raw, events[at], seen)
    change = ObjectChange(thing, (Change(thing, rule, (Add((), manifest),)),), None, raw)
    who = identity_of(manifest)
    moves = Moves(seen=last_hashes(events, [who]), added={who: None}) if who else Moves()
    return trace.with_events(events, **rebuild(trace, moves)._asdict()), (change,)


def _drop(command: ast.Drop, program: Program, trace: Trace, rule: str) -> Result:
    holds = compile_term(command.selector, new_context(targets=program.options.targets))
    frame = Frame(program.plan.slots)
    kept: list[Event] = []
    changes: list[ObjectChange] = []
    for number, event in enumerate(trace.events):
        frame.time, frame.relative = event.ts, event.ts - trace.start
        if holds(frame):
            changes += _gone(event, number, rule)
        else:
            kept.append(event)
    moves = _losses(changes, kept)
    return trace.with_events(kept, **rebuild(trace, moves)._asdict()), tuple(changes)


def _gone(event: Event, number: int, rule: str) -> Iterator[ObjectChange]:
    for deleted, objects in ((False, event.applied_objs), (True, event.deleted_objs)):
        for position, raw in enumerate(objects):
            thing = reference(raw, event, Seen(number, deleted, position))
            yield ObjectChange(thing, (Change(thing, rule, (Remove(()),)),), raw, None)


def _losses(changes: list[ObjectChange], kept: list[Event]) -> Moves:
    """Who lost an object with the dropped events; the last version of those that are left counts."""
    identities = (identity_of(decode_object(change.before)) for change in changes if change.before is not None)
    lost = {who for who in identities if who is not None}
    hashes = last_hashes(kept, lost)
    return Moves(seen=hashes, lost=lost, stayed=set(hashes))
