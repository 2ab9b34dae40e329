"""What became of each request: which objects the server of one side takes and that of the other does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from skel.findings.model import FoundObject
from skel.replay.aligning import Aligned
from skel.replay.run_lines import ACCEPTED, REJECTED, UNKNOWN, RequestLine

ABSENT = "not sent"
MOST_OBJECTS = 50
"""Objects that a group names; the others are counted."""
MOST_GROUPS = 500


class Turn(StrEnum):
    """How the outcome of a request changed, in the order of reports."""

    REJECTED = "newly rejected"
    UNSURE = "newly unknown"
    ACCEPTED = "newly accepted"
    MISSING = "not sent any more"
    ADDED = "sent in addition"
    OTHER = "another outcome"

    @property
    def is_worse(self) -> bool:
        return self in {Turn.REJECTED, Turn.UNSURE}


_ORDER = {turn: number for number, turn in enumerate(Turn)}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, the same for many objects: names in messages are replaced."""

    verdict: str
    status: int = 0
    reason: str = ""
    message: str = ""
    rule: str = ""


@dataclass(slots=True)
class Seen:
    """An object in a group: when it was met first, in simulated seconds, and how often."""

    time: float
    times: int = 1


@dataclass(slots=True)
class Group:
    """Requests that turned in the same way for the same reason. `requests` counts all, `objects` names the first."""

    turn: Turn
    api_version: str
    kind: str
    before: str
    answer: Answer
    requests: int = 0
    objects: dict[FoundObject, Seen] = field(default_factory=dict)
    more: bool = False
    """Whether there are objects that are not named."""

    def add(self, line: RequestLine) -> None:
        self.requests += 1
        self.more = not note(self.objects, line) or self.more

    @property
    def first(self) -> float:
        return min(seen.time for seen in self.objects.values())


class Outcomes:
    """Collects the requests whose outcome is another on the other side."""

    def __init__(self, before: int) -> None:
        """The first `before` of the runs are one side."""
        self._before = before
        self.same = 0
        self.rejected_in_both = 0
        self.dropped = 0
        self._groups: dict[tuple[object, ...], Group] = {}

    def add(self, found: Aligned) -> None:
        before = _verdicts(found.lines[: self._before])
        after = _verdicts(found.lines[self._before :])
        # Runs of one side that disagree among each other say how much is noise.
        if not before.isdisjoint(after):
            self.same += 1
            self.rejected_in_both += REJECTED in before and REJECTED in after
            return
        self._put(_turn(before, after), found, " or ".join(sorted(before)))

    def alone(self, line: RequestLine) -> None:
        """A request of a run that nothing is compared with: what was not accepted makes a group."""
        if line.verdict == ACCEPTED:
            self.same += 1
        else:
            self._put(Turn.REJECTED if line.verdict == REJECTED else Turn.UNSURE, Aligned((line,)), "")

    def _put(self, turn: Turn, found: Aligned, before: str) -> None:
        told = next((line for line in found.lines[self._before :] if line is not None), found.first)
        answer = answer_of(told) if turn is not Turn.MISSING else Answer(ABSENT)
        key = turn, told.apiVersion, told.kind, before, answer
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= MOST_GROUPS:
                self.dropped += 1
                return
            group = self._groups[key] = Group(turn, told.apiVersion or "", told.kind or "", before, answer)
        group.add(told)

    def groups(self) -> tuple[Group, ...]:
        """The worst first; then what came first."""
        return tuple(sorted(self._groups.values(), key=_rank))

    @property
    def count(self) -> int:
        """Requests with another outcome."""
        return sum(group.requests for group in self._groups.values()) + self.dropped


def _rank(group: Group) -> tuple[int, float, str, str, tuple[str, ...]]:
    answer = group.answer
    said = (answer.verdict, str(answer.status), answer.reason, answer.message, answer.rule)
    return _ORDER[group.turn], group.first, group.kind, group.api_version, said


def _verdicts(lines: Iterable[RequestLine | None]) -> set[str]:
    return {ABSENT if line is None else line.verdict or UNKNOWN for line in lines}


def _turn(before: set[str], after: set[str]) -> Turn:
    if REJECTED in after:
        return Turn.REJECTED
    if UNKNOWN in after:
        return Turn.UNSURE
    if after == {ABSENT}:
        return Turn.MISSING
    if before == {ABSENT}:
        return Turn.ADDED
    return Turn.ACCEPTED if ACCEPTED in after else Turn.OTHER


def object_of(line: RequestLine) -> FoundObject:
    return FoundObject(line.apiVersion or "", line.kind or "", line.namespace or "", line.name or "")


def note(objects: dict[FoundObject, Seen], line: RequestLine) -> bool:
    """Count an object if it is among the first that are named, and say whether it is."""
    thing = object_of(line)
    seen = objects.get(thing)
    if seen is not None:
        seen.times += 1
    elif len(objects) < MOST_OBJECTS:
        objects[thing] = Seen(line.t)
    else:
        return False
    return True


def answer_of(line: RequestLine) -> Answer:
    message = line.message or ""
    if line.name:
        message = message.replace(f'"{line.name}"', '"..."')
    return Answer(line.verdict or UNKNOWN, line.status or 0, line.reason or "", message, line.rule or "")
