"""Runs scenarios one after the other, each in the world that it needs; a world is kept as long as it fits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from skel.cluster.progress import Progress, Silent
from skel.faults.model import Report, Scenario, Verdict
from skel.faults.oracles.known import oracles
from skel.faults.run import died_at_start, order_for, run
from skel.faults.world import Order, World, started
from skel.faults.world_component import Died
from skel.faults.world_programs import executable


@dataclass(frozen=True, slots=True)
class Means:
    """How scenarios are run. `files` define further oracles, `own` is the command line of a controller of the user;
    `real_clock`: wait where the clock would be moved.
    """

    files: tuple[Path, ...] = ()
    own: tuple[str, ...] = ()
    real_clock: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A release and the setting of the gates."""

    kubernetes: str
    gates: Mapping[str, bool] = field(default_factory=dict)


class Session:
    """Use `session`."""

    def __init__(self, means: Means, progress: Progress) -> None:
        self._means = means
        self._progress = progress
        self._order: Order | None = None
        self._world: World | None = None
        self._stack = AsyncExitStack()

    async def run(self, scenario: Scenario, column: Column) -> Report:
        """Run it once. Raises FaultError, ClusterError."""
        means = self._means
        order = order_for(scenario, column.kubernetes, column.gates, own=means.own, real_clock=means.real_clock)
        try:
            world = await self._world_for(order)
        except Died as error:
            return died_at_start(scenario, order, error)
        try:
            report = await run(scenario, world, means.files)
        except BaseException:
            await self.close()
            raise
        if report.verdict is Verdict.DIED:
            await self.close()
        return report

    async def _world_for(self, order: Order) -> World:
        if self._world is None or self._order != order or order.on_the_hour:
            await self.close()
            self._progress.say(f"a world of Kubernetes {order.kubernetes}{_gates(order.gates)} begins")
            self._world = await self._stack.enter_async_context(started(order, self._progress))
            self._order = order
        return self._world

    async def close(self) -> None:
        self._world = self._order = None
        await self._stack.aclose()


@asynccontextmanager
async def session(means: Means | None = None, progress: Progress | None = None) -> AsyncIterator[Session]:
    """A session; nothing of it stays. Raises OracleError, and FaultError for a controller that is no program, before
    anything is started.
    """
    asked = means or Means()
    oracles(files=asked.files)
    if asked.own:
        executable(asked.own[0])
    opened = Session(asked, progress or Silent())
    try:
        yield opened
    finally:
        await opened.close()


async def run_columns(
    scenario: Scenario,
    columns: Sequence[Column],
    runs: int = 1,
    means: Means | None = None,
    progress: Progress | None = None,
) -> list[Report]:
    """Run a scenario so often on each release and setting."""
    shown = progress or Silent()
    reports = []
    async with session(means, shown) as opened:
        for column in columns:
            for number in range(runs):
                reports.append(await opened.run(scenario, column))
                shown.count(f"{scenario.name} on {column.kubernetes}", number + 1, runs)
    return reports


def columns_of(releases: Iterable[str], gates: Mapping[str, Sequence[bool]]) -> tuple[Column, ...]:
    """Each release with each setting of the gates."""
    settings = [dict(zip(gates, values, strict=True)) for values in product(*gates.values())]
    return tuple(Column(release, setting) for release in releases for setting in settings)


def _gates(gates: Mapping[str, bool]) -> str:
    return "".join(f", {name} {'on' if is_on else 'off'}" for name, is_on in sorted(gates.items()))
