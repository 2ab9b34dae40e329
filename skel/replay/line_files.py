"""Files of JSON lines that only grow. A full disk ends them, not the run: what is in them then is whole lines."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import msgspec

from skel.patch.values import Json

_LARGEST = 256 * 1024
"""Bytes of a file that wait in memory."""


class LineFiles:
    """The files of one folder, each made when its first line comes. `problem` says why nothing is written any more."""

    def __init__(self, folder: Path) -> None:
        self.problem = ""
        self.lines: Counter[str] = Counter()
        """Lines by file."""
        self._folder = folder
        self._waiting: dict[str, bytearray] = {}
        self._open: dict[str, int] = {}
        self._encode_into = msgspec.json.Encoder().encode_into

    def begin(self, *names: str) -> None:
        """Make files that may stay empty: that nothing was seen is not the same as that nobody looked."""
        for name in names:
            self._waiting.setdefault(name, bytearray())
            self._flush(name)

    def put(self, name: str, line: Mapping[str, Json]) -> None:
        """Add a line. It is in the file when enough have come, or when `flush` is called."""
        if self.problem:
            return
        waiting = self._waiting.setdefault(name, bytearray())
        self._encode_into(line, waiting, len(waiting))
        waiting += b"\n"
        self.lines[name] += 1
        if len(waiting) > _LARGEST:
            self._flush(name)

    def flush(self) -> None:
        for name in tuple(self._waiting):
            self._flush(name)

    def close(self) -> None:
        self.flush()
        while self._open:
            os.close(self._open.popitem()[1])

    def _flush(self, name: str) -> None:
        if self.problem:
            return
        try:
            if name not in self._open:
                self._open[name] = _opened(self._folder / name)
            _write_whole(self._open[name], self._waiting[name])
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            self.problem = f"{self._folder / name} can't be written: {reason}; the replay goes on without being watched"
            self._waiting.clear()
        else:
            self._waiting[name].clear()


def _opened(file: Path) -> int:
    """A file of an earlier attempt is continued, without what a crash left of a last line."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    os.ftruncate(descriptor, _end_of_last_line(descriptor))
    return descriptor


def _end_of_last_line(descriptor: int) -> int:
    end = os.fstat(descriptor).st_size
    while end > 0:
        start = max(0, end - _LARGEST)
        at = os.pread(descriptor, end - start, start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        end = start
    return 0


def _write_whole(descriptor: int, data: bytearray) -> None:
    """All of it, or as many lines as there is room for. Raises OSError."""
    left = memoryview(data)
    try:
        while left:
            left = left[os.write(descriptor, left) :]
    except OSError:
        os.ftruncate(descriptor, _end_of_last_line(descriptor))
        raise
    finally:
        left.release()
