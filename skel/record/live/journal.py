"""What a recorder writes down as it goes, so that a crash loses at most the last second.

Entries that belong to one change go to the disk together. A disk that is full loses nothing: what it does not take
waits in memory, and whoever brings more waits as well.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from skel.patch.values import Json
from skel.record.entries import Entries, Entry, Moment
from skel.record.errors import RecordError
from skel.record.frames import frame
from skel.record.live.segments import Segment, read_file, segments, sync_folder, whole_bytes
from skel.record.live.threads import in_thread

SCHEMA = 1
INFO = "recording.json"
_FLUSH_SECONDS = 1.0
_MOST_WAITING = 8 << 20
"""Bytes that wait for the disk before those who bring more have to wait."""


class Journal:
    """The journal of one recording, in a folder of its own. Only one process has it open."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, and cut what a crash left torn. Raises RecordError."""
        self.folder = folder
        self.problem = ""
        """Why nothing reaches the disk now, empty if all is well."""
        self._lock = _locked(folder)
        there = segments(folder)
        self.current = there[-1] if there else Segment(folder, 1)
        before = self.current.log.stat().st_size if there else 0
        self._file, self.size = _open_log(self.current)
        self.cut = max(0, before - self.size)
        """Bytes at its end that a crash has left torn, and that are cut off."""
        self._batch: list[Entry] = []
        self._waiting = bytearray()
        self._oldest: float | None = None
        self._writing = asyncio.Lock()
        self._room = asyncio.Event()
        self._room.set()

    def read_info(self) -> dict[str, Json] | None:
        """What `write_info` wrote, None if the journal is new."""
        try:
            info: dict[str, Json] = msgspec.json.decode((self.folder / INFO).read_bytes(), type=dict)
        except FileNotFoundError:
            return None
        except (msgspec.MsgspecError, OSError) as error:
            raise RecordError(f"{self.folder / INFO} can't be read: {error}", "remove the folder by hand") from None
        if info.get("schemaVersion") != SCHEMA:
            raise RecordError(f"{self.folder} was written by another version of skel", "remove the folder by hand")
        return info

    def write_info(self, info: dict[str, Json]) -> None:
        """What is recorded here, and of which cluster."""
        part = self.folder / f"{INFO}.part"
        text = msgspec.json.format(msgspec.json.encode({"schemaVersion": SCHEMA, **info}), indent=2)
        part.write_bytes(text + b"\n")
        part.replace(self.folder / INFO)
        sync_folder(self.folder)

    def put(self, entry: Entry) -> None:
        """Part of a change; `commit` ends it."""
        self._batch.append(entry)

    def commit(self) -> None:
        """What was put belongs together: after a crash all of it is there, or nothing."""
        if not self._batch:
            return
        data = frame(self._batch)
        self._batch.clear()
        self._waiting += data
        self.size += len(data)
        if self._oldest is None:
            self._oldest = time.monotonic()
        if len(self._waiting) > _MOST_WAITING:
            self._room.clear()

    @property
    def batched(self) -> int:
        """How many entries were put since the last commit."""
        return len(self._batch)

    @property
    def has_room(self) -> bool:
        """Whether the disk keeps up."""
        return self._room.is_set()

    async def room(self) -> None:
        """Return when the disk keeps up."""
        await self._room.wait()

    @property
    def unwritten(self) -> float:
        """Seconds for which the oldest entry has been waiting for the disk."""
        return 0.0 if self._oldest is None else time.monotonic() - self._oldest

    async def keep_flushing(self, seconds: float = _FLUSH_SECONDS) -> None:
        """Every second until it is cancelled."""
        while True:
            await self.flush()
            try:
                async with asyncio.timeout(seconds):
                    await self._full()
            except TimeoutError:
                pass

    async def _full(self) -> None:
        """Return when there is more to write than should wait; after trouble with the disk only time helps."""
        while self._room.is_set() or self.problem:
            await asyncio.sleep(_FLUSH_SECONDS / 10)

    async def flush(self) -> bool:
        """Bring everything to the disk. False, and a `problem`, if the disk does not take it."""
        async with self._writing:
            data, self._waiting = self._waiting, bytearray()
            if not data:
                return not self.problem
            began = time.monotonic()
            try:
                await in_thread(self._write, data)
            finally:
                # Also if who waits for it is cancelled: what the disk did not take comes first the next time.
                self._waiting[:0] = data
                if not data:
                    self._oldest = began if self._waiting else None
                if len(self._waiting) <= _MOST_WAITING:
                    self._room.set()
            return not data

    def _write(self, data: bytearray) -> None:
        """Write it, and leave in it what the disk did not take."""
        done = 0
        try:
            with memoryview(data) as view:
                while done < len(view):
                    done += os.write(self._file, view[done:])
            os.fsync(self._file)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            self.problem = f"{self.current.log} can't be written: {reason}"
        else:
            self.problem = ""
        del data[:done]

    async def begin_segment(self, at: int) -> Segment:
        """End the segment and begin the next one at a moment after the last entry. Returns the one that has ended.

        Raises RecordError if the disk does not take it.
        """
        if not await self.flush():
            raise RecordError(self.problem)
        async with self._writing:
            assert not self._waiting, "who begins a segment is who brings entries"
            ended, file = self.current, self._file
            self.current = ended.next
            self._file, self.size = _open_log(self.current)
            os.close(file)
        self.put(Moment(at))
        self.commit()
        return ended

    def since(self, start: int) -> tuple[Entries, int]:
        """What is needed to know what was there at a time and what came then, as it is on the disk now.

        The same entries each time, whatever comes meanwhile; and when the first segment of them began.
        """
        there = segments(self.folder)
        first = next((segment for segment in reversed(there) if segment.start() <= start), there[0])
        wanted = [segment for segment in there if segment.number >= first.number]
        sizes = [segment.log.stat().st_size for segment in wanted]

        def entries() -> Iterator[Entry]:
            yield from read_file(first.base)
            for segment, size in zip(wanted, sizes, strict=True):
                yield from read_file(segment.log, size)

        return entries, first.start()

    async def close(self) -> None:
        """Bring the last entries to the disk. Raises RecordError if it does not take them."""
        self.commit()
        is_written = await self.flush()
        for descriptor in (self._file, self._lock):
            os.close(descriptor)
        if not is_written:
            raise RecordError(self.problem, f"make room; what was written until then is in {self.folder}")


def _locked(folder: Path) -> int:
    way_out = "name another folder with --journal"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RecordError(f"the journal {folder} can't be written: {reason}", way_out) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise RecordError(f"another recorder is writing the journal {folder}", way_out) from None
    return descriptor


def _open_log(segment: Segment) -> tuple[int, int]:
    """The log of a segment, at its end, and its size. What a crash left torn is cut off."""
    whole = whole_bytes(segment.log)
    descriptor = os.open(segment.log, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    if os.fstat(descriptor).st_size > whole:
        os.ftruncate(descriptor, whole)
        os.fsync(descriptor)
    return descriptor, whole
