"""Several traces as one: events in the order of time, and what two of them recorded alike only once.

The opposite of a slice: parts of a trace, side by side or overlapping, become the trace again, byte for byte if index
and lifetimes stand in alphabetical order or in that of their appearance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skel.trace.codec import Event, without_gc
from skel.trace.errors import TraceError
from skel.trace.identity import Identity
from skel.trace.merged_events import Meeting
from skel.trace.merged_parts import merge_config, merge_index, merge_lifecycles
from skel.trace.model import Trace


@dataclass(frozen=True, slots=True, order=True)
class Conflict:
    """An object of which two traces tell different stories for the same time: since when, and how often."""

    object: Identity
    time: int
    times: int

    def __str__(self) -> str:
        return f"{self.object[0]} {self.object[1]}"


@dataclass(frozen=True, slots=True)
class Merged:
    """The trace, the conflicts in it, and how many objects were recorded twice and are taken once."""

    trace: Trace
    conflicts: tuple[Conflict, ...] = ()
    repeated: int = 0


def merge_traces(traces: Sequence[Trace]) -> Merged:
    """All traces in one, by the times in them. An object in conflict has what both have of it. Raises TraceError for a
    trace without events.
    """
    for trace in traces:
        if not trace.events:
            raise TraceError(f"{trace.name} has no events, so nobody knows when it was")
    first, *others = sorted(traces, key=lambda trace: trace.start)
    result = Merged(first)
    with without_gc():
        for other in others:
            step = _merged(result.trace, other)
            result = Merged(step.trace, (*result.conflicts, *step.conflicts), result.repeated + step.repeated)
    return result


def _merged(one: Trace, other: Trace) -> Merged:
    meeting = Meeting(one.events, other.events)
    events = _with_span(list(meeting.events()), one, other)
    trace = one.with_events(
        events,
        config=merge_config(one.config, other.config),
        index=merge_index(one.index, other.index, meeting.last_of_one, meeting.last_of_other),
        pod_lifecycles=merge_lifecycles(one.pod_lifecycles, other.pod_lifecycles),
    )
    conflicts = (Conflict(who, times[0], len(times)) for who, times in sorted(meeting.differing.items()))
    return Merged(trace, tuple(conflicts), meeting.repeated)


def _with_span(events: list[Event], one: Trace, other: Trace) -> list[Event]:
    """The time from the first start to the last end, if need be with markers."""
    end = max(one.end, other.end)
    if not events or events[0].ts != one.start:
        events.insert(0, Event(one.start, [], []))
    if events[-1].ts < end:
        events.append(Event(end, [], []))
    return events
