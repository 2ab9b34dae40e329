"""The time of a replay in a world: between two moments of a trace all components get exactly what lay between them, and
come to rest. So a recorded day goes by in minutes, and for everybody alike.
"""

from __future__ import annotations

import asyncio
import time

from skel.client.request import Request, Response
from skel.faults.world import World
from skel.replay.target import Target

_AT_ONCE = 60.0
"""Seconds: what has a schedule must see each minute."""
_TURNS = 10
"""Turns of the loop in which whoever has got an answer sends what comes next."""


class Counted:
    """A target that knows how many of its answers are still to come."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._under_way = 0
        self._answered = asyncio.Event()

    @property
    def name(self) -> str:
        return self._target.name

    @property
    def version(self) -> str:
        return self._target.version

    @property
    def is_dry(self) -> bool:
        return self._target.is_dry

    async def send(self, request: Request) -> Response:
        self._under_way += 1
        try:
            return await self._target.send(request)
        finally:
            self._under_way -= 1
            self._answered.set()

    async def close(self) -> None:
        await self._target.close()

    async def idle(self) -> None:
        """Return when nothing is under way, and nothing follows from what came back."""
        quiet = 0
        while quiet < _TURNS:
            if self._under_way:
                quiet = 0
                self._answered.clear()
                await self._answered.wait()
            quiet += 1
            await asyncio.sleep(0)


class GivenTime:
    """A clock of the driver: who sleeps gives the time to the world."""

    def __init__(self, world: World, target: Counted) -> None:
        self._world = world
        self._target = target
        self._now = 0.0
        self._turn = asyncio.Lock()

    def now(self) -> float:
        return self._now

    def time(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Return when so much time has been given, and what came of it is over."""
        until = self._now + seconds
        async with self._turn:  # others may have given it meanwhile
            await self._target.idle()
            await self._world.settled()
            while (left := until - self._now) > 0:
                await self._world.give(min(left, _AT_ONCE))
                self._now = min(until, self._now + _AT_ONCE)
