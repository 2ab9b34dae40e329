"""The canonical history of a run: what each part of it, from rest to rest, made of the objects.

Two runs with the same faults have the same history. Left out is what no scenario decides: names that the server makes
up, resource versions, times, how often a status was written, in which order the pods of one batch came, and which of
several equal pods a controller took away. What counts is who was made, how many were taken away, and how many are left.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from skel.faults import objects, words
from skel.faults.model import Event, Moment, Report, Revision, Scenario
from skel.faults.names import Names
from skel.patch.values import Json

SETUP = "setup"
LIFTED = "faults lifted"
SCHEDULER = "kube-scheduler"


def canonical(scenario: Scenario, revisions: Iterable[Revision]) -> tuple[Moment, ...]:
    """The moments of a run, one for each rest: the setup and each step without a trigger end with one."""
    parts = rests(scenario)
    end_of = {step: last for first, last in parts for step in range(first, last + 1)}
    pages: dict[int, _Page] = {last: _Page() for _, last in parts}
    names, there = Names(), _There()
    order = sorted(revisions, key=lambda revision: revision.number)
    # Only the scheduler's own rests include its bindings; beside another component it binds when it can.
    binds = scenario.target == SCHEDULER
    taken = 0
    moments = []
    for first, last in parts:
        while taken < len(order) and end_of.get(order[taken].step, last) <= last:
            pages[last].see(order[taken], names, there)
            taken += 1
        moments.append(Moment(last, _title(scenario, first, last), pages[last].lines(there, binds=binds)))
    return tuple(moments)


def digest(moments: Sequence[Moment]) -> str:
    """The sha256 of the history, in hexadecimal digits."""
    text = json.dumps([[moment.step, moment.what, *moment.lines] for moment in moments], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def rests(scenario: Scenario) -> list[tuple[int, int]]:
    """First and last step between two rests; a step with a trigger does not wait for one, so it joins the one before.

    0 is the setup, one more than there are steps the end, when all faults are lifted.
    """
    parts = [(0, 0)]
    for number, step in enumerate(scenario.steps, start=1):
        parts[-1:] = [(parts[-1][0], number)] if step.when else [parts[-1], (number, number)]
    return [*parts, (len(scenario.steps) + 1, len(scenario.steps) + 1)]


@dataclass(frozen=True, slots=True)
class Identical:
    """Of `runs` histories `count` are those that most runs have."""

    count: int
    runs: int
    sha256: str

    @property
    def is_all(self) -> bool:
        return self.count == self.runs

    def __str__(self) -> str:
        return f"{self.count} of {self.runs} histories identical"


def identical(reports: Sequence[Report]) -> Identical:
    """How many runs of one scenario on one release with the same gates have the same verdict and history."""
    tally = Counter((report.sha256, report.verdict) for report in reports)
    (sha256, _), count = tally.most_common(1)[0]
    return Identical(count, len(reports), sha256)


def _title(scenario: Scenario, first: int, last: int) -> str:
    if first > len(scenario.steps):
        return LIFTED
    said = [words.step(step) for step in scenario.steps[max(first, 1) - 1 : last]]
    return "; ".join(([SETUP] if first == 0 else []) + said)


@dataclass(slots=True)
class _There:
    """The objects of each group that count, and the pods that are bound."""

    active: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    replicas: dict[str, int] = field(default_factory=dict)

    def count(self, group: str) -> int:
        return sum(name == group for name in self.active.values())


@dataclass(slots=True)
class _Page:
    """What happened in one part: ordinals made, and counts of what became of objects, by group."""

    made: dict[str, list[int]] = field(default_factory=dict)
    turns: Counter[tuple[str, str]] = field(default_factory=Counter)
    groups: dict[str, None] = field(default_factory=dict)

    def see(self, revision: Revision, names: Names, there: _There) -> None:
        thing = revision.object
        label, group = names.learn(thing), names.group(thing)
        if label not in there.known:
            there.known.add(label)
            there.active[label] = group
            self.groups[group] = None
            self.made.setdefault(group, []).append(int(label.rpartition("#")[2]) if "#" in label else 0)
        # Marked for deletion or gone is one: how soon a kubelet lets a pod go is not decided by the component.
        ending = "taken away" if revision.event is Event.DELETED or objects.is_going(thing) else _finished(thing)
        if ending and there.active.pop(label, ""):
            self._turn(group, ending)
        if objects.spec(thing).get("nodeName") and thing.get("kind") == "Pod" and label not in there.bound:
            there.bound.add(label)
            self._turn(group, "bound")
        self._scaled(thing, label, group, there)

    def _scaled(self, thing: Json, label: str, group: str, there: _There) -> None:
        replicas = objects.spec(thing).get("replicas")
        if replicas is not None and there.replicas.get(label) not in {None, replicas}:
            self.groups[group] = None
        if replicas is not None:
            there.replicas[label] = replicas

    def _turn(self, group: str, what: str) -> None:
        self.groups[group] = None
        self.turns[group, what] += 1

    def lines(self, there: _There, *, binds: bool) -> tuple[str, ...]:
        return tuple(sorted(self._line(group, there, binds=binds) for group in self.groups))

    def _line(self, group: str, there: _There, *, binds: bool) -> str:
        made = self.made.get(group, [])
        said = [f"created {_ranges(made)}".rstrip()] if made else []
        turns = sorted((what, count) for (name, what), count in self.turns.items() if name == group)
        said += [f"{what} {count}" for what, count in turns if binds or what != "bound"]
        sizes = [
            f"{label[label.find('#') :] if '#' in label else ''} scaled to {there.replicas[label]}".strip()
            for label, name in sorted(there.active.items())
            if name == group and label in there.replicas
        ]
        left = [] if group.startswith(_LONERS) else [f"{there.count(group)} left"]
        return f"{group}: {', '.join([*said, *sizes, *left])}"


# Of each of these there is one of its name, so there is nothing to count.
_ONES = (
    *("ReplicaSet", "ReplicationController", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"),
    *("Pod", "Node", "Lease", "PodDisruptionBudget"),
)
_LONERS = tuple(f"{kind}/" for kind in _ONES)


def _finished(thing: Json) -> str:
    """How a pod ended by itself; empty for what still runs."""
    phase = objects.status(thing).get("phase", "") if thing.get("kind") == "Pod" else ""
    return str(phase).lower() if phase in objects.FINISHED else ""


def _ranges(ordinals: Sequence[int]) -> str:
    """`#1-#5, #9` of the ordinals, empty for an object that has a name of its own."""
    found: list[tuple[int, int]] = []
    for ordinal in sorted(filter(None, ordinals)):
        if found and ordinal == found[-1][1] + 1:
            found[-1] = (found[-1][0], ordinal)
        else:
            found.append((ordinal, ordinal))
    return ", ".join(f"#{first}" if first == last else f"#{first}-#{last}" for first, last in found)
