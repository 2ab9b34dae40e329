"""Several processes for one phase: each runs a stretch of the events, the result is the same whatever their number.

Workers are forks, so they have the trace already and send back only what they changed, in a file in memory.
"""

from __future__ import annotations

import gc
import mmap
import os
import pickle
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import IO

import msgspec
from msgspec import Raw

from skel.compiler.frame import Frame
from skel.compiler.program import BoundPhase
from skel.engine.error import RunError
from skel.engine.events import Progress, Stretch, run_stretch
from skel.engine.tally import Tally
from skel.trace.codec import Event

SMALLEST_SHARE = 4000
"""Objects below which another process costs more than it saves."""

_encoder = msgspec.msgpack.Encoder()


def default_workers(objects: int) -> int:
    """All processors that this process may use, but not more than there is work for."""
    if not hasattr(os, "fork"):
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    return max(1, min(cores, objects // SMALLEST_SHARE))


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
    helpers = [_Worker.start(phase, frame, events, numbers) for numbers in others]
    try:
        stretch = run_stretch(phase, frame, events, own, progress)
        results = [helper.result() for helper in helpers] + [stretch]
    finally:
        for helper in helpers:
            helper.end()
    changed: dict[int, Event | None] = {}
    tally = Tally()
    for result in results:
        changed |= result.changed
        tally.add(result.tally)
    return Stretch(changed, tally)


@dataclass(slots=True)
class _Worker:
    """A forked process and the file in which it leaves its result: pickled tally or error, then the changed events."""

    process: int
    file: IO[bytes]
    events: list[Event]
    is_done: bool = False

    @classmethod
    def start(cls, phase: BoundPhase, frame: Frame, events: list[Event], numbers: range) -> _Worker:
        file = _memory_file()
        process = os.fork()
        if process == 0:
            _work(file, phase, frame, events, numbers)
        return cls(process, file, events)

    def result(self) -> Stretch:
        """Wait for the worker. Raises what it raised."""
        _, status = os.waitpid(self.process, 0)
        self.is_done = True
        if status != 0:
            raise ChildProcessError(f"a worker process ended early (status {os.waitstatus_to_exitcode(status)})")
        view = memoryview(mmap.mmap(self.file.fileno(), 0, access=mmap.ACCESS_READ))
        length = int.from_bytes(view[:8], "little")
        outcome = pickle.loads(view[8 : 8 + length])  # noqa: S301  (our own child wrote it)
        if isinstance(outcome, RunError):
            raise outcome
        changed: dict[int, Event | None] = {}
        for number, lists in _CHANGES.decode(view[8 + length :]):
            event = self.events[number]
            changed[number] = None if lists is None else event.copy_with(event.ts, *lists)
        return Stretch(changed, outcome)

    def end(self) -> None:
        if not self.is_done:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(self.process, 9)
                os.waitpid(self.process, 0)
        self.file.close()


_Lists = tuple[list[Raw], list[Raw]]
_CHANGES = msgspec.msgpack.Decoder(list[tuple[int, _Lists | None]])


def _memory_file() -> IO[bytes]:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("skel-worker"), "w+b")
    return tempfile.TemporaryFile()


def _work(file: IO[bytes], phase: BoundPhase, frame: Frame, events: list[Event], numbers: range) -> None:
    """The life of a worker: run, leave the result, and go without the parent's clean-up."""
    status = 1
    try:
        gc.freeze()
        try:
            stretch = run_stretch(phase, frame, events, numbers)
        except RunError as error:
            _leave(file, error, {})
        else:
            _leave(file, stretch.tally, stretch.changed)
        file.flush()
        status = 0
    finally:
        os._exit(status)


def _leave(file: IO[bytes], outcome: Tally | RunError, changed: dict[int, Event | None]) -> None:
    head = pickle.dumps(outcome)
    file.write(len(head).to_bytes(8, "little") + head)
    lists = [(n, None if event is None else (event.applied_objs, event.deleted_objs)) for n, event in changed.items()]
    file.write(_encoder.encode(lists))
