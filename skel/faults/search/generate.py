"""A seed -> a scenario: the same seed makes the same steps, on every machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from skel.faults.actions import (
    Action,
    Advance,
    Credit,
    DeletePod,
    Disconnect,
    Expire,
    Fail,
    Hold,
    Lose,
    Release,
    Restart,
    Scale,
    StaleList,
    Touch,
)
from skel.faults.model import Event, Scenario, Step, Watch
from skel.faults.oracles.known import RESOURCES
from skel.faults.search.profile import Profile, Workload

STEPS = 12
JUMPS = (5.0, 60.0, 301.0, 301.0, 3600.0)
"""Seconds: backoffs, leases, expectations (5 minutes, what most races need), and beyond resyncs."""
Make = Callable[["_Dice"], Action | None]


def generate(base: Scenario, seed: int, profile: Profile, *, kinds: frozenset[str] = frozenset()) -> Scenario:
    """The scenario of a seed. `kinds` are the words of the actions that it may use; none: all legal ones.

    It begins with a hold of what the component writes most: races need a component that does not see its own writes.
    """
    dice = _Dice(Random(seed), profile)  # noqa: S311  (to be repeated, not to be secret)
    makes = [(make, weight) for word, make, weight in _MAKES if not kinds or word in kinds]
    steps: list[Step] = []
    if profile.own and (not kinds or Hold.word in kinds):
        steps.append(Step(dice.hold_own(), dice.early()))
    while makes and len(steps) < STEPS:
        make = dice.random.choices([make for make, _ in makes], [weight for _, weight in makes])[0]
        made = make(dice)
        if made is not None:
            steps.append(Step(made))
        elif not dice.can_go_on():
            break
    return replace(base, name=f"{base.name}-seed-{seed}", seed=seed, steps=tuple(steps), expect=())


@dataclass(slots=True)
class _Dice:
    """Chance, and what is held so far: a release of what flows would say nothing."""

    random: Random
    profile: Profile
    held: frozenset[str] = frozenset()
    misses: int = 0

    def can_go_on(self) -> bool:
        self.misses += 1
        return self.misses < 10 * STEPS

    def hold_own(self) -> Action:
        return self._hold(self._own())

    def early(self) -> Watch | None:
        """Every other time the hold is there from the first object of the setup on, so that its pods are not seen."""
        it = next(iter(self.profile.workloads), None)
        resource = {kind: resource for _, kind, resource in RESOURCES}.get(it.kind) if it else None
        return Watch(resource, Event.ADDED) if resource and self.random.random() < 0.5 else None

    def hold(self) -> Action | None:
        """Mostly what it writes; at times what it only watches."""
        names = (*self.profile.own * 3, *self.profile.others)
        free = [name for name in names if name not in self.held]
        return self._hold(self.random.choice(free)) if free else None

    def release(self) -> Action | None:
        if not self.held:
            return None
        name = self.random.choice(sorted(self.held))
        self.held -= {name}
        return Release(name)

    def credit(self) -> Action | None:
        return Credit(self.random.choice(sorted(self.held)), self.random.randint(1, 3)) if self.held else None

    def advance(self) -> Action:
        return Advance(self.random.choice(JUMPS))

    def touch(self) -> Action | None:
        it = self._workload(self.profile.workloads)
        return Touch(it.kind, it.name) if it else None

    def scale(self) -> Action | None:
        it = self._workload([it for it in self.profile.workloads if it.is_scaled])
        return Scale(it.kind, it.name, self.random.randint(1, max(it.replicas, 1) + 2)) if it else None

    def delete_pod(self) -> Action | None:
        it = self._workload([it for it in self.profile.workloads if it.owns_pods])
        return DeletePod(f"{it.kind}/{it.name}") if it else None

    def lose(self) -> Action | None:
        call = self._write()
        return Lose(call[1], call[0], self.random.randint(1, 3)) if call else None

    def fail(self) -> Action | None:
        call = self._write()
        return Fail(call[1], call[0], self.random.randint(1, 3), self.random.choice((429, 500, 503))) if call else None

    def disconnect(self) -> Action | None:
        return Disconnect(self._own()) if self.profile.own else None

    def expire(self) -> Action | None:
        return Expire(self._own()) if self.profile.own else None

    def stale_list(self) -> Action | None:
        return StaleList(self._own()) if self.profile.own else None

    def restart(self) -> Action:
        return Restart()

    def _hold(self, name: str) -> Action:
        self.held |= {name}
        return Hold(name)

    def _own(self) -> str:
        """The most written first, with half the weight for each further one."""
        names = self.profile.own
        return self.random.choices(names, [2.0**-rank for rank in range(len(names))])[0]

    def _write(self) -> tuple[str, str] | None:
        calls = [call for call in self.profile.writes if call[0] in {"POST", "DELETE", "PUT", "PATCH"}]
        made = [call for call in calls if call[0] == "POST"] or calls
        return self.random.choice(made) if made else None

    def _workload(self, known: Sequence[Workload]) -> Workload | None:
        return self.random.choice(known) if known else None


# Weights: time and a look at the object make most races visible, restarts are slow.
_MAKES: tuple[tuple[str, Make, float], ...] = (
    ("touch", _Dice.touch, 4),
    ("advance", _Dice.advance, 3),
    ("credit", _Dice.credit, 2),
    ("scale", _Dice.scale, 2),
    ("hold", _Dice.hold, 1),
    ("release", _Dice.release, 1),
    ("lose", _Dice.lose, 1),
    ("fail", _Dice.fail, 0.5),
    ("deletePod", _Dice.delete_pod, 1),
    ("disconnect", _Dice.disconnect, 0.5),
    ("expire", _Dice.expire, 0.5),
    ("staleList", _Dice.stale_list, 0.3),
    ("restart", _Dice.restart, 0.2),
)
