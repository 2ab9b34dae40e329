"""Two runs, or two groups of runs, of one history: what is different, and whether that is more than noise.

A measure of one side is a band: the smallest and largest value of its runs. A difference is the gap between the bands
of both sides; it counts if it is larger than the tolerance. So repeated runs widen the band by what chance does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from skel.replay.aligning import align
from skel.replay.measure import Measure, Unit
from skel.replay.observed import Figures, Observed, RequestFigures, observe
from skel.replay.outcomes import Group, Outcomes
from skel.replay.run_reading import REQUESTS, Run
from skel.replay.tolerances import Compared, Tolerance, judge, tolerance_for, tolerances


class Verdict(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    INCOMPLETE = "incomplete"
    """A run broke off, so what is missing says nothing."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two sides have in common and what not. `requests` counts those that both sent with the same outcome.

    `notes` are what a reader must know to judge the comparison, `problems` why it is not complete.
    """

    before: tuple[Observed, ...]
    after: tuple[Observed, ...]
    measures: tuple[Compared, ...]
    turned: tuple[Group, ...]
    turned_requests: int
    same_requests: int
    rejected_in_both: int
    tolerated: bool
    """Whether so many requests with another outcome are allowed."""
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def runs(self) -> tuple[Observed, ...]:
        return self.before + self.after

    @property
    def differences(self) -> tuple[Compared, ...]:
        return tuple(found for found in self.measures if found.judgement.is_difference)

    @property
    def is_same(self) -> bool:
        return self.tolerated and not self.differences

    @property
    def verdict(self) -> Verdict:
        if self.problems:
            return Verdict.INCOMPLETE
        return Verdict.SAME if self.is_same else Verdict.DIFFERENT

    @property
    def exit_code(self) -> int:
        """0 the same, 1 different beyond the tolerances, 2 not everything could be compared."""
        return {Verdict.SAME: 0, Verdict.DIFFERENT: 1, Verdict.INCOMPLETE: 2}[self.verdict]


def compare(before: Sequence[Run], after: Sequence[Run], *, tolerance: Sequence[Tolerance] | None = None) -> Comparison:
    """Compare runs of one history. Each side is one run, or several of the same to know the noise."""
    known = tolerances() if tolerance is None else tolerance
    runs = (*before, *after)
    figures = [RequestFigures() for _ in runs]
    outcomes, unreached = _outcomes(runs, figures, len(before))
    seen = [observe(run, own) for run, own in zip(runs, figures, strict=True)]
    left, right = tuple(seen[: len(before)]), tuple(seen[len(before) :])
    return Comparison(
        before=left,
        after=right,
        measures=tuple(_judged(left, right, known)),
        turned=outcomes.groups(),
        turned_requests=outcomes.count,
        same_requests=outcomes.same,
        rejected_in_both=outcomes.rejected_in_both,
        tolerated=outcomes.count <= tolerance_for("requests", known).allowed(outcomes.same + outcomes.count),
        notes=tuple(_notes(left, right)),
        problems=tuple(_problems(seen, unreached)),
    )


def _outcomes(runs: Sequence[Run], figures: Sequence[RequestFigures], before: int) -> tuple[Outcomes, int]:
    """The requests side by side, and how many of them a run that broke off did not come to."""
    outcomes = Outcomes(before)
    broken = [number for number, run in enumerate(runs) if not run.header.is_complete]
    unreached = 0
    for found in align([own.watch(run.requests()) for run, own in zip(runs, figures, strict=True)]):
        if any(found.lines[number] is None and found.first.t >= figures[number].end for number in broken):
            unreached += 1
        else:
            outcomes.add(found)
    return outcomes, unreached


def _judged(before: Sequence[Observed], after: Sequence[Observed], known: Sequence[Tolerance]) -> Iterator[Compared]:
    """Every measure that a run of either side has; what an observed run does not tell of did not happen there."""
    left, right = [run.figures() for run in before], [run.figures() for run in after]
    is_whole = all(seen.run.header.is_complete for seen in (*before, *after))
    for measure in _order([*left, *right]):
        # What a run that broke off counted is too little, and nobody knows by how much.
        fitting = known if is_whole or measure.unit is not Unit.COUNT else [Tolerance(measure.name, amount=inf)]
        yield judge(measure, _values(measure, before, left), _values(measure, after, right), fitting)


def _values(measure: Measure, runs: Sequence[Observed], figures: Sequence[Figures]) -> tuple[float, ...]:
    """Of each run that measured it; what a run watched and does not tell of did not happen."""
    return tuple(
        own.get(measure, 0.0)
        for run, own in zip(runs, figures, strict=True)
        if measure in own or (measure.unit is Unit.COUNT and _watched(run, measure))
    )


def _watched(run: Observed, measure: Measure) -> bool:
    match measure.group:
        case "requests" | "warnings":
            return True
        case "events":
            return run.events is not None
        case _:
            return run.pods is not None


def _order(figures: Sequence[Figures]) -> list[Measure]:
    """Group by group as runs have them; what is named by the cluster (warnings, reasons, codes) by name."""
    place = {measure: number for side in reversed(figures) for number, measure in enumerate(side)}

    def rank(measure: Measure) -> tuple[int, int, str]:
        fixed = not measure.name.startswith(_NAMED_BY_THE_CLUSTER)
        return _GROUPS.index(measure.group), place[measure] if fixed else len(place), measure.name

    return sorted(place, key=rank)


_GROUPS = ("requests", "warnings", "pods", "latency", "lifetime", "nodes", "events")
_NAMED_BY_THE_CLUSTER = ("requests.code.", "warnings.", "events.")
_LATE = 1.0
"""Seconds of a run. Behind an outage longer than that a replay catches up, and pods meet that the trace keeps apart."""


def _notes(before: Sequence[Observed], after: Sequence[Observed]) -> Iterator[str]:
    runs = (*before, *after)
    hashes = {run.run.header.trace.sha256 for run in runs if run.run.header.trace.sha256}
    if len(hashes) > 1:
        yield "the runs played different traces: objects are compared by kind, namespace, name and time"
    speeds = {run.run.header.speed for run in runs}
    if len(speeds) > 1:
        yield f"the runs had different speeds: {', '.join(sorted(map(_speed, speeds)))}"
    yield from filter(None, map(_late, runs))
    for what, seen in (
        ("pods", [run.pods is not None for run in runs]),
        ("events", [run.events is not None for run in runs]),
    ):
        if any(seen) and not all(seen):
            names = ", ".join(run.run.name for run, there in zip(runs, seen, strict=True) if not there)
            yield f"{what} were not observed in {names}, so they are not compared"


def _late(seen: Observed) -> str:
    """Nothing for a run without a schedule, and for one that kept it."""
    header = seen.run.header
    late = (header.behind and header.behind.max) or 0.0
    if not header.speed or late <= _LATE:
        return ""
    apart = f"{late * header.speed:,.0f} s of the trace"
    return f"{seen.run.name} was up to {late:.1f} s behind its schedule: what lies within {apart} may have come at once"


def _speed(speed: float | None) -> str:
    return "as fast as it goes" if speed is None else f"{speed:g}"


def _problems(runs: Sequence[Observed], unreached: int) -> Iterator[str]:
    for seen in runs:
        header = seen.run.header
        if not header.is_complete:
            yield f"{seen.run.name} did not come to its end ({header.ended or 'nobody knows why'})"
        if not seen.run.has(REQUESTS):
            yield f"{seen.run.name} has no {REQUESTS}"
        for file, count in sorted(seen.run.unread.items()):
            if count:
                yield f"{seen.run.name}/{file}: {count:,} line{'' if count == 1 else 's'} could not be read"
    if unreached:
        yield f"{unreached:,} request{'' if unreached == 1 else 's'} could not be compared: not all runs came so far"
