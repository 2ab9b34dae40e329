"""One more process for a stretch of events.

It is a fork, so it has the trace already. What it changed it writes into a file in memory as it goes, and keeps
nothing: the parent reads the objects where they lie.
"""

from __future__ import annotations

import gc
import mmap
import os
import pickle
import tempfile
from dataclasses import dataclass, field
from typing import IO

import msgspec
from msgspec import Raw

from skel.compiler.frame import Frame
from skel.compiler.program import BoundPhase
from skel.engine.error import RunError
from skel.engine.events import Stretch, run_events
from skel.engine.tally import Tally
from skel.processes import end, split
from skel.trace.codec import Event

_Lists = tuple[list[Raw], list[Raw]]
_Change = tuple[int, _Lists | None]

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[_Change])

AT_ONCE = 256
"""Changed events in one block of the file."""

WORD = 8
"""Bytes of a length in the file."""


@dataclass(slots=True)
class Worker:
    """A forked process and the file in which it leaves its result."""

    process: int
    file: IO[bytes]
    events: list[Event]
    is_done: bool = False

    @classmethod
    def start(cls, phase: BoundPhase, frame: Frame, events: list[Event], numbers: range) -> Worker:
        file = _memory_file()
        process = split(lambda: _work(_Output(file), phase, frame, events, numbers))
        return cls(process, file, events)

    def result(self) -> Stretch:
        """Wait for the worker. Raises what it raised."""
        _, status = os.waitpid(self.process, 0)
        self.is_done = True
        if status != 0:
            raise ChildProcessError(f"a worker process ended early (status {os.waitstatus_to_exitcode(status)})")
        blocks = _blocks(memoryview(mmap.mmap(self.file.fileno(), 0, access=mmap.ACCESS_READ)))
        outcome: Tally | RunError = pickle.loads(blocks.pop())  # noqa: S301  (our own child wrote it)
        if isinstance(outcome, RunError):
            raise outcome
        changed: dict[int, Event | None] = {}
        for block in blocks:
            for number, lists in _decoder.decode(block):
                event = self.events[number]
                changed[number] = None if lists is None else event.copy_with(event.ts, *lists)
        return Stretch(changed, outcome)

    def end(self) -> None:
        """Make sure that the process is gone."""
        if not self.is_done:
            end(self.process)
        self.file.close()


def _memory_file() -> IO[bytes]:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("skel-worker"), "w+b")
    return tempfile.TemporaryFile()


def _blocks(view: memoryview) -> list[memoryview]:
    """The blocks of the file, each behind its length; the last one is the outcome."""
    blocks, start = [], 0
    while start < len(view):
        end = start + WORD + int.from_bytes(view[start : start + WORD], "little")
        blocks.append(view[start + WORD : end])
        start = end
    return blocks


@dataclass(slots=True)
class _Output:
    """The worker's end of the file."""

    file: IO[bytes]
    waiting: list[_Change] = field(default_factory=list)

    def keep(self, number: int, event: Event | None) -> None:
        self.waiting.append((number, None if event is None else (event.applied_objs, event.deleted_objs)))
        if len(self.waiting) == AT_ONCE:
            self.flush()

    def flush(self) -> None:
        self.block(_encoder.encode(self.waiting))
        self.waiting.clear()

    def block(self, content: bytes) -> None:
        self.file.write(len(content).to_bytes(WORD, "little"))
        self.file.write(content)


def _work(output: _Output, phase: BoundPhase, frame: Frame, events: list[Event], numbers: range) -> None:
    """The life of a worker: run, and leave the result."""
    gc.freeze()
    outcome: Tally | RunError
    try:
        outcome = run_events(phase, frame, events, numbers, output.keep)
    except RunError as error:
        outcome = error
    output.flush()
    output.block(pickle.dumps(outcome))
    output.file.flush()
