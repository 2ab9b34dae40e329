"""Plays a scenario in a world: each step at its logical moment, every revision judged, the faults lifted at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from skel.client.errors import ClientError
from skel.faults import words
from skel.faults.actions import Action, Advance, Apply, Settle
from skel.faults.history import canonical, digest
from skel.faults.model import Report, Scenario, Step, Verdict, Violation
from skel.faults.oracles.jury import Jury
from skel.faults.oracles.known import oracles
from skel.faults.proxy.frames import Frame
from skel.faults.proxy.traffic import Call, Watch
from skel.faults.run_record import Record
from skel.faults.run_setup import set_up
from skel.faults.run_triggers import Tallies
from skel.faults.world import Order, World
from skel.faults.world_component import Died
from skel.faults.world_programs import KNOWN, OWN
from skel.faults.world_truth import Change

_FIRST_GIFT = 1.0
"""Virtual seconds that what does not hold at the end gets first; each time twice as many."""


def order_for(
    scenario: Scenario,
    kubernetes: str,
    gates: Mapping[str, bool] | None = None,
    *,
    own: tuple[str, ...] = (),
    real_clock: bool = False,
) -> Order:
    """The world that a scenario needs; `gates` are further ones, `own` is the command line of the user's controller.

    A trace takes a whole control plane.
    """
    merged = {**scenario.gates, **(gates or {})}
    target = OWN if own else scenario.target
    wanted = (*scenario.beside, *(KNOWN if scenario.setup.trace else ()))
    beside = tuple(name for name in dict.fromkeys(wanted) if name != target)
    on_the_hour = _has_schedule(scenario)
    return Order(kubernetes, merged, target, beside, scenario.flags, own, real_clock, on_the_hour)


async def run(scenario: Scenario, world: World, files: Sequence[Path] = ()) -> Report:
    """Run it once, in a fresh namespace. `files` define further oracles.

    Raises FaultError for what is wrong with the scenario or the world; what goes wrong in the component is reported.
    """
    return await _Run(scenario, world, Jury(oracles(scenario.oracles, files))).report()


class _Run:
    """An observer of the target, which does the steps when their moments come."""

    def __init__(self, scenario: Scenario, world: World, jury: Jury) -> None:
        self._scenario = scenario
        self._steps = scenario.steps
        self._world = world
        self._jury = jury
        self._record = Record(jury, world.order.target, world.target.clock.elapsed)
        self._is_in_scope: Callable[[str], bool] = lambda _: False
        self._tallies = Tallies(scenario.steps, self._counts)
        self._next = self._done = 0
        self._trouble: ClientError | None = None
        """What went wrong with a step that its trigger began."""
        self._turn = asyncio.Lock()
        """Whoever has it decides what happens: while a step is done, nothing passes the proxy."""

    async def report(self) -> Report:
        try:
            never, died = await self._run(), None
        except Died as error:
            never, died = 0, error
        return self._reported(never, died)

    async def _run(self) -> int:
        """The number of a step whose trigger never came, or 0. Raises Died."""
        world, truth = self._world, self._world.truth
        async with world.trial(self) as hands, set_up(self._scenario.setup, world, hands) as make:
            self._record = Record(self._jury, world.order.target, world.target.clock.elapsed)
            self._is_in_scope = hands.is_in_scope
            truth.listeners.append(self._see)
            try:
                never = await self._play(make)
                await self._end(len(self._steps) + 1)
            finally:
                truth.listeners.remove(self._see)
        return never

    async def _play(self, make: Callable[[], Awaitable[None]]) -> int:
        """All steps; the number of one whose trigger never came, or 0."""
        await make()
        await self._settled()
        while self._next < len(self._steps):
            step = self._steps[self._next]
            if step.when is not None:  # at rest, nothing comes any more
                return self._next + 1
            await self._do_untriggered(step)
            await self._settled()
        return 0

    async def _settled(self) -> None:
        """A step that its trigger began may be under way while nothing else is: then it is not over."""
        while True:
            before = self._done
            await self._world.settled()
            async with self._turn:
                if self._trouble is not None:
                    raise self._trouble
                if self._done == before:
                    return

    async def _do_untriggered(self, step: Step) -> None:
        if self._takes_long(step.do):
            await self._do(step)
            async with self._turn:
                await self._do_due()
            return
        async with self._turn:
            await self._do(step)
            await self._do_due()

    def _takes_long(self, action: Action) -> bool:
        """Whether the component must be able to go on meanwhile."""
        return isinstance(action, Settle) or (isinstance(action, Advance) and self._world.clock == "real")

    async def _do_due(self) -> None:
        """The steps that come next and whose triggers have happened."""
        while self._tallies.is_due(self._next):
            # What was until now belongs to the steps before.
            await self._world.truth.sync()
            await self._do(self._steps[self._next])

    async def _do(self, step: Step) -> None:
        self._next += 1
        self._record.step = self._next
        self._record.happened("step", words.action(step.do), "scenario")
        await self._world.do(step.do)
        self._done += 1
        if step.do.word != "slowBody":
            self._world.target.proxy.end_step()

    async def _end(self, number: int) -> None:
        """Lift all faults, and give what does not hold yet the time that it may take."""
        self._record.step = number
        await self._world.lift()
        await self._world.settled()
        given, gift = 0.0, _FIRST_GIFT
        while self._jury.unsettled() and given < self._jury.patience:
            gift = min(gift, self._jury.patience - given)
            await self._world.give(gift)
            given, gift = given + gift, gift * 2
        self._jury.end()

    def _counts(self, namespace: str) -> bool:
        return self._is_in_scope(namespace)

    def _see(self, change: Change) -> None:
        namespace = change.object["metadata"].get("namespace", "")
        if not namespace or self._is_in_scope(namespace) or namespace == "kube-node-lease":
            self._record.see(change, namespace)

    def _reported(self, never: int, died: Died | None) -> Report:
        world, record = self._world, self._record
        moments = canonical(self._scenario, record.revisions)
        return Report(
            scenario=self._scenario,
            kubernetes=world.kubernetes,
            gates=world.order.gates,
            verdict=_verdict(self._jury.violations, never, died),
            violations=tuple(self._jury.violations),
            moments=moments,
            sha256=digest(moments),
            revisions=tuple(record.revisions),
            happenings=record.happenings,
            traffic=record.traffic,
            wall=record.wall,
            never_triggered=never,
            log=died.log if died else "",
            clock=world.clock,
        )

    # --- what the proxy shows

    async def _let_pass(self) -> None:
        """Return when what has come may go on: when no step is under way, and none is due."""
        if self._turn.locked() or self._tallies.is_due(self._next):
            # What waits here ends with its connection, and a step may well end that; the step itself must not end so.
            await asyncio.shield(asyncio.create_task(self._do_due_in_turn()))

    async def _do_due_in_turn(self) -> None:
        async with self._turn:
            try:
                await self._do_due()
            except ClientError as error:
                self._trouble = self._trouble or error

    async def asked(self, call: Call) -> None:
        if not self._tallies.asked(call):
            return
        self._record.requested(call.route.method, call.route.what)
        await self._let_pass()

    async def answered(self, call: Call, status: int) -> None:
        del status
        self._tallies.answered(call)
        await self._let_pass()

    async def came(self, watch: Watch, frame: Frame) -> None:
        if self._tallies.came(watch, frame):
            self._record.came(watch.resource)
        await self._let_pass()

    def happened(self, what: str, text: str) -> None:
        self._record.happened(what, text)


def _verdict(violations: Sequence[Violation], never: int, died: Died | None) -> Verdict:
    if died is not None:
        return Verdict.DIED
    if never:
        return Verdict.NEVER_TRIGGERED
    return Verdict.VIOLATED if violations else Verdict.PASSED


def died_at_start(scenario: Scenario, order: Order, error: Died) -> Report:
    """A component that never came up."""
    return Report(
        scenario=scenario,
        kubernetes=order.kubernetes,
        gates=order.gates,
        verdict=Verdict.DIED,
        violations=(),
        moments=(),
        sha256=digest(()),
        log=error.log,
    )


def _has_schedule(scenario: Scenario) -> bool:
    """Whether something in it has a schedule, so that it matters at which time of day it runs."""
    applied = (step.do.manifest for step in scenario.steps if isinstance(step.do, Apply))
    kinds = {manifest.get("kind") for manifest in (*scenario.setup.manifests, *applied)}
    return bool(scenario.setup.trace) or "CronJob" in kinds
