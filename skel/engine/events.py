"""A stretch of events through one phase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Raw

from skel.compiler.frame import Frame
from skel.compiler.program import BoundPhase
from skel.compiler.values import Ambiguous
from skel.engine.error import RunError
from skel.engine.objects import ObjectRunner
from skel.engine.tally import Seen, Tally
from skel.trace.codec import Event
from skel.trace.errors import TraceError

Progress = Callable[[int], None]
"""Called now and then with the number of events done since the last call."""

STRIDE = 500


@dataclass(frozen=True, slots=True)
class Stretch:
    """What became of the events: those that changed, by number, None for one that a rule emptied."""

    changed: dict[int, Event | None]
    tally: Tally


def run_stretch(
    phase: BoundPhase, frame: Frame, events: list[Event], numbers: range, progress: Progress | None = None
) -> Stretch:
    """Run the events of these numbers, the last first, so that the first version met of an object is its last one.

    Raises RunError with the event, the object and the rule.
    """
    runner = ObjectRunner(phase, frame)
    changed: dict[int, Event | None] = {}
    start = events[0].ts if events else 0
    last = len(events) - 1
    for count, number in enumerate(reversed(numbers), 1):
        event = events[number]
        frame.time = event.ts
        frame.relative = event.ts - start
        after = run_event(runner, event, number)
        if after is not event:
            is_edge = number in (0, last)
            changed[number] = after if after.applied_objs or after.deleted_objs or is_edge else None
        if progress is not None and count % STRIDE == 0:
            progress(STRIDE)
    return Stretch(changed, runner.tally)


def run_event(runner: ObjectRunner, event: Event, number: int) -> Event:
    """The event after the phase; the event itself if nothing in it changed."""
    deleted = _run_list(runner, event.deleted_objs, number, deleted=True) if event.deleted_objs else event.deleted_objs
    applied = _run_list(runner, event.applied_objs, number, deleted=False) if event.applied_objs else event.applied_objs
    if applied is event.applied_objs and deleted is event.deleted_objs:
        return event
    return event.copy_with(event.ts, applied, deleted)


def _run_list(runner: ObjectRunner, objects: list[Raw], number: int, *, deleted: bool) -> list[Raw]:
    results: list[Raw | None] = []
    is_same = True
    for position in range(len(objects) - 1, -1, -1):
        raw = objects[position]
        after = run_object(runner, raw, Seen(number, deleted, position))
        is_same = is_same and after is raw
        results.append(after)
    return objects if is_same else [raw for raw in reversed(results) if raw is not None]


def run_object(runner: ObjectRunner, raw: Raw, seen: Seen) -> Raw | None:
    """One object, with the place added to whatever goes wrong."""
    try:
        return runner.run(raw, seen)
    except Ambiguous as error:
        raise RunError(str(error), seen, raw, error.span) from None
    except TraceError as error:
        raise RunError(error.message, seen, raw) from None
    except RecursionError:
        raise RunError("the object is nested too deeply", seen, raw) from None
