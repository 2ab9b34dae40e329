"""A part of a trace that stands for itself: a stretch of time, some of the objects, or both.

As in an export of the recorder, the stretch has its start and not its end, and the first event holds all that was there
at the start. So the parts on both sides of a moment have each event once, and `merge` makes the whole of them again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec import Raw

from skel.trace.codec import Event, without_gc
from skel.trace.errors import TraceError
from skel.trace.history import apply_event
from skel.trace.identity import Identity, sight
from skel.trace.model import Trace
from skel.trace.sliced_parts import SeenObjects, index_of, lifecycles_of

Keep = Callable[[Identity], bool]
"""Whether an object is wanted, over all of its life."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` up to, and without, `end`, in Unix seconds; None where nothing is cut off."""

    start: int | None = None
    end: int | None = None

    def has(self, time: int) -> bool:
        return not self.is_before(time) and not self.is_behind(time)

    def is_before(self, time: int) -> bool:
        """Whether the time is before the start."""
        return self.start is not None and time < self.start

    def is_behind(self, time: int) -> bool:
        return self.end is not None and time >= self.end


def slice_trace(trace: Trace, *, start: int | None = None, end: int | None = None, keep: Keep | None = None) -> Trace:
    """The trace from `start` up to `end` (Unix seconds), with the objects that `keep` wants.

    Nothing is decoded but hashes of specs that are no longer the last ones. Objects without a name are only kept where
    all are. Raises TraceError if the stretch and the trace have nothing in common.
    """
    stretch = _fitted(trace, start, end)
    if stretch == Stretch() and keep is None:
        return trace
    with without_gc():
        cutter = _Cutter(stretch, keep)
        events = cutter.run(trace.events)
        return trace.with_events(
            events,
            index=index_of(trace, cutter.seen, keep),
            pod_lifecycles=lifecycles_of(trace, cutter.seen, keep, stretch.start, stretch.end),
        )


def _fitted(trace: Trace, start: int | None, end: int | None) -> Stretch:
    """The stretch without ends that cut nothing off."""
    if start is not None and end is not None and start >= end:
        raise TraceError("the slice would end before it begins", "--end must be later than --start")
    if trace.events and start is not None and start > trace.end:
        raise TraceError(f"{trace.name} ends {start - trace.end} seconds before the slice begins")
    if trace.events and end is not None and end <= trace.start:
        raise TraceError(f"{trace.name} begins {trace.start - end} seconds after the slice ends")
    return Stretch(
        None if start is None or start <= trace.start else start, None if end is None or end > trace.end else end
    )


@dataclass(slots=True)
class _Cutter:
    stretch: Stretch
    keep: Keep | None
    seen: SeenObjects = field(default_factory=SeenObjects)
    events: list[Event] = field(default_factory=list)
    emptied: set[int] = field(default_factory=set)

    def run(self, events: list[Event]) -> list[Event]:
        state: dict[Identity, Raw] = {}
        if self.stretch.start is not None:
            self.events.append(Event(self.stretch.start, [], []))
        for event in events:
            if self.stretch.is_before(event.ts):
                apply_event(state, event.applied_objs, event.deleted_objs, self.seen.before)
            elif self.stretch.is_behind(event.ts):
                self._pass_by(event)
            else:
                self._take(event)
        if self.stretch.start is not None:
            self._begin_with(state)
        if self.stretch.end is not None:
            self.events.append(Event(self.stretch.end, [], []))
        # The first and the last event keep the time, with objects or without.
        gone = self.emptied - {0, len(self.events) - 1}
        return [event for number, event in enumerate(self.events) if number not in gone]

    def _begin_with(self, state: dict[Identity, Raw]) -> None:
        """The first event has what was there before the start. What became of it since counts more."""
        first = [raw for who, raw in state.items() if self.keep is None or self.keep(who)]
        self.events[0] = Event(self.events[0].ts, first, [])
        for who, spec in _sightings(first)[1]:
            if self.seen.last.get(who) is None:
                self.seen.last[who] = spec

    def _take(self, event: Event) -> None:
        applied, came = _sightings(event.applied_objs, self.keep)
        deleted, went = _sightings(event.deleted_objs, self.keep)
        self.seen.last.update(came)
        self.seen.gone.difference_update(who for who, _ in came)
        for who, _ in went:
            self.seen.last.setdefault(who, None)
            self.seen.gone.add(who)
        if len(applied) == len(event.applied_objs) and len(deleted) == len(event.deleted_objs):
            self.events.append(event)
            return
        if not applied and not deleted:
            self.emptied.add(len(self.events))
        self.events.append(event.copy_with(event.ts, applied, deleted))

    def _pass_by(self, event: Event) -> None:
        """What comes after the end: who changes there has another last version than in the slice."""
        came = _sightings(event.applied_objs)[1]
        self.seen.overtaken.update(who for who, _ in came)
        self.seen.after.update(who for who, _ in (*came, *_sightings(event.deleted_objs)[1]))


def _sightings(objects: list[Raw], keep: Keep | None = None) -> tuple[list[Raw], list[tuple[Identity, Raw]]]:
    """The objects that are wanted, and of those with a name who they are and their specs."""
    if keep is None:
        found = [seen for raw in objects if (seen := sight(raw))]
        return objects, [(seen.identity, seen.spec) for seen in found]
    kept, seen_objects = [], []
    for raw in objects:
        seen = sight(raw)
        if seen is not None and keep(who := seen.identity):
            kept.append(raw)
            seen_objects.append((who, seen.spec))
    return kept, seen_objects
