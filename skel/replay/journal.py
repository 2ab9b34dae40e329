"""One line for each step that is done: the record of a run, and how a run that broke off knows where it was."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import msgspec
from msgspec import Struct

from skel.replay.errors import ReplayError

HELD_BACK = 64
"""Lines that go to the file together."""
_HELD_SECONDS = 0.05
_SYNC_SECONDS = 1.0
_NAMES = {"api_version": "apiVersion"}
_encoder = msgspec.json.Encoder()
_encode = _encoder.encode


class Line(Struct, frozen=True, gc=False, rename=_NAMES):
    """A step and what became of it.

    `t` is in seconds of the trace, `wall` in seconds of the run. `namespace` and `name` are those of the trace.
    """

    t: float
    wall: float
    round: int
    step: int
    event: int
    verb: str
    api_version: str
    kind: str
    namespace: str
    name: str
    status: int
    verdict: str
    reason: str = ""
    message: str = ""
    warnings: tuple[str, ...] = ()
    attempts: int = 1
    rule: str | None = None
    fix: str | None = None


def encoded_line(line: Line) -> bytes:
    """As it stands in the file."""
    return _encode(line) + b"\n"


class Journal:
    """A file that only grows. What is recorded is with the system a moment later, and on the disk a second later.

    A crash can lose the last `HELD_BACK` lines: who reads it again must ask the target about as many steps.
    """

    def __init__(self, path: Path, now: Callable[[], float] = monotonic) -> None:
        """Open or make the file. What a crash left of a last line is cut off. Raises ReplayError."""
        self._path = path
        self._now = now
        self._encode = _encoder.encode_into
        self._buffer = bytearray()
        self._held = 0
        self._failure: OSError | None = None
        try:
            _cut_torn_line(path)
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        except OSError as error:
            raise _explained(path, error) from None
        self._synced = now()

    def append(self, line: Line) -> None:
        """Raises ReplayError if it can't be written: a run without a record would be lost."""
        self._encode(line, self._buffer, -1)
        self._buffer += b"\n"
        self._hold(1)

    def append_encoded(self, lines: list[bytes]) -> None:
        """The same for lines as `encoded_line` makes them."""
        self._buffer += b"".join(lines)
        self._hold(len(lines))

    def _hold(self, lines: int) -> None:
        first, self._held = not self._held, self._held + lines
        if self._held >= HELD_BACK:
            self._flush()
        elif first:
            asyncio.get_running_loop().call_later(_HELD_SECONDS, self._flush)
        if self._failure is not None:
            raise _explained(self._path, self._failure)

    def close(self) -> None:
        """Raises ReplayError if what is left can't be written."""
        self._flush()
        try:
            os.fsync(self._file)
        except OSError as error:
            self._failure = self._failure or error
        os.close(self._file)
        self._held = 0
        if self._failure is not None:
            raise _explained(self._path, self._failure)

    def _flush(self) -> None:
        if not self._held or self._failure is not None:
            return
        data, self._held = bytes(self._buffer), 0
        self._buffer.clear()
        try:
            _write(self._file, data)
            if self._now() - self._synced >= _SYNC_SECONDS:
                os.fsync(self._file)
                self._synced = self._now()
        except OSError as error:
            self._failure = error


def read_journal(path: Path) -> Iterator[Line]:
    """The lines of a run. A last line that is not whole is left out. Raises ReplayError."""
    decoder = msgspec.json.Decoder(Line)
    try:
        with path.open("rb") as file:
            for number, text in enumerate(file, start=1):
                if not text.endswith(b"\n"):
                    return
                try:
                    yield decoder.decode(text)
                except (msgspec.MsgspecError, ValueError):
                    raise ReplayError(f"{path}:{number}: this is no line of a run") from None
    except OSError as error:
        raise ReplayError(f"{path} can't be read: {(error.strerror or str(error)).lower()}") from None


def _cut_torn_line(path: Path) -> None:
    if not path.exists():
        return
    data_end = 0
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                data_end += len(line)
    if data_end != path.stat().st_size:
        os.truncate(path, data_end)


def _write(file: int, data: bytes) -> None:
    """A full disk may take a part of it first."""
    while data:
        data = data[os.write(file, data) :]


def _explained(path: Path, error: OSError) -> ReplayError:
    reason = (error.strerror or str(error)).lower()
    return ReplayError(f"{path} can't be written: {reason}", "make room, then go on with --resume")
