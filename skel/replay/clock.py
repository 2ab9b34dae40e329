"""Time as the driver sees it, so that tests can bring their own."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since some fixed moment; never goes back."""

    def time(self) -> float:
        """Unix time in seconds."""

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def now(self) -> float:
        return time.monotonic()

    def time(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Pace:
    """The seconds of a run that have gone by, without its pauses; 0 until it begins."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._zero = clock.now()
        self._paused_at: float | None = None
        self._moves = asyncio.Event()
        self._moves.set()
        self._begun = asyncio.Event()

    @property
    def is_paused(self) -> bool:
        return self._paused_at is not None

    def begin(self, ahead: float = 0.0) -> None:
        """Count from now; `ahead`: the run is taken up again so many seconds behind its beginning."""
        self._zero = self._clock.now() - ahead
        if self._paused_at is not None:
            self._paused_at = self._clock.now()
        self._begun.set()

    async def begun(self) -> None:
        """Return when it counts."""
        await self._begun.wait()

    def elapsed(self) -> float:
        now = self._clock.now() if self._paused_at is None else self._paused_at
        return now - self._zero

    def pause(self) -> None:
        """Stop the time; who waits goes on waiting."""
        if self._paused_at is None:
            self._paused_at = self._clock.now()
            self._moves.clear()

    def resume(self) -> None:
        if self._paused_at is not None:
            self._zero += self._clock.now() - self._paused_at
            self._paused_at = None
            self._moves.set()

    async def wait_until(self, at: float) -> None:
        """Return when so many seconds of the run have gone by. A pause begun meanwhile counts as well."""
        while True:
            await self._moves.wait()
            left = at - self.elapsed()
            if left <= 0 and not self.is_paused:
                return
            await self._clock.sleep(max(left, 0.0))
