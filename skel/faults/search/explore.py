"""Seed after seed until the budget is spent: what breaks is run again, made small, and kept as a scenario."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from skel.faults.errors import FaultError
from skel.faults.history import Identical, identical
from skel.faults.model import Report, Scenario, Step, Verdict
from skel.faults.search.bases import few_of
from skel.faults.search.generate import generate
from skel.faults.search.profile import Profile, learn, narrowed
from skel.faults.search.shrink import Shrunk, shrink
from skel.faults.search.verify import Trial, breaks


@dataclass(frozen=True, slots=True)
class Orders:
    """`times` is k of k; `repeat` runs of each seed measure how many repeat; `budget` is in real seconds.

    `kinds` are the words of the actions to use, none: all. `shrink` at most so many trials for each finding.
    """

    seeds: tuple[int, ...]
    budget: float
    times: int = 3
    repeat: int = 1
    trials: int = 30
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Discovery:
    """A violation that `again` of `times` runs of its seed show, and the smallest scenario for it."""

    seed: int
    report: Report
    again: int
    times: int
    shrunk: Shrunk | None = None
    others: tuple[int, ...] = ()

    @property
    def is_proven(self) -> bool:
        return self.again == self.times

    @property
    def oracle(self) -> str:
        return self.report.violations[0].oracle

    @property
    def scenario(self) -> Scenario:
        """The smallest that is known, with the invariant that it breaks."""
        known = self.shrunk.scenario if self.shrunk else self.report.scenario
        return replace(known, title=self.report.violations[0].message, oracles=known.oracles or (self.oracle,))


@dataclass(slots=True)
class Exploration:
    """What came of it. `tried` are the seeds that ran, `wall` real seconds, `repeats` the histories of each seed."""

    control: Report
    profile: Profile
    tried: list[int] = field(default_factory=list)
    found: list[Discovery] = field(default_factory=list)
    died: list[Report] = field(default_factory=list)
    unusable: list[int] = field(default_factory=list)
    repeats: list[Identical] = field(default_factory=list)
    trials: int = 0
    wall: float = 0.0

    @property
    def rate(self) -> float:
        """Trials a minute."""
        return 60 * self.trials / self.wall if self.wall else 0.0

    @property
    def exit_code(self) -> int:
        """2 if the component does not even do without faults."""
        if self.control.verdict is not Verdict.PASSED:
            return 2
        return int(not self.is_clean)

    @property
    def is_clean(self) -> bool:
        return not self.found and not self.died and self.control.verdict is Verdict.PASSED


Say = Callable[[str], None]
Clock = Callable[[], float]


async def explore(base: Scenario, orders: Orders, trial: Trial, say: Say, clock: Clock = time.monotonic) -> Exploration:
    """Try seeds on a setup. The first run has no faults: what it shows is what the component writes and watches."""
    search = _Search(orders, trial, say, clock)
    return await search.run(base)


@dataclass(slots=True)
class _Search:
    orders: Orders
    trial: Trial
    say: Say
    clock: Clock
    trials: int = 0

    async def run(self, base: Scenario) -> Exploration:
        began = self.clock()
        control = await self._once(replace(base, name=f"{base.name}-control", steps=(), expect=()))
        found = Exploration(control, learn(control))
        if control.verdict is not Verdict.PASSED:
            self.say(f"without any fault: {control.verdict}")
            return self._ended(found, began)
        for seed in self.orders.seeds:
            if self.clock() - began >= self.orders.budget:
                self.say(f"the budget is spent after {len(found.tried)} seeds")
                break
            await self._seed(base, seed, found)
        return self._ended(found, began)

    async def _seed(self, base: Scenario, seed: int, found: Exploration) -> None:
        few = few_of(base, seed)
        scenario = generate(few, seed, narrowed(found.profile, few), kinds=self.orders.kinds)
        found.tried.append(seed)
        try:
            reports = [await self._once(scenario) for _ in range(self.orders.repeat)]
        except FaultError as error:
            self.say(f"seed {seed} can't be run: {error.message}")
            found.unusable.append(seed)
            return
        found.repeats.append(identical(reports))
        match reports[0].verdict:
            case Verdict.VIOLATED:
                await self._violated(reports, found)
            case Verdict.DIED:
                self.say(f"seed {seed}: the component died")
                found.died.append(reports[0])
            case _:
                pass

    async def _violated(self, reports: list[Report], found: Exploration) -> None:
        first = reports[0]
        if (other := _same(found.found, first)) and not await self._is_new(first, found.found):
            number = found.found.index(other)
            found.found[number] = replace(other, others=(*other.others, first.scenario.seed))
            return
        oracle, seed = first.violations[0].oracle, first.scenario.seed
        self.say(f"seed {seed}: {oracle}: {first.violations[0].message}")
        runs = [*reports]
        while len(runs) < self.orders.times:
            runs.append(await self._once(first.scenario))
        again = sum(breaks(run, oracle) for run in runs)
        one = Discovery(seed, first, again, len(runs))
        self.say(f"seed {seed}: {again} of {len(runs)} runs show it")
        if one.is_proven:
            one = replace(one, shrunk=await self._shrunk(first))
        known = next((it for it in found.found if it.shrunk and one.shrunk and _steps(it) == _steps(one)), None)
        if known is None:
            found.found.append(one)
        else:  # another invariant of the same cause
            found.found[found.found.index(known)] = replace(known, others=(*known.others, seed))

    async def _is_new(self, report: Report, known: Iterable[Discovery]) -> bool:
        """Whether it has another cause than what is known: it breaks also without the faults of that."""
        words = {step.do.word for one in known if one.shrunk for step in one.shrunk.scenario.steps if step.do.is_fault}
        rest = tuple(step for step in report.scenario.steps if step.do.word not in words)
        if not any(step.do.is_fault for step in rest):
            return False
        return breaks(await self._once(replace(report.scenario, steps=rest)), report.violations[0].oracle)

    async def _shrunk(self, report: Report) -> Shrunk:
        result = await shrink(report, self._once, times=self.orders.times, trials=self.orders.trials)
        self.say(f"seed {report.scenario.seed}: {result}")
        return result

    async def _once(self, scenario: Scenario) -> Report:
        self.trials += 1
        return await self.trial(scenario)

    def _ended(self, found: Exploration, began: float) -> Exploration:
        found.trials, found.wall = self.trials, self.clock() - began
        return found


def _steps(it: Discovery) -> tuple[Step, ...]:
    return it.shrunk.scenario.steps if it.shrunk else ()


def _same(found: Iterable[Discovery], report: Report) -> Discovery | None:
    """The discovery that this one repeats: the same oracle, broken for the same kind."""

    def key(it: Report) -> tuple[str, str]:
        first = it.violations[0]
        return first.oracle, first.object.partition("/")[0]

    return next((one for one in found if one.is_proven and key(one.report) == key(report)), None)
