"""Plays a trace on a real control plane with everything around it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from skel.client.kubeconfig import load
from skel.cluster.cluster import Cluster
from skel.replay.clock import Pace, SystemClock
from skel.replay.house import House, Rooms
from skel.replay.namespaces import Namespaces
from skel.replay.plan import Plan, Voice
from skel.replay.player import Attempt, Player
from skel.replay.recorder import Recorder
from skel.replay.repair import Repairs
from skel.replay.retry import Sender
from skel.replay.schedule import Window, schedule
from skel.replay.server import ServerTarget, connect
from skel.replay.shards import Shards
from skel.replay.steps import Steps
from skel.replay.surroundings import Surroundings, means_for
from skel.replay.virtual import Simulation
from skel.trace.model import Trace

Json = Any


@asynccontextmanager
async def connected(cluster: Cluster) -> AsyncIterator[ServerTarget]:
    target = await connect(load(str(cluster.kubeconfig), None), "local:test", at_once=16)
    try:
        yield target
    finally:
        await target.close()


async def play(
    cluster: Cluster, trace: Trace, folder: Path, *, speed: float, webhook: bool, name: str = "sim-1"
) -> Surroundings:
    """One round, cleaned up behind."""
    async with connected(cluster) as target:
        plan = Plan(trace, name, window=Window(speed=speed))
        means = means_for(target.connection.access, folder)
        assert means.reach is not None
        around = Surroundings(plan, means if webhook else replace(means, reach=None))
        clock = SystemClock()
        sender, pace = Sender(target, clock), Pace(clock)
        house = House(sender, clock, Simulation(name, Namespaces()), dry=False, rooms=Rooms())
        await house.open()
        try:
            async with around.around(house.simulation, pace):
                recorder = Recorder(Repairs(trace, lambda: target.version, ("t",), manifests=False), None, Voice(), 0.0)
                steps = Steps(target, sender, house, clock, 0)
                shards = Shards(steps, sender, pace, workers=0)
                player = Player(steps, recorder, pace, Attempt(0, 16, False, False), shards)
                await player.play(schedule(trace, plan.window))
        finally:
            await house.clean_up()
        return around


def seen(folder: Path, file: str) -> list[Json]:
    return [msgspec.json.decode(line) for line in (folder / file).read_bytes().splitlines()]
