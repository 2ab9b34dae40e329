"""Notes in the order in which things happened, however the lines were shuffled, rotated or doubled.

Sorted by time, in runs that go to the disk when they are many, so that memory does not grow with the log. The time of a
line is when the answer went out; of two changes of one object that lie close together the later one may be answered
first. So within a window the times of an object are given to its changes in the order of their resourceVersion.
"""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush, merge
from operator import attrgetter
from typing import BinaryIO, Self

from msgspec.structs import replace

from skel.record.imports.audit.note import Note, decode_note, encode_note

RUN = 32 << 20
"""Bytes of notes that are kept in memory."""
WINDOW = 15 * 1_000_000
"""Microseconds between what is written to etcd and the end of its answer, by far more than usual."""

_by_key = attrgetter("key")
_ROUGHLY = 600
"""Bytes of a note without its body."""
_HEAD = 4


class Sorter:
    """Takes notes in any order, gives them in that of their keys, each once. Use it as a context: it holds a file."""

    def __init__(self, run: int = RUN) -> None:
        self._run = run
        self._notes: list[Note] = []
        self._size = 0
        self._file: BinaryIO | None = None
        self._runs: list[tuple[int, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, note: Note) -> None:
        self._notes.append(note)
        self._size += len(note.body) + _ROUGHLY
        if self._size > self._run:
            self._spill()

    def __iter__(self) -> Iterator[Note]:
        self._notes.sort(key=_by_key)
        found = [*map(self._read, self._runs), iter(self._notes)]
        return _once(merge(*found, key=_by_key) if len(found) > 1 else found[0])

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="skel-")  # noqa: SIM115  (closed with the sorter)
        self._notes.sort(key=_by_key)
        start = self._file.tell()
        for note in self._notes:
            data = encode_note(note)
            self._file.write(len(data).to_bytes(_HEAD, "big") + data)
        self._file.flush()
        self._runs.append((start, self._file.tell()))
        self._notes, self._size = [], 0

    def _read(self, run: tuple[int, int]) -> Iterator[Note]:
        """The notes of a run; of all runs together little is in memory at once."""
        assert self._file is not None
        at, end = run
        block = max(1 << 14, self._run // 4 // len(self._runs))
        data = b""
        while at < end or data:
            more = os.pread(self._file.fileno(), min(block, end - at), at)
            at += len(more)
            data += more
            here = 0
            while len(data) >= here + _HEAD:
                size = int.from_bytes(data[here : here + _HEAD], "big")
                if len(data) < here + _HEAD + size:
                    break
                yield decode_note(data[here + _HEAD : here + _HEAD + size])
                here += _HEAD + size
            data = data[here:]


def _once(notes: Iterable[Note]) -> Iterator[Note]:
    before: tuple[int, int, str] | None = None
    for note in notes:
        if note.key != before:
            before = note.key
            yield note


def by_version(notes: Iterable[Note], window: int = WINDOW) -> Iterator[Note]:
    """Sorted notes; of each object its versions ascend, as far as its times lie within the window."""
    waiting: deque[Note] = deque()
    versions: _Versions = {}
    for note in notes:
        while waiting and waiting[0].time + window < note.time:
            yield _next(waiting.popleft(), versions)
        waiting.append(note)
        if note.version:
            heappush(versions.setdefault(note.uid, []), (note.version, *note.key, note))
    while waiting:
        yield _next(waiting.popleft(), versions)


_Versions = dict[str, list[tuple[int, int, int, str, Note]]]
"""The changes of each object that wait, as a heap by version."""


def _next(note: Note, versions: _Versions) -> Note:
    """At the time of a change the oldest one of its object that waits."""
    if not note.version:
        return note
    rivals = versions[note.uid]
    oldest = heappop(rivals)[-1]
    if not rivals:
        del versions[note.uid]
    return oldest if oldest is note else replace(oldest, time=note.time)
