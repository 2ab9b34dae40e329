"""A real control plane in which time, watches and answers are ours to give."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import assert_never

from skel.client.connection import Connection
from skel.client.discovery import Discovery
from skel.client.kubeconfig import load
from skel.cluster.binaries import Binaries, binaries
from skel.cluster.cluster import Cluster
from skel.cluster.components import kubeconfig_file
from skel.cluster.control_plane import down, up_store
from skel.cluster.pki import tokens
from skel.cluster.progress import Progress, Silent
from skel.cluster.state import State, home, read_state
from skel.faults.actions import (
    EVERY,
    Action,
    Advance,
    Apply,
    Credit,
    Delay,
    Delete,
    DeletePod,
    Disconnect,
    Drop,
    Evict,
    Expire,
    Fail,
    Hold,
    Kill,
    Lose,
    Pause,
    Rate,
    Release,
    Reorder,
    Restart,
    Resume,
    Scale,
    SetPhase,
    Settle,
    SlowBody,
    StaleList,
    Touch,
)
from skel.faults.clock.support import clock_for
from skel.faults.errors import FaultError
from skel.faults.model import CONTROLLER_MANAGER
from skel.faults.proxy.pool import Upstream
from skel.faults.proxy.proxy import LOOPBACK, Proxy
from skel.faults.proxy.ranks import Ranks
from skel.faults.proxy.rules import Rules
from skel.faults.proxy.traffic import Observer
from skel.faults.world_component import SLOW, Component, upstream_tls, write_kubeconfig
from skel.faults.world_hands import Hands
from skel.faults.world_programs import KNOWN, flags_for, program_for
from skel.faults.world_rest import Rest
from skel.faults.world_server import Server
from skel.faults.world_sweep import claim, sweep
from skel.faults.world_truth import Truth

GRANT = 1.0
"""Virtual seconds that all components get at rest: what they retry at once belongs to the step before."""
_GRANTS = 2
"""How often in a row that must change nothing: the timers of a component do not always fire at the first."""
_START_GRANTS = 3
_MOST_GRANTS = 30
"""A component that does something every second never rests for one; after so many it counts as settled."""
_START_PATIENCE = 90.0
_HOUR = 3600.0
_BEHIND_HOUR = 5.0
_BEFORE_HOUR = 120.0
"""Seconds before a full hour at which a world begins that has to be there on the hour."""
_LEAD = 30.0
"""Seconds by which clocks may differ when a trial begins."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a world is made of. `own` is the command line of a controller of the user, which is the target then.

    `real_clock`: wait, even where the clock could be moved. `on_the_hour`: its first trial begins at a full hour by all
    clocks, for what has a schedule; later ones can't.
    """

    kubernetes: str
    gates: Mapping[str, bool] = field(default_factory=dict)
    target: str = CONTROLLER_MANAGER
    beside: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    real_clock: bool = False
    on_the_hour: bool = False

    @property
    def components(self) -> tuple[str, ...]:
        """The target last, so that those beside it are there when it begins."""
        return (*self.beside, self.target)


class World:
    """Use `started`. One trial at a time."""

    def __init__(self, cluster: Cluster, order: Order, server: Server, truth: Truth, connection: Connection) -> None:
        self.cluster = cluster
        self.order = order
        self.truth = truth
        self.connection = connection
        self.components: dict[str, Component] = {}
        self.hands: Hands | None = None
        self._server = server
        self._discovery = Discovery(connection.send)
        self._rest = Rest(truth, (), self._grant)
        self._numbers = itertools.count(1)

    @property
    def target(self) -> Component:
        return self.components[self.order.target]

    @property
    def kubernetes(self) -> str:
        """The patch."""
        return self.cluster.version

    @property
    def clock(self) -> str:
        """`virtual`, or `real`."""
        return self.target.clock.kind

    # --- what happens in it

    async def settled(self) -> None:
        """Return when the world is at rest, and stays so although all components got moments of time.

        Raises Died, and FaultError if it never comes to rest.
        """
        await self._settled(_GRANTS)

    async def _settled(self, grants: int) -> None:
        quiet = 0
        for _ in range(_MOST_GRANTS):
            self._server.check()
            await self._ready()
            await self._rest.reached()
            before = self._rest.activity
            await self._rest.gift()
            await self._rest.reached()
            quiet = quiet + 1 if self._rest.activity == before else 0
            if quiet >= grants:
                return

    async def give(self, seconds: float) -> None:
        """Let time go by for all components, and let them settle."""
        await self._give(seconds)
        await self.settled()

    async def _give(self, seconds: float) -> None:
        await asyncio.gather(*(it.clock.advance(seconds) for it in self.components.values() if it.is_up))

    async def _grant(self) -> None:
        await self._give(GRANT)

    async def _ready(self) -> None:
        """Wait for what was started; from then on it gets time only from us."""
        for component in self.components.values():
            if component.is_up and not component.is_ready:
                await component.until_ready(_START_PATIENCE)
                await self._rest.reached()
                component.clock.rate(SLOW)
                await self._settled(_START_GRANTS)

    async def do(self, action: Action) -> None:
        """Do it, and return as soon as it is done; what it leads to comes later. Raises FaultError."""
        proxy = self.target.proxy
        match action:
            case Hold() | Release() | Credit() | Delay() | Drop() | Reorder():
                proxy.change_streams(action)
            case Disconnect():
                proxy.disconnect(action)
            case Lose() | Fail() | Expire() | SlowBody():
                proxy.expect(action)
            case StaleList():
                proxy.rules.keep_stale(action, await self.truth.sync())
            case Advance(seconds=seconds, component=name) if name == EVERY:
                await self._give(seconds)
            case Advance(seconds=seconds, component=name):
                await self._named(name).clock.advance(seconds)
            case Rate(factor=factor):
                self.target.clock.rate(factor)
            case Pause(component=name):
                self._named(name).pause()
            case Resume(component=name):
                self._named(name).resume()
            case Kill(component=name):
                await self._named(name).kill()
            case Restart(component=name):
                component = self._named(name)
                await component.stop()
                component.start()
            case Touch() | Scale() | Apply() | Delete() | DeletePod() | Evict() | SetPhase():
                assert self.hands is not None, "a trial has begun"
                await self.hands.use(action)
            case Settle():
                await self.settled()
            case _:
                assert_never(action)

    def _named(self, name: str) -> Component:
        if not name:
            return self.target
        if name not in self.components:
            raise FaultError(f"there is no `{name}` in this world", f"there are {', '.join(self.components)}")
        return self.components[name]

    async def lift(self) -> None:
        """End all faults: what is held passes, who is paused or dead goes on, the clock runs as for all."""
        for component in self.components.values():
            component.proxy.lift()
            if component.is_paused:
                component.resume()
            if not component.is_up:
                component.start()
            elif component.is_ready:
                component.clock.rate(SLOW)

    @asynccontextmanager
    async def trial(self, observer: Observer) -> AsyncIterator[Hands]:
        """A fresh namespace, and clocks that agree.

        `observer` sees what the target does. Whatever happened in it, the next one can begin.
        """
        namespace = f"trial-{next(self._numbers)}"
        self.hands = hands = self.hands_in(namespace)
        await self._agree()
        await hands.furnish()
        await self.settled()
        proxy = self.target.proxy
        before, proxy.observer = proxy.observer, observer
        self._rank(Ranks())
        proxy.rules.in_scope = lambda route: not route.namespace or hands.is_in_scope(route.namespace)
        try:
            yield hands
        finally:
            proxy.observer = before
            self._rank(None)
            await self.lift()
            await hands.clean()
            self.hands = None

    def _rank(self, ranks: Ranks | None) -> None:
        """From now on, or no more, the pods that somebody makes have ranks."""
        for component in self.components.values():
            component.proxy.ranks = ranks

    async def _agree(self) -> None:
        """Let all clocks show what that of the API server shows; a target that was moved on is started anew.

        The API server itself can't be moved far: before 1.26 it then counts each millisecond for its metrics.
        """
        if self.clock == "real":
            return
        if self.order.on_the_hour:
            now = time.time() + self._server.clock.ahead()
            await self._server.clock.advance(min(_BEFORE_HOUR, -now % _HOUR) + _BEHIND_HOUR)
        ahead = self._server.clock.ahead()
        for component in self.components.values():
            if component.is_up and component.clock.ahead() - ahead > _LEAD:
                await component.kill()
                component.clock.close()
                component.clock = clock_for(ahead=ahead)
                component.start()
            elif component.is_up:
                await component.clock.advance(max(0.0, ahead - component.clock.ahead()))
        await self._ready()

    def hands_in(self, namespace: str) -> Hands:
        return Hands(self.connection, self._discovery, self.truth, namespace)

    # --- how it is made

    async def begin(self, state: State, programs: Binaries) -> None:
        """Start the components, and let them come to rest."""
        place = home(self.cluster.name)
        known = tokens(place.pki)
        for name in self.order.components:
            token = known.get(f"system:{name}") or known.get(f"skel-{name}") or self.cluster.token
            upstream = Upstream(LOOPBACK, state.ports.server, upstream_tls(place), token)
            proxy = Proxy(upstream, rules=Rules(by_turns=True))
            await proxy.start()
            write_kubeconfig(kubeconfig_file(place, name), proxy.url)
            program = program_for(name, programs, place, state, self.order.own)
            clock = clock_for(real=self.order.real_clock, ahead=self._server.clock.ahead())
            self.components[name] = Component(program, place, proxy, clock)
        self._rest = Rest(self.truth, tuple(self.components.values()), self._grant)
        for component in self.components.values():
            component.start()
        await self._ready()

    async def close(self) -> None:
        for component in self.components.values():
            await component.close()


@asynccontextmanager
async def started(order: Order, progress: Progress | None = None) -> AsyncIterator[World]:
    """A world, at rest. Nothing of it stays. Raises FaultError, ClusterError, and Died if a component ends."""
    _check(order)
    shown = progress or Silent()
    swept = await asyncio.to_thread(sweep)
    if swept:
        shown.say(f"removed what killed runs have left: {', '.join(swept)}")
    flags = flags_for(order.target, order.gates, order.flags)
    async with AsyncExitStack() as stack:
        name = claim()
        stack.push_async_callback(_removed, name)
        cluster = await asyncio.to_thread(up_store, order.kubernetes, name, flags, progress=shown)
        state = read_state(home(name))
        assert state is not None
        programs = await asyncio.to_thread(binaries, order.kubernetes)
        server = Server(home(name), state, clock_for(real=order.real_clock, ahead=_first_ahead(order)))
        stack.push_async_callback(server.close)
        await server.start(programs, shown)
        truth = Truth(home(name), state)
        stack.push_async_callback(truth.close)
        await truth.start()
        connection = await stack.enter_async_context(Connection(load(str(cluster.kubeconfig))))
        world = World(cluster, order, server, truth, connection)
        stack.push_async_callback(world.close)
        await world.begin(state, programs)
        yield world


def _check(order: Order) -> None:
    if len(set(order.components)) < len(order.components):
        twice = next(name for name in order.components if order.components.count(name) > 1)
        raise FaultError(
            f"{twice} would run twice on one cluster", "two of them would do each other's work: leave one out"
        )
    strange = [name for name in order.components if name not in KNOWN and not order.own]
    if strange:
        raise FaultError(f"there is no component `{strange[0]}`", f"there are {', '.join(KNOWN)}")


def _first_ahead(order: Order) -> float:
    """How far before the real time of day a world begins."""
    return (-time.time() - _BEFORE_HOUR) % _HOUR if order.on_the_hour else 0.0


async def _removed(name: str) -> None:
    # An interrupt must not leave anything behind, so this is not given up half-way.
    await asyncio.shield(asyncio.to_thread(down, name))
