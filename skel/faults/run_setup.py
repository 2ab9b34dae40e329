"""What is there before the faults: manifests in a fresh namespace and nodes, or the history of a trace."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from secrets import token_hex
from typing import Any

from skel.client.kubeconfig import load
from skel.cluster.nodes import from_template, with_kubelet
from skel.faults.errors import FaultError
from skel.faults.model import Setup
from skel.faults.run_time import Counted, GivenTime
from skel.faults.world import World
from skel.faults.world_hands import Hands
from skel.faults.world_programs import KWOK
from skel.replay.clock import Pace
from skel.replay.driver import Driver
from skel.replay.plan import Plan
from skel.replay.result import RunResult
from skel.replay.schedule import Window
from skel.replay.server import connect
from skel.replay.surroundings import Surroundings, means_for
from skel.replay.target import Target
from skel.replay.virtual import Simulation
from skel.trace.model import Trace

_numbers = itertools.count(1)


Make = Callable[[], Awaitable[None]]


def set_up(setup: Setup, world: World, hands: Hands) -> AbstractAsyncContextManager[Make]:
    """Gives what makes it; nothing is there before that is called.

    Raises FaultError, and TraceError for a trace that can't be read.
    """
    return _replayed(setup, world, hands) if setup.trace else _manifests(setup, world, hands)


@asynccontextmanager
async def _manifests(setup: Setup, world: World, hands: Hands) -> AsyncIterator[Make]:
    async def make() -> None:
        await _nodes(setup, world, hands)
        for manifest in setup.manifests:
            await hands.create(manifest)

    yield make


@asynccontextmanager
async def _replayed(setup: Setup, world: World, hands: Hands) -> AsyncIterator[Make]:
    """What the driver of `skel replay` makes of a trace, in given time; it cleans up when the block ends."""
    trace = Trace.open(setup.trace)
    if setup.events:
        trace = trace.with_events(list(trace.events[: setup.events]))
    prefix = f"trace{next(_numbers)}"
    name = f"skel-{token_hex(4)}"
    plan = Plan(trace, name, (setup.trace,), window=Window(speed=1.0), prefix=prefix, known_cluster=True)
    hands.is_in_scope = lambda namespace: namespace.startswith(f"{prefix}-")
    hands.place = lambda namespace: f"{prefix}-{namespace or 'default'}"
    access = load(str(world.cluster.kubeconfig))
    async with AsyncExitStack() as stack:
        target = Counted(await connect(access, world.cluster.name, at_once=plan.at_once))
        stack.push_async_callback(target.close)
        replay = _Replay(plan, target, GivenTime(world, target), Surroundings(plan, means_for(access, None)))
        stack.push_async_callback(replay.close)
        stack.push_async_callback(world.lift)  # before it cleans up: nobody could

        async def make() -> None:
            await _nodes(setup, world, hands)
            await world.settled()
            await replay.play()

        yield make


class _Replay:
    """A driver that stays behind its last step until `close`, so that nothing is cleaned up before."""

    def __init__(self, plan: Plan, target: Target, clock: GivenTime, surroundings: Surroundings) -> None:
        self._name = plan.inputs[0]
        self._played, self._over = asyncio.Event(), asyncio.Event()
        self._driver = Driver(plan, target, clock=clock, around=(surroundings.around, self._around))
        self._running: asyncio.Task[RunResult] | None = None

    @asynccontextmanager
    async def _around(self, _: Simulation, __: Pace, ___: int) -> AsyncIterator[None]:
        yield
        self._played.set()
        await self._over.wait()

    async def play(self) -> None:
        """Return behind the last step. Raises FaultError if it never comes."""
        self._running = asyncio.create_task(self._driver.run())
        waiting = asyncio.create_task(self._played.wait())
        await asyncio.wait((self._running, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not self._played.is_set():
            result = await self._running
            raise FaultError(f"the replay of {self._name} broke off: {result.error or result.ended}", result.hint)

    async def close(self) -> None:
        self._over.set()
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)


async def _nodes(setup: Setup, world: World, hands: Hands) -> None:
    for node in from_template(setup.nodes):
        await hands.create(_ready(world, with_kubelet(node, world.kubernetes)))


def _ready(world: World, node: dict[str, Any]) -> dict[str, Any]:
    """Where nobody plays the kubelets, the nodes say themselves that they are ready."""
    if KWOK in world.components:
        return node
    condition = {"type": "Ready", "status": "True", "reason": "KubeletReady"}
    return {**node, "status": {**node["status"], "conditions": [condition]}}
