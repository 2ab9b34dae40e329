"""A stretch of events through one phase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Raw

from skel.compiler.frame import Frame
from skel.compiler.program import BoundPhase
from skel.compiler.values import NoAnswer
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
    """Run the events of these numbers. Raises RunError with the event, the object and the rule."""
    changed: dict[int, Event | None] = {}
    return Stretch(changed, run_events(phase, frame, events, numbers, changed.__setitem__, progress))


def run_events(
    phase: BoundPhase,
    frame: Frame,
    events: list[Event],
    numbers: range,
    keep: Callable[[int, Event | None], None],
    progress: Progress | None = None,
) -> Tally:
    """Run the events, the last first, so that the first version met of an object is its last one.

    `keep` is given each event that changed, by number, None for one that a rule emptied. Raises RunError.
    """
    runner = ObjectRunner(phase, frame)
    start = events[0].ts if events else 0
    edges = (0, len(events) - 1)
    for number in reversed(numbers):
        event = events[number]
        frame.time = event.ts
        frame.relative = event.ts - start
        deleted = run_list(runner, event.deleted_objs, number, deleted=True)
        applied = run_list(runner, event.applied_objs, number, deleted=False)
        if applied is not event.applied_objs or deleted is not event.deleted_objs:
            is_empty = not (applied or deleted) and number not in edges
            keep(number, None if is_empty else event.copy_with(event.ts, applied, deleted))
        if progress is not None and number % STRIDE == 0:
            progress(min(STRIDE, numbers.stop - number))
    return runner.tally()


def run_list(runner: ObjectRunner, objects: list[Raw], number: int, *, deleted: bool) -> list[Raw]:
    """The objects after the phase; the list itself if nothing in it changed."""
    results = objects
    for position in range(len(objects) - 1, -1, -1):
        raw = objects[position]
        after = run_object(runner, raw, number, position, deleted=deleted)
        if after is raw:
            continue
        if results is objects:
            results = objects.copy()
        if after is None:
            del results[position]  # behind it everything has been run already
        else:
            results[position] = after
    return results


def run_object(runner: ObjectRunner, raw: Raw, number: int, position: int, *, deleted: bool) -> Raw | None:
    """One object, with the place added to whatever goes wrong."""
    try:
        return runner.run(raw, number, deleted, position)
    except NoAnswer as error:
        raise RunError(str(error), Seen(number, deleted, position), raw, error.span) from None
    except TraceError as error:
        raise RunError(error.message, Seen(number, deleted, position), raw) from None
    except RecursionError:
        raise RunError("the object is nested too deeply", Seen(number, deleted, position), raw) from None
