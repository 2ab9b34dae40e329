"""What passes between one component and the API server, and what is done to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from typing import Protocol

from skel.faults.actions import Credit, Delay, Disconnect, Drop, Expire, Fail, Hold, Lose, Release, Reorder, SlowBody
from skel.faults.proxy.frames import Frame
from skel.faults.proxy.pool import Pool, Upstream
from skel.faults.proxy.ranks import Ranks
from skel.faults.proxy.route import Route
from skel.faults.proxy.rules import Rules, Stream

OfStreams = Hold | Release | Credit | Delay | Drop | Reorder


@dataclass(frozen=True, slots=True)
class Call:
    """A request of the component. `agent` is the whole User-Agent: in one process it tells who writes."""

    route: Route
    agent: str
    body: bytes = b""


class Observer(Protocol):
    """Sees everything that passes, before the other side does; what it awaits delays just that."""

    async def asked(self, call: Call) -> None:
        """The component sends a request; the server has not seen it."""

    async def answered(self, call: Call, status: int) -> None:
        """The server has answered a request; the component has not heard it."""

    async def came(self, watch: Watch, frame: Frame) -> None:
        """A frame has come for the component."""

    def happened(self, what: str, text: str) -> None:
        """A fault was done: held, released, failed, lost, disconnected, delivered."""


class Blind:
    """Nobody looks."""

    async def asked(self, call: Call) -> None:
        """Nothing."""

    async def answered(self, call: Call, status: int) -> None:
        """Nothing."""

    async def came(self, watch: Watch, frame: Frame) -> None:
        """Nothing."""

    def happened(self, what: str, text: str) -> None:
        """Nothing."""


class Watch(Stream):
    """A watch that goes on: `received` is the last revision that the server sent on it, `wanted` the last one that it
    has to show; whoever knows that has looked as far as `looked`.
    """

    __slots__ = ("changed", "is_busy", "is_cut", "looked", "received", "route", "wanted")

    def __init__(self, route: Route, agent: str) -> None:
        super().__init__(route.resource, agent)
        self.route = route
        version = route.query.get("resourceVersion", "")
        self.received = self.looked = int(version) if version.isdecimal() else 0
        self.wanted = 0
        self.changed = asyncio.Event()
        self.is_cut = False
        self.is_busy = False

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    @property
    def has_delivered(self) -> bool:
        """Whether the component has got everything that may pass."""
        return not (self.is_busy or self.gate.is_passable or self.gate.is_at_end)


class Traffic:
    """Of one component."""

    def __init__(self, upstream: Upstream, observer: Observer | None = None, rules: Rules | None = None) -> None:
        self.pool = Pool(upstream)
        self.observer: Observer = observer or Blind()
        self.rules = rules or Rules()
        self.ranks: Ranks | None = None
        """Who of equal pods goes first; None leaves that to chance."""
        self.watches: set[Watch] = set()
        self.in_flight = 0
        """Requests that the component waits for; watches aside, and answers of which a fault keeps back a half."""
        self.activity = 0
        """Counts requests and delivered frames: whoever sees the same number twice knows that there were none."""
        self.spoiled = 0
        """Counts requests that a fault let fail: their sender will try again, some time later."""
        self._next_step = asyncio.Event()
        self._waiting: set[asyncio.Future[None]] = set()

    # --- faults

    def change_streams(self, action: OfStreams) -> None:
        streams: Iterator[Stream] = iter(self.watches)
        for watch in self.rules.change_streams(action, streams):
            assert isinstance(watch, Watch)
            watch.changed.set()
            self.observer.happened(action.word, f"{watch.resource}, {watch.gate.queued} queued")

    def expect(self, action: Lose | Fail | Expire | SlowBody) -> None:
        self.rules.expect(action)

    def disconnect(self, action: Disconnect) -> None:
        """End watches abruptly; what was held on them comes again when the component watches from where it was."""
        for watch in self.watches:
            if watch.is_meant(action.resource):
                watch.is_cut = True
                watch.changed.set()
                self.observer.happened("disconnected", watch.resource)

    def lift(self) -> None:
        """All faults end, and what was held passes."""
        self.rules.clear()
        for watch in self.watches:
            watch.gate.release()
            watch.changed.set()
        self.end_step()

    def next_turn(self) -> bool:
        """Let the oldest frame pass that waits for its turn; whether there was one."""
        ready = ((watch.gate.next_frame, watch) for watch in self.watches)
        waiting = [(frame.revision, watch.resource, watch) for frame, watch in ready if frame is not None]
        if not waiting:
            return False
        *_, watch = min(waiting, key=itemgetter(0, 1))
        watch.gate.next_turn()
        watch.changed.set()
        return True

    def end_step(self) -> None:
        """What was kept back of slow answers goes on."""
        self._next_step.set()
        self._next_step = asyncio.Event()

    async def next_step(self) -> None:
        await self._next_step.wait()

    # --- rest

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """A request for which the component waits."""
        self.activity += 1
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1
            self.tell()

    @property
    def is_delivered(self) -> bool:
        """Whether each watch has got what it has to show and delivered what may pass, and no request is under way."""
        return self.in_flight == 0 and all(
            watch.has_delivered and watch.received >= watch.wanted for watch in self.watches
        )

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Return when it is so; looked at whenever something moves here."""
        while not is_so():
            moved = asyncio.get_running_loop().create_future()
            self._waiting.add(moved)
            try:
                await moved
            finally:
                self._waiting.discard(moved)

    async def until_delivered(self) -> None:
        await self.until(lambda: self.is_delivered)

    def tell(self) -> None:
        """Something moved."""
        for moved in self._waiting:
            if not moved.done():
                moved.set_result(None)
