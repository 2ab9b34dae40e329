"""Keeps what became of each step: in the journal, in the counts, and on the screen."""

from __future__ import annotations

from msgspec.structs import replace

from skel.findings.model import FoundObject
from skel.replay.journal import Journal, Line
from skel.replay.plan import Progress, Voice
from skel.replay.repair import Repair, Repairs
from skel.replay.result import Tally
from skel.replay.schedule import ReplayStep
from skel.replay.verdict import Outcome, Verdict


class Recorder:
    """Of one run. Without a journal it only counts."""

    def __init__(self, repairs: Repairs, journal: Journal | None, voice: Voice, length: float) -> None:
        """`length` is how many simulated seconds the run has."""
        self.tally = Tally()
        self._repairs = repairs
        self._journal = journal
        self._voice = voice
        self._length = length
        self._moment = (0.0, 0.0, False)

    def recall(self, line: Line) -> None:
        """A step that was done before the run was taken up again."""
        repair = Repair(line.rule, "", "", line.fix or "", "") if line.rule else None
        self.tally.add(_thing(line), line, repair)
        self.tally.counts.skipped += 1

    async def record(self, line: Line, *, served: bool) -> None:
        """`served`: whether the target knows the kind. Raises ReplayError if it can't be written down."""
        if line.verdict != Verdict.REJECTED:
            if self._journal is not None:
                self._journal.append(line)
            self.tally.count(line.verdict)
            self._show()
            return
        thing = _thing(line)
        repair = await self._repairs.find(thing, line.message, not_served=not served)
        if repair is not None:
            line = replace(line, rule=repair.rule, fix=repair.fix or None)
        if self._journal is not None:
            self._journal.append(line)
        self.tally.add(thing, line, repair)
        self._show()

    def keep_accepted(self, lines: list[bytes]) -> None:
        """The same at once, of accepted steps whose lines are ready to be written."""
        if self._journal is not None:
            self._journal.append_encoded(lines)
        self.tally.count(Verdict.ACCEPTED, len(lines))
        self._show()

    def show(self, time: float, behind: float, *, is_paused: bool) -> None:
        """Tell where the run is."""
        self._moment = (time, behind, is_paused)
        self._show()

    def _show(self) -> None:
        if self._voice.show is None:
            return
        time, behind, is_paused = self._moment
        counts = self.tally.counts
        self._voice.show(Progress(time, self._length, behind, counts.steps, counts.rejected, is_paused))


def line_of(step: ReplayStep, outcome: Outcome, round_number: int, wall: float) -> Line:
    """What stands in the journal of a step, but for what repairs it. `wall` is in seconds of the run."""
    thing, response = outcome.object, outcome.response
    silent = response.is_success
    return Line(
        step.time,
        round(wall, 6),
        round_number,
        step.number,
        step.event,
        step.verb,
        thing.api_version,
        thing.kind,
        thing.namespace,
        thing.name,
        response.status,
        outcome.verdict,
        "" if silent else response.reason,
        "" if silent else response.message,
        response.warnings,
        outcome.attempts,
    )


def _thing(line: Line) -> FoundObject:
    return FoundObject(line.api_version, line.kind, line.namespace, line.name)
