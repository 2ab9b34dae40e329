"""A failing scenario -> the smallest found that fails as well, k of k times, within a number of trials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from skel.faults.actions import Advance, Apply, Credit, Delete, DeletePod, Evict, Fail, Hold, Lose, Release, Scale
from skel.faults.model import Report, Scenario, Setup, Step, Violation
from skel.faults.search.verify import BudgetSpent, Check, Trial
from skel.patch.values import Json

TRIALS = 30
TIMES = 3
_JUMPS = (1.0, 60.0, 301.0)
_MOST_REPLICAS = 2


@dataclass(frozen=True, slots=True)
class Shrunk:
    """`is_minimal`: no single step can be left out. It is False if the trials were used up before that was known."""

    scenario: Scenario
    before: int
    trials: int
    is_minimal: bool

    @property
    def after(self) -> int:
        return len(self.scenario.steps)

    def __str__(self) -> str:
        return f"{self.before} to {self.after} steps in {self.trials} trials"


async def shrink(report: Report, trial: Trial, *, times: int = TIMES, trials: int = TRIALS) -> Shrunk:
    """Make the scenario of a report smaller that still breaks the oracle of its first violation."""
    violation = report.violations[0]
    check = Check(trial, violation.oracle, times, trials)
    work = _Work(report.scenario, check)
    try:
        await work.shortcuts(violation)
        await work.ddmin()
        work.is_minimal = True
        await work.parameters()
    except BudgetSpent:
        pass
    return Shrunk(work.best, len(report.scenario.steps), check.used, work.is_minimal)


@dataclass(slots=True)
class _Work:
    """`best` failed k of k times, or is what came in."""

    best: Scenario
    check: Check
    is_minimal: bool = False

    async def shortcuts(self, violation: Violation) -> None:
        """Large cuts that nearly always hold, tried first: what came after it broke, and what has nothing to do with
        it. A wrong guess costs one trial.
        """
        if 0 < violation.step < len(self.best.steps):
            await self._try(self.best.steps[: violation.step])
        await self._try([step for step in self.best.steps if not _is_aside(step, self.best.steps)])
        await self._try([step for step in self.best.steps if _is_core(step)])

    async def ddmin(self) -> None:
        """Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input (2002): complements only."""
        parts = 2
        while len(self.best.steps) >= 2:
            size = max(1, len(self.best.steps) // parts)
            if await self._one_less(size):
                parts = max(parts - 1, 2)
            elif size == 1:
                return
            else:
                parts = min(len(self.best.steps), parts * 2)

    async def _one_less(self, size: int) -> bool:
        """Leave out one part. The last first: what comes late is needed least."""
        steps = self.best.steps
        starts = range(0, len(steps), size)
        for start in reversed(starts):
            if await self._try([*steps[:start], *steps[start + size :]]):
                return True
        return False

    async def parameters(self) -> None:
        """Smaller values, a simpler setup; the order is that of what helps a reader most."""
        for setup in list(_smaller_setups(self.best)):
            await self._take(replace(self.best, setup=setup))
        for number in range(len(self.best.steps)):
            for do in _smaller(self.best.steps[number]):
                steps = [*self.best.steps]
                steps[number] = do
                if await self._try(steps):
                    break

    async def _try(self, steps: Sequence[Step]) -> bool:
        if not steps or len(steps) > len(self.best.steps) or tuple(steps) == self.best.steps:
            return False
        return await self._take(replace(self.best, steps=tuple(steps)))

    async def _take(self, candidate: Scenario) -> bool:
        if candidate == self.best or not await self.check.fails(candidate):
            return False
        self.best = candidate
        return True


def _is_aside(step: Step, steps: Sequence[Step]) -> bool:
    """What most findings do not need: changes by users, failures that are said, a hold that is released at once."""
    match step.do:
        case Scale() | DeletePod() | Evict() | Delete() | Fail():
            return True
        case Hold(resource=resource):
            # Only the first hold of the resource that comes first matters most.
            first = next(it.do for it in steps if isinstance(it.do, Hold))
            return first.resource != resource
        case _:
            return False


def _is_core(step: Step) -> bool:
    return step.do.word in {"hold", "advance", "touch", "lose", "apply", "restart", "staleList"}


def _smaller(step: Step) -> Iterator[Step]:
    """Simpler forms of one step, the simplest first."""
    match step.do:
        case Advance(seconds=seconds):
            yield from (replace(step, do=replace(step.do, seconds=jump)) for jump in _JUMPS if jump < seconds)
        case Credit(frames=frames) if frames > 1:
            yield replace(step, do=replace(step.do, frames=1))
        case Lose(times=times) | Fail(times=times) if times > 1:
            yield replace(step, do=replace(step.do, times=1))
        case Hold(agent=agent) if agent:
            yield replace(step, do=replace(step.do, agent=""))
        case Release() | Apply() | _:
            return


def _smaller_setups(scenario: Scenario) -> Iterator[Setup]:
    """Without the objects that no step names, and with few replicas."""
    setup = scenario.setup
    named = {name for step in scenario.steps for name in _names(step)}
    needed = tuple(it for it in setup.manifests if it["metadata"]["name"] in named)
    if needed and len(needed) < len(setup.manifests):
        setup = replace(setup, manifests=needed)
        yield setup
    fewer = tuple(map(_fewer, setup.manifests))
    if fewer != setup.manifests:
        yield replace(setup, manifests=fewer)


def _names(step: Step) -> Iterator[str]:
    for field in ("name", "owner"):
        if text := getattr(step.do, field, ""):
            yield text.partition("/")[2] or text


def _fewer(manifest: Json) -> Json:
    spec = manifest.get("spec") or {}
    if not isinstance(spec.get("replicas"), int) or spec["replicas"] <= _MOST_REPLICAS:
        return manifest
    return {**manifest, "spec": {**spec, "replicas": _MOST_REPLICAS}}
