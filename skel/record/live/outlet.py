"""From a journal to traces where they belong: one at the end, or one a segment as the recording goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from skel.patch.values import Json
from skel.record.assemble import Assembled, Window, write_trace
from skel.record.entries import Entries
from skel.record.live.recorder import Recorder
from skel.record.live.segments import Segment, condense, segments
from skel.record.live.threads import in_thread
from skel.storage.store import write_atomically
from skel.trace.errors import TraceError

_RETRY_SECONDS = 15.0
_LOOK_SECONDS = 0.2
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where traces go: `target` is one file, or a folder or prefix that ends with `/`; empty for nowhere.

    `keep`: seconds for which ended segments stay in the journal, for whoever asks for a part of them.
    """

    target: str
    config: dict[str, Json]
    keep: float = 0.0
    tell: Tell = print
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Whoever holds it may read the journal: nothing of it is removed."""

    @property
    def is_folder(self) -> bool:
        return self.target.endswith("/")

    async def run(self, recorder: Recorder) -> None:
        """Bring ended segments where they belong, in their order. Never ends by itself."""
        current = recorder.journal.current
        for segment in segments(current.folder):
            if segment.number < current.number:
                recorder.ended.put_nowait(segment)
        while True:
            segment = await recorder.ended.get()
            while not segment.next.start():
                # When it ended is the first that the next one says, as soon as that is on the disk.
                await asyncio.sleep(_LOOK_SECONDS)
            await in_thread(condense, segment)
            if self.is_folder and not segment.sent.exists():
                await self._send_until_done(segment)
                recorder.written += 1
                segment.sent.touch()
            async with self.reading:
                await in_thread(self._forget, recorder.journal.current, recorder.clock.now())

    async def _send_until_done(self, segment: Segment) -> None:
        """Storage that fails now may take it later; the journal keeps it until then."""
        said = ""
        while True:
            try:
                await in_thread(self.send, segment, segment.next.start())
            except TraceError as error:
                if str(error) != said:
                    said = str(error)
                    self.tell(f"{error}; tried again every {_RETRY_SECONDS:.0f} s")
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return

    def send(self, segment: Segment, end: int) -> Assembled:
        """Write the trace of a segment, which ended at that time. Raises TraceError."""
        start = segment.start()
        window = Window(None if segment.is_first else start, end, closed=True)
        return self.write(f"{self.target}{name_at(start)}", segment.entries, window)

    def write(self, path: str, entries: Entries, window: Window) -> Assembled:
        """Write a trace, whole or not at all. Raises TraceError."""
        found: list[Assembled] = []

        def writer(file: BinaryIO) -> None:
            found.append(write_trace(file, entries, self.config, window))

        write_atomically(path, writer)
        return found[-1]

    def finish(self, folder: Path, end: int) -> Assembled:
        """Write what is not written yet, when the recording is over. Raises TraceError."""
        there = segments(folder)
        if not self.is_folder:
            return self.write(self.target, there[-1].entries, Window())
        for before, segment in pairwise(there):
            condense(before)
            if not before.sent.exists():
                self.send(before, segment.start())
                before.sent.touch()
        self._forget(there[-1], end)
        return self.send(there[-1], end + 1)

    def _forget(self, current: Segment, now: float) -> None:
        """Remove segments that nobody needs: what came after them is older than `keep`."""
        for segment in segments(current.folder):
            if segment.number == current.number:
                return
            is_sent = not self.is_folder or segment.sent.exists()
            if is_sent and segment.next.base.exists() and segment.next.start() + self.keep <= now:
                segment.remove()


def name_at(seconds: int) -> str:
    """The name of a trace that begins then: `2026-11-21T100000Z.sktrace`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H%M%SZ}.sktrace"
