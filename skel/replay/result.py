"""What became of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from skel.findings.model import FoundObject
from skel.patch.values import Json
from skel.replay.journal import Line
from skel.replay.repair import Repair
from skel.replay.verdict import Verdict

MOST_REJECTED = 1000
"""Objects that are named one by one; the rest are counted."""


class Ended(StrEnum):
    RUNNING = "running"
    COMPLETE = "complete"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(slots=True)
class Counts:
    """Steps of the trace, and requests for them and around them. `skipped` were done before a run was taken up."""

    steps: int = 0
    requests: int = 0
    accepted: int = 0
    rejected: int = 0
    retried: int = 0
    skipped: int = 0
    unknown: int = 0


@dataclass(slots=True)
class Behind:
    """By how many seconds steps began later than they were due."""

    max: float = 0.0
    total: float = 0.0
    steps: int = 0

    @property
    def mean(self) -> float:
        return self.total / self.steps if self.steps else 0.0

    def add(self, seconds: float) -> None:
        self.max = max(self.max, seconds)
        self.total += seconds
        self.steps += 1


@dataclass(slots=True)
class Rejected:
    """An object that the target did not take: the first answer, and how often there was one."""

    object: FoundObject
    event: int
    verb: str
    status: int
    reason: str
    message: str
    repair: Repair | None
    times: int = 1


@dataclass(slots=True)
class Tally:
    """Everything that a run counts; its size does not grow with the trace."""

    counts: Counts = field(default_factory=Counts)
    behind: Behind = field(default_factory=Behind)
    rejected: dict[FoundObject, Rejected] = field(default_factory=dict)

    def count(self, verdict: str, steps: int = 1) -> None:
        self.counts.steps += steps
        match verdict:
            case Verdict.ACCEPTED:
                self.counts.accepted += steps
            case Verdict.UNKNOWN:
                self.counts.unknown += steps
            case _:
                self.counts.rejected += steps

    def add(self, thing: FoundObject, line: Line, repair: Repair | None) -> None:
        """Count a step, and remember the object if it was rejected."""
        self.count(line.verdict)
        if line.verdict == Verdict.REJECTED:
            self._reject(thing, line, repair)

    def _reject(self, thing: FoundObject, line: Line, repair: Repair | None) -> None:
        known = self.rejected.get(thing)
        if known is not None:
            known.times += 1
        elif len(self.rejected) < MOST_REJECTED:
            self.rejected[thing] = Rejected(
                thing, line.event, line.verb, line.status, line.reason, line.message, repair
            )


@dataclass(frozen=True, slots=True)
class RunResult:
    """`seconds` is how long the run took; `left` the root object of what was not cleaned up, empty if nothing is left.
    `info` is what stands in `run.json`.
    """

    ended: Ended
    target: str
    kubernetes: str
    simulation: str
    counts: Counts
    behind: Behind
    rejected: tuple[Rejected, ...]
    seconds: float
    folder: str = ""
    left: str = ""
    error: str = ""
    hint: str = ""
    info: Mapping[str, Json] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 all accepted, 1 something rejected, 2 the run failed, 130 it was interrupted."""
        if self.ended is Ended.INTERRUPTED:
            return 130
        if self.error:
            return 2
        return 1 if self.counts.rejected else 0
