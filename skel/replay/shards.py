"""More processes for a dry round: each plays the objects of its shard.

What a model says of an object follows from the states that this object had, and from objects of a few kinds that it
looks up. The latter are played by every worker, so that each knows them; each other object belongs to one of them. The
process that they were split off from writes down what they say, in the order of the steps. So a run is the same however
many there are.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from struct import Struct as Layout
from typing import BinaryIO

import msgspec
from msgspec import Struct

from skel.processes import can_split, end, processors, split
from skel.replay.clock import Pace
from skel.replay.errors import ReplayError
from skel.replay.journal import HELD_BACK, Line, encoded_line
from skel.replay.recorder import line_of
from skel.replay.retry import Sender
from skel.replay.run_folder import Progressed
from skel.replay.schedule import ReplayStep
from skel.replay.steps import Steps
from skel.replay.verdict import Outcome, Verdict

PAYS = 0.05
"""Seconds that a round plays by itself before it takes workers."""
MOST = 8
"""Workers that one process can listen to."""
BLOCK = HELD_BACK
"""Steps in a row that are told together."""
_TELLER = 0
"""The worker that tells of what all of them play."""
_LENGTH = Layout("<I")


class Told(Struct, frozen=True, gc=False, array_like=True):
    """A step of which more is to be said than that it was accepted; `requests` and `retried` are what it took."""

    line: Line
    served: bool
    requests: int
    retried: int


class Block(Struct, gc=False, array_like=True):
    """What a worker has played of some steps in a row: the numbers of those that were just accepted with their lines,
    and all others. `time` is in seconds of the trace.
    """

    time: float
    numbers: list[int] = []
    lines: list[bytes] = []
    others: list[Told] = []


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Block).decode


class Shards:
    """Those of one round. They are made when there is enough to do for them."""

    def __init__(
        self, steps: Steps, sender: Sender, pace: Pace, *, pays: float = PAYS, workers: int | None = None
    ) -> None:
        """`workers`: processes that play, by default one for each processor."""
        self._steps = steps
        self._sender = sender
        self._pace = pace
        self._pays = pays
        self._count = min(MOST, processors()) if workers is None else workers
        self._workers: list[_Worker] = []

    @property
    def may_split(self) -> bool:
        """Whether there was enough to do so far that workers are worth while."""
        return self._count > 1 and self._pace.elapsed() >= self._pays and can_split()

    def split(self, coming: Iterator[ReplayStep], round_number: int, before: Progressed) -> None:
        """Let workers play what is to come; they say nothing of what was done before."""
        for shard in range(self._count):
            work = partial(self._work, _Share(shard, coming, round_number, before))
            self._workers.append(_Worker(work, self._workers))

    def told(self) -> Iterator[tuple[float, list[bytes | Told]]]:
        """What became of all steps, in their order: at which time of the trace, and the lines. Raises ReplayError."""
        while blocks := [block for worker in self._workers if (block := worker.listen())]:
            found: list[tuple[int, bytes | Told]] = []
            for block in blocks:
                found += zip(block.numbers, block.lines, strict=True)
                found += [(one.line.step, one) for one in block.others]
            found.sort(key=itemgetter(0))
            yield max(block.time for block in blocks), [one for _, one in found]

    def close(self) -> None:
        """End the workers, wherever they are."""
        while self._workers:
            self._workers.pop().close()

    def _work(self, share: _Share, pipe: BinaryIO) -> None:
        """The life of a worker."""
        # The loop of the process that it was split off from runs on there, and not here.
        asyncio.events._set_running_loop(None)  # noqa: SLF001
        asyncio.run(self._play(share, pipe))

    async def _play(self, share: _Share, pipe: BinaryIO) -> None:
        steps, sender, pace, shard = self._steps, self._sender, self._pace, share.number
        for _, run in groupby(share.coming, lambda step: step.number // BLOCK):
            block = Block(0.0, [], [], [])
            for step in run:
                owner = self._owner(step)
                if owner != shard and owner is not None:
                    continue
                requests, retried = sender.requests, sender.retried
                outcome = steps.at_once(step) or await steps.do(step)
                if (owner is not None or shard == _TELLER) and not share.before.has(step.number):
                    line = line_of(step, outcome, share.round, pace.elapsed())
                    _put(block, outcome, line, sender.requests - requests, sender.retried - retried)
            block.time = step.time
            _tell(pipe, _encode(block))
        _tell(pipe, b"")

    def _owner(self, step: ReplayStep) -> int | None:
        """The worker that plays an object, None if all do."""
        thing = step.object
        if not self._steps.is_apart(thing):
            return None
        # Whatever version or group of its API it goes through, an object is the same.
        return hash((thing.kind, thing.namespace, thing.name)) % self._count


@dataclass(frozen=True, slots=True)
class _Share:
    """What a worker has to do."""

    number: int
    coming: Iterator[ReplayStep]
    round: int
    before: Progressed


class _Worker:
    """A process, and the end of the pipe through which it speaks."""

    def __init__(self, work: Callable[[BinaryIO], None], others: list[_Worker]) -> None:
        here, there = os.pipe()
        self.pipe = os.fdopen(here, "rb")
        self._process = split(lambda: self._live(work, there, others))
        os.close(there)

    def listen(self) -> Block | None:
        """What it has to say of the next block, None if there is none. Raises ReplayError if it is gone."""
        data = self._read(_LENGTH.unpack(self._read(_LENGTH.size))[0])
        return _decode(data) if data else None

    def _read(self, size: int) -> bytes:
        data = self.pipe.read(size)
        if len(data) < size:
            raise ReplayError("a process that plays a part of the objects was ended", "go on with --resume")
        return data

    def close(self) -> None:
        self.pipe.close()
        end(self._process)

    def _live(self, work: Callable[[BinaryIO], None], there: int, others: list[_Worker]) -> None:
        # Were they open here, nobody would hear that the process at the other end is gone.
        for worker in (*others, self):
            worker.pipe.close()
        with suppress(BrokenPipeError), os.fdopen(there, "wb") as pipe:
            work(pipe)


def _put(block: Block, outcome: Outcome, line: Line, requests: int, retried: int) -> None:
    if outcome.verdict is Verdict.ACCEPTED and (requests, retried) == (1, 0):
        block.numbers.append(line.step)
        block.lines.append(encoded_line(line))
    else:
        block.others.append(Told(line, outcome.served, requests, retried))


def _tell(pipe: BinaryIO, data: bytes) -> None:
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()
