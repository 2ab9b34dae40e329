"""Other processes look at the objects that a dry replay will come to.

What a model says of a spec follows from its bytes. So processes that are split off from the replay may run ahead of it
and judge what is new there; the replay takes their word where it has it, and judges by itself where it has not. A run
is the same with and without them.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from struct import Struct as Layout

import msgspec
from msgspec import Struct

from skel.patch.values import Json
from skel.processes import can_split, end, processors, split
from skel.replay.schedule import Moment, ReplayStep

PAYS = 64
"""New specs that a replay judges by itself before it takes others."""
BLOCK = 128
"""Steps in a row that are one scout's."""
MOST = 3
"""Scouts that keep a replay busy: what it does itself takes a third of the time of one."""
_PIPE = 1024 * 1024
"""Bytes that may wait for the replay: so far ahead is a scout."""
_LENGTH = Layout("<I")
_NUMBER = Layout("<q")


class Foreseen(Struct, frozen=True, gc=False, array_like=True):
    """An object that a model finds good, apart from its metadata: `raw` as it goes to the model, the annotations that
    its pods get, and what the model is told again. `number` is that of the step.
    """

    number: int
    raw: bytes
    annotations: dict[str, Json]
    judgement: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Foreseen).decode

Look = Callable[[ReplayStep], Foreseen | None]
"""What a scout finds out about a step; None if there is nothing new, or nothing good."""
Coming = Callable[[], Iterable[Moment]]
"""The schedule from its beginning."""


class Ahead:
    """The scouts of one round. They are taken when there is enough to do for them."""

    def __init__(self, look: Look, coming: Coming, *, pays: int = PAYS, scouts: int | None = None) -> None:
        """`scouts`: how many at most, by default one for each processor that is left."""
        self._look = look
        self._coming = coming
        self._pays = self._alone = pays
        self._most = min(MOST, processors() - 1) if scouts is None else scouts
        self._here = _Number()
        self._scouts: list[_Scout] = []

    def find(self, number: int) -> Foreseen | None:
        """What was found out about a step that is new to the replay, None if no scout has come to it."""
        if not self._scouts:
            self._wait_or_start(number)
            return None
        self._here.write(number)
        return self._scouts[number // BLOCK % len(self._scouts)].find(number)

    def close(self) -> None:
        """End the scouts, wherever they are."""
        while self._scouts:
            self._scouts.pop().close()

    def _wait_or_start(self, number: int) -> None:
        self._alone -= 1
        if self._alone:
            return
        if not can_split():
            self._alone = self._pays
            return
        self._here.write(number)
        for share in range(self._most):
            self._scouts.append(_Scout(partial(self._scout, share)))

    def _scout(self, share: int, tell: Callable[[Foreseen], None]) -> None:
        """The life of a scout. Where the replay has overtaken it, it goes on with its next block."""
        first = 0
        for moment in self._coming():
            for step in moment.steps:
                number = step.number
                if number < first or number // BLOCK % self._most != share:
                    continue
                here = self._here.read()
                if number <= here:
                    first = (here // BLOCK + 1) * BLOCK
                elif found := self._look(step):
                    tell(found)


class _Number:
    """A number that processes share. Who reads it may see it a moment late."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _NUMBER.size)
        self.write(-1)

    def write(self, number: int) -> None:
        _NUMBER.pack_into(self._memory, 0, number)

    def read(self) -> int:
        number: int = _NUMBER.unpack_from(self._memory)[0]
        return number


class _Scout:
    """A process, and the end of the pipe through which it speaks."""

    def __init__(self, work: Callable[[Callable[[Foreseen], None]], None]) -> None:
        self._pipe, other = os.pipe()
        self._told = _Number()
        self._heard = -1
        self._buffer = bytearray()
        self._waiting: deque[Foreseen] = deque()
        os.set_blocking(self._pipe, False)
        _widen(other)
        self._process = split(lambda: self._live(work, other))
        os.close(other)

    def find(self, number: int) -> Foreseen | None:
        """What it said of a step; what it said of those before is forgotten."""
        waiting = self._waiting
        # To look into the pipe in vain would cost a good part of what is to be saved.
        if self._heard < number and self._told.read() > self._heard:
            self._listen()
        while waiting and waiting[0].number < number:
            waiting.popleft()
        return waiting.popleft() if waiting and waiting[0].number == number else None

    def close(self) -> None:
        os.close(self._pipe)
        end(self._process)

    def _live(self, work: Callable[[Callable[[Foreseen], None]], None], pipe: int) -> None:
        # Were it open here, nobody would hear that the replay is gone.
        os.close(self._pipe)

        def tell(found: Foreseen) -> None:
            # Before, since more than a pipe holds goes through it only while somebody listens.
            self._told.write(found.number)
            _write(pipe, _encode(found))

        work(tell)

    def _listen(self) -> None:
        with suppress(BlockingIOError):
            self._buffer += os.read(self._pipe, _PIPE)
        start, buffer = 0, memoryview(self._buffer)
        while len(buffer) - start >= _LENGTH.size:
            stop = start + _LENGTH.size + _LENGTH.unpack_from(buffer, start)[0]
            if stop > len(buffer):
                break
            found = _decode(buffer[start + _LENGTH.size : stop])
            self._waiting.append(found)
            self._heard = found.number
            start = stop
        self._buffer = bytearray(buffer[start:])


def _widen(pipe: int) -> None:
    """Let more wait in a pipe, where the system can."""
    size = getattr(fcntl, "F_SETPIPE_SZ", None)
    if size is not None:
        with suppress(OSError):
            fcntl.fcntl(pipe, size, _PIPE)


def _write(pipe: int, data: bytes) -> None:
    left = memoryview(_LENGTH.pack(len(data)) + data)
    while left:
        left = left[os.write(pipe, left) :]
