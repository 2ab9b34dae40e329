"""A replay on a cluster: what goes on around it, and what a person sees of it meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skel.client.access import Access
    from skel.replay.clock import Pace
    from skel.replay.driver import Around, Driver
    from skel.replay.plan import Plan, Voice
    from skel.replay.run_folder import RunFolder
    from skel.replay.target import Target
    from skel.replay.virtual import Simulation


def driver_for(plan: Plan, target: Target, folder: RunFolder | None, said: Voice) -> Driver:
    """A driver for a target, whether there is a cluster behind it or not. Raises ClusterError."""
    from skel.replay.driver import Driver

    if target.is_dry:
        return Driver(plan, target, folder=folder, voice=said)
    from skel.replay.server import ServerTarget

    assert isinstance(target, ServerTarget)
    return driver_on_cluster(plan, target, target.connection.access, folder=folder, said=said)


def driver_on_cluster(
    plan: Plan, target: Target, access: Access, *, folder: RunFolder | None, said: Voice, also: Sequence[Around] = ()
) -> Driver:
    """`access` leads to the cluster behind the target, `also` goes around the rounds as well.

    On a terminal the rounds are shown as they go on; elsewhere only `said` is heard. Raises ClusterError.
    """
    from rich.console import Console

    from skel.replay.live_view import Spectator, showing
    from skel.replay.plan import Voice
    from skel.replay.surroundings import surrounded

    console = Console(stderr=True)
    spectator = Spectator(target.name, plan.window.speed)

    @asynccontextmanager
    async def shown(_: Simulation, pace: Pace, __: int) -> AsyncIterator[None]:
        spectator.begin(pace, plan.window)
        with showing(console, spectator.scene):
            yield

    def tell(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    voice = Voice(tell, spectator.show) if console.is_terminal else said
    around = (*also, shown)
    driver, spectator.watched = surrounded(plan, target, access, folder=folder, voice=voice, also=around)
    return driver
