"""The clock of a component: a virtual one where that can be had, else the real one."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Protocol

from skel.faults.clock.stub import NANO, Numbers, Pair
from skel.faults.clock.tracing import Memory, Start, launch, launch_patched
from skel.faults.errors import FaultError

FASTEST = 100_000
_FINEST = 1_000_000
"""The denominator of a rate is at most this."""
_TGKILL = 234
_NUDGE = 0.02
"""Real seconds between two looks of a fast process at its clock: the kernel, which wakes it, knows real time only."""


class Clock(Protocol):
    """Of one component, over all its starts. All times are in seconds."""

    kind: str

    def start(self, start: Start) -> subprocess.Popen[bytes]:
        """Start the component under this clock; where it was started before, its time goes on. Raises FaultError."""

    def elapsed(self) -> float:
        """Of the component's time since the clock was made."""

    def ahead(self) -> float:
        """How far it is before the real time of day."""

    async def advance(self, seconds: float) -> None:
        """So much more of the component's time goes by; at once if it can."""

    def rate(self, factor: float) -> None:
        """From now on, so much of the component's time goes by in a second. Raises FaultError if it can't."""

    def close(self) -> None: ...


class VirtualClock:
    """Kept by us. It runs at a rate, and can be moved on."""

    kind = "virtual"

    def __init__(self, ahead: float = 0.0) -> None:
        """`ahead`: seconds before the real time of day at which it begins."""
        real = time.clock_gettime_ns(time.CLOCK_REALTIME)
        monotonic = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        self._numbers = Numbers(1, 1, Pair(real, real + round(ahead * NANO)), Pair(monotonic, monotonic))
        self._zero = monotonic
        self._sequence = 0
        self._pid = 0
        self._memory: Memory | None = None
        self._nudging: asyncio.Task[None] | None = None

    def start(self, start: Start) -> subprocess.Popen[bytes]:
        self._forget()
        numbers = self._packed(self._sequence)
        process, self._memory = launch_patched(start, numbers)
        self._pid = process.pid
        self._keep_nudging()
        return process

    def elapsed(self) -> float:
        return (self._now().monotonic.virtual - self._zero) / NANO

    def ahead(self) -> float:
        now = self._now().realtime
        return (now.virtual - now.real) / NANO

    async def advance(self, seconds: float) -> None:
        self.jump(seconds)

    def jump(self, seconds: float) -> None:
        """Move on at once; timers that are due by then fire."""
        if seconds < 0:
            raise FaultError("no clock goes back")
        step = round(seconds * NANO)
        self._change(lambda now: replace(now, realtime=now.realtime.moved(step), monotonic=now.monotonic.moved(step)))

    def rate(self, factor: float) -> None:
        if not 1 / _FINEST <= factor <= FASTEST:
            raise FaultError(f"a clock runs at a rate from 1/{_FINEST} to {FASTEST}, not {factor:g}")
        exact = Fraction(factor).limit_denominator(_FINEST)
        self._change(lambda now: replace(now, numerator=exact.numerator, denominator=exact.denominator))
        self._keep_nudging()

    def close(self) -> None:
        self._forget()

    def _now(self) -> Numbers:
        """The same clock, counted from this moment."""
        old = self._numbers
        real = time.clock_gettime_ns(time.CLOCK_REALTIME)
        monotonic = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        rate = old.numerator, old.denominator
        realtime = Pair(real, old.realtime.at(real, *rate))
        return Numbers(*rate, realtime, Pair(monotonic, old.monotonic.at(monotonic, *rate)))

    def _packed(self, sequence: int) -> bytes:
        return sequence.to_bytes(8, "little") + self._numbers.packed()

    def _change(self, change: Callable[[Numbers], Numbers]) -> None:
        """From this moment on the clock shows something else."""
        if self._memory is None:
            self._numbers = change(self._now())
            return
        at, before = self._memory.numbers, self._numbers
        try:
            # Whoever reads now waits for the new numbers, and only then their beginning is taken: else the process
            # could have seen more of a fast clock than a slower one begins with, and time would go back.
            self._memory.write(at, (self._sequence + 1).to_bytes(8, "little"))
            self._numbers = change(self._now())
            self._memory.write(at + 8, self._numbers.packed())
            self._sequence += 2
            self._memory.write(at, self._sequence.to_bytes(8, "little"))
        except OSError:  # it has ended, and whoever looks after it will notice; the next one begins with this
            self._forget()
            self._numbers = before
            self._numbers = change(self._now())
        self._nudge()

    def _nudge(self) -> None:
        """Wake each thread by the signal that Go takes for nothing: it looks at the time before it sleeps on."""
        if not self._pid:
            return
        libc = ctypes.CDLL(None)
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for thread in os.listdir(f"/proc/{self._pid}/task"):  # noqa: PTH208  (this is done fifty times a second)
                libc.syscall(_TGKILL, self._pid, int(thread), signal.SIGURG)

    def _keep_nudging(self) -> None:
        is_fast = self._numbers.numerator > self._numbers.denominator
        if is_fast and self._pid and self._nudging is None:
            self._nudging = asyncio.get_running_loop().create_task(self._nudge_on())
        elif not is_fast and self._nudging is not None:
            self._nudging.cancel()
            self._nudging = None

    async def _nudge_on(self) -> None:
        while True:
            await asyncio.sleep(_NUDGE)
            self._nudge()

    def _forget(self) -> None:
        """The process is over; the time goes on."""
        self._pid = 0
        if self._memory is not None:
            self._memory.close()
        if self._nudging is not None:
            self._nudging.cancel()
        self._memory = self._nudging = None


class RealClock:
    """Nobody can move it; whoever wants to see more of it waits."""

    kind = "real"

    def __init__(self) -> None:
        self._zero = time.monotonic()

    def start(self, start: Start) -> subprocess.Popen[bytes]:
        return launch(start, traced=False)

    def elapsed(self) -> float:
        return time.monotonic() - self._zero

    def ahead(self) -> float:
        return 0.0

    async def advance(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def rate(self, factor: float) -> None:
        if factor > 1:
            raise FaultError(f"a real clock does not run at a rate of {factor:g}")

    def close(self) -> None:
        """Nothing."""
