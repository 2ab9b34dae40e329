"""Where a program meets a trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skel.compiler.frame import Frame
from skel.compiler.plan import TracePhase
from skel.compiler.program import BoundPhase, Program
from skel.engine.change import Changes, ObjectChange, RecordedPhase
from skel.engine.derive import with_derived
from skel.engine.events import Progress, Stretch, run_stretch
from skel.engine.parallel import default_workers, run_parallel
from skel.engine.summary import Summary
from skel.engine.trace_commands import run_trace_command
from skel.trace.codec import Event, without_gc
from skel.trace.model import Trace
from skel.trace.names import Names
from skel.trace.tracked import tracked_objects


def apply(
    program: Program, trace: Trace, *, workers: int | None = None, progress: Progress | None = None
) -> tuple[Trace, Changes]:
    """Run a program on a trace: the new trace, and what was changed. The trace given is not touched.

    `workers` is the number of processes, by default all processors if the trace is big; the result is the same.
    `progress` is called with numbers of events done. Raises RunError, and TraceError for objects that can't be read.
    """
    summary = Summary.of(program.rules)
    summary.events = len(trace.events)
    summary.objects = sum(len(event.applied_objs) + len(event.deleted_objs) for event in trace.events)
    recorded: list[RecordedPhase | tuple[ObjectChange, ...]] = []
    with without_gc():
        for phase in program.plan.phases:
            if isinstance(phase, TracePhase):
                trace, changes = run_trace_command(phase, program, trace, summary)
                recorded.append(changes)
                continue
            bound = BoundPhase(phase, program.options, _tracked(trace))
            trace, record = _run_phase(bound, program, trace, summary, workers, progress)
            recorded.append(record)
    return trace, Changes(tuple(recorded), summary)


def _tracked(trace: Trace) -> Mapping[str, Any]:
    return tracked_objects(trace.config)


def _run_phase(
    phase: BoundPhase, program: Program, trace: Trace, summary: Summary, workers: int | None, progress: Progress | None
) -> tuple[Trace, RecordedPhase]:
    events = list(trace.events)
    frame = Frame(program.plan.slots, program.plan.blocks, Names(events).has)
    stretch = _stretch(phase, frame, events, workers, progress)
    summary.add(stretch.tally, phase, program.rules)
    rules = tuple(rule.id for rule in program.rules)
    record = RecordedPhase(phase, frame, rules, events, tuple(sorted(stretch.changed)))
    if not stretch.changed:
        return trace, record
    return with_derived(trace, _merged(events, stretch.changed), stretch.tally), record


def _stretch(
    phase: BoundPhase, frame: Frame, events: list[Event], workers: int | None, progress: Progress | None
) -> Stretch:
    objects = sum(len(event.applied_objs) + len(event.deleted_objs) for event in events)
    count = min(workers if workers is not None else default_workers(objects), max(1, len(events)))
    if count > 1:
        return run_parallel(phase, frame, events, count, progress)
    return run_stretch(phase, frame, events, range(len(events)), progress)


def _merged(events: list[Event], changed: dict[int, Event | None]) -> list[Event]:
    """The events with the changed ones in their places, without those that a rule emptied."""
    results = [changed.get(number, event) if number in changed else event for number, event in enumerate(events)]
    return [event for event in results if event is not None]
