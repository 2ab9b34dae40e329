"""The disturbances that every upgrade should survive, on the workloads of a trace: the last chapter of a rehearsal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace

from skel.faults.actions import Action, Advance, Hold, Lose, Release, Restart, StaleList, Touch
from skel.faults.columns import Column, columns
from skel.faults.model import Event, Report, Scenario, Step, Verdict, Watch
from skel.faults.oracles.known import RESOURCES
from skel.faults.search.bases import few_of
from skel.faults.search.profile import Profile, learn

On = Callable[[Scenario, str], Awaitable[Report]]
"""Runs a scenario once on a release."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Each disturbance on both releases: a column each, the source first."""

    source: str
    target: str
    scenarios: tuple[tuple[Column, ...], ...]

    @property
    def worse(self) -> tuple[str, ...]:
        """The disturbances that the source survives and the target does not."""
        return tuple(
            before.first.scenario.name
            for before, after in self.scenarios
            if before.verdict is Verdict.PASSED and after.verdict is not Verdict.PASSED
        )

    @property
    def exit_code(self) -> int:
        return int(bool(self.worse))


async def chapter(base: Scenario, source: str, target: str, run: On) -> Chapter:
    """Play them on both releases. What the component writes is learned on the source, without faults."""
    few = few_of(base, 0)
    control = await run(replace(few, name="no-fault"), source)
    without = columns([control, await run(replace(few, name="no-fault"), target)])
    played = [
        columns([await run(scenario, source), await run(scenario, target)])
        for scenario in standard(few, learn(control))
    ]
    return Chapter(source, target, (without, *played))


def standard(base: Scenario, profile: Profile) -> Iterator[Scenario]:
    """A slow watch, lost answers, and a restart on a stale list, each for what the component writes most."""
    first = Watch(_first(profile), Event.ADDED)
    kinds = tuple(dict.fromkeys(it.kind for it in profile.workloads))
    for resource in profile.own[:1]:
        looks = tuple(Touch(kind) for kind in kinds)
        yield _made(base, "slow-watch", first, Hold(resource), Advance(301), *looks, Release(resource))
        yield _made(base, "lost-answers", first, Lose(resource, "POST", 2))
        yield _made(base, "stale-restart", first, StaleList(resource), Hold(resource), Restart(), Release(resource))


def _first(profile: Profile) -> str:
    known = {kind: resource for _, kind, resource in RESOURCES}
    return next((known[it.kind] for it in profile.workloads if it.kind in known), "pods")


def _made(base: Scenario, name: str, first: Watch, *actions: Action) -> Scenario:
    head, *rest = actions
    return replace(base, name=name, steps=(Step(head, first), *map(Step, rest)))
