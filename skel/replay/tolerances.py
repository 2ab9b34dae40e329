"""How much two runs may differ and still count as the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from skel.replay.measure import Measure, Worse

_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(%|ms|s|)")
GROUPS = ("requests", "warnings", "events", "pods", "latency", "lifetime", "nodes")
"""What tolerances can be given for, as a whole."""


class BadToleranceError(ValueError):
    """A tolerance that says nothing. The message says what would do."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A difference is allowed if it is within either: the share of the value before, or the amount."""

    name: str
    share: float = 0.0
    amount: float = 0.0

    def allowed(self, value: float) -> float:
        return max(self.share * abs(value), self.amount)

    @property
    def is_judged(self) -> bool:
        return self.amount != inf


DEFAULTS = (
    Tolerance("requests"),
    Tolerance("warnings"),
    Tolerance("events", share=0.20, amount=5),
    Tolerance("pods"),
    Tolerance("pods.pending-peak", share=0.25, amount=5),
    Tolerance("latency", share=0.25, amount=0.5),
    # One pod is no statistic.
    Tolerance("latency.scheduling.max", amount=inf),
    Tolerance("latency.start-up.max", amount=inf),
    Tolerance("lifetime", share=0.05, amount=2),
    Tolerance("lifetime.max", amount=inf),
    Tolerance("nodes", share=0.10, amount=1),
    Tolerance("nodes.fullest", share=0.25, amount=2),
)
"""What holds if nobody says otherwise. Of several that fit, the longest name counts."""


def read_tolerance(text: str) -> Tolerance:
    """`latency=20%`, `latency.start-up=20%,0.5s`, `events=5`, `warnings=ignore`. Raises BadToleranceError."""
    name, equals, value = text.partition("=")
    name = name.strip()
    if not equals or not name:
        raise BadToleranceError(f"a tolerance is NAME=VALUE, such as latency=20%, not {text!r}")
    if name.partition(".")[0] not in GROUPS:
        raise BadToleranceError(f"there is no measure `{name}`; known: {', '.join(GROUPS)}")
    if value.strip() == "ignore":
        return Tolerance(name, amount=inf)
    share = amount = 0.0
    for part in value.split(","):
        found = _PART.fullmatch(part.strip())
        if found is None:
            raise BadToleranceError(f"{part.strip()!r} is no tolerance for {name}: say 20%, 5, 0.5s, or ignore")
        number = float(found[1])
        match found[2]:
            case "%":
                share = number / 100
            case "ms":
                amount = number / 1000
            case _:
                amount = number
    return Tolerance(name, share, amount)


def tolerances(texts: Iterable[str] = ()) -> tuple[Tolerance, ...]:
    """What is said, and the defaults behind it. Raises BadToleranceError."""
    said = tuple(read_tolerance(text) for text in texts)
    # What is said of a group holds for all of it, the finer defaults too.
    kept = (usual for usual in DEFAULTS if not any(_covers(one.name, usual.name) for one in said))
    return (*said, *kept)


def tolerance_for(name: str, known: Sequence[Tolerance]) -> Tolerance:
    fitting = [one for one in known if _covers(one.name, name)]
    return max(fitting, key=lambda one: len(one.name), default=Tolerance(name))


def _covers(outer: str, name: str) -> bool:
    return name == outer or name.startswith(f"{outer}.")


class Judgement(StrEnum):
    SAME = "same"
    WITHIN = "within"
    """Another value, but within the tolerance, or the noise of repeated runs."""
    WORSE = "worse"
    BETTER = "better"
    OTHER = "other"
    """Different, and neither better nor worse by itself."""
    NOT_JUDGED = "not judged"

    @property
    def is_difference(self) -> bool:
        return self in {Judgement.WORSE, Judgement.BETTER, Judgement.OTHER}


@dataclass(frozen=True, slots=True)
class Compared:
    """A measure on both sides, a value for each run; an empty side has not measured it."""

    measure: Measure
    before: tuple[float, ...]
    after: tuple[float, ...]
    tolerance: Tolerance
    judgement: Judgement

    @property
    def noise(self) -> tuple[float, float]:
        """The band of the runs before."""
        return min(self.before), max(self.before)


def judge(measure: Measure, before: Sequence[float], after: Sequence[float], known: Sequence[Tolerance]) -> Compared:
    """Compare the bands of both sides: what counts is the gap between them."""
    tolerance = tolerance_for(measure.name, known)
    judgement = _judgement(measure, before, after, tolerance)
    return Compared(measure, tuple(before), tuple(after), tolerance, judgement)


def _judgement(measure: Measure, before: Sequence[float], after: Sequence[float], tolerance: Tolerance) -> Judgement:
    if not before or not after or not measure.is_judged:
        return Judgement.NOT_JUDGED
    if set(before) == set(after):
        return Judgement.SAME
    up, down = min(after) - max(before), min(before) - max(after)
    if not tolerance.is_judged:
        return Judgement.NOT_JUDGED
    if up > tolerance.allowed(max(before)):
        return _direction(measure.worse, Worse.UP)
    if down > tolerance.allowed(min(before)):
        return _direction(measure.worse, Worse.DOWN)
    return Judgement.WITHIN


def _direction(worse: Worse, went: Worse) -> Judgement:
    if worse is Worse.NEITHER:
        return Judgement.OTHER
    return Judgement.WORSE if worse in {went, Worse.EITHER} else Judgement.BETTER
