"""Several processes for one phase: each runs a stretch of the events, the result is the same whatever their number."""

from __future__ import annotations

import os
from itertools import accumulate, pairwise

from skel.compiler.frame import Frame
from skel.compiler.program import BoundPhase
from skel.engine.events import Progress, Stretch, run_stretch
from skel.engine.tally import Tally
from skel.engine.worker import Worker
from skel.processes import processors
from skel.trace.codec import Event

SMALLEST_SHARE = 4000
"""Objects below which another process costs more than it saves."""


def default_workers(objects: int) -> int:
    """All processors that this process may use, but not more than there is work for."""
    if not hasattr(os, "fork"):
        return 1
    return max(1, min(processors(), objects // SMALLEST_SHARE))


def stretches(events: list[Event], workers: int) -> list[range]:
    """The numbers of the events in as many runs of about as many objects each."""
    weights = list(accumulate(1 + len(event.applied_objs) + len(event.deleted_objs) for event in events))
    cuts = [0]
    for worker in range(1, workers):
        aim = weights[-1] * worker / workers
        cuts.append(next(number for number, weight in enumerate(weights) if weight >= aim))
    cuts.append(len(events))
    return [range(start, end) for start, end in pairwise(cuts) if start < end]


def run_parallel(
    phase: BoundPhase, frame: Frame, events: list[Event], workers: int, progress: Progress | None
) -> Stretch:
    """Run all events with that many processes, this one included, which takes the last stretch."""
    *others, own = stretches(events, workers)
    started = [Worker.start(phase, frame, events, numbers) for numbers in others]
    try:
        stretch = run_stretch(phase, frame, events, own, _for_all(progress, len(started) + 1))
        results = [worker.result() for worker in started] + [stretch]
    finally:
        for worker in started:
            worker.end()
    changed: dict[int, Event | None] = {}
    tally = Tally()
    for result in results:
        changed |= result.changed
        tally.add(result.tally)
    return Stretch(changed, tally)


def _for_all(progress: Progress | None, workers: int) -> Progress | None:
    """The stretches are alike: what is done here stands for what is done everywhere."""
    return None if progress is None else lambda count: progress(count * workers)
