"""The heart of a rehearsal: which objects, as they were recorded, the new release refuses, and what the repair does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from skel.findings.model import Finding, Findings, FoundObject
from skel.findings.severity import Severity
from skel.replay.aligning import align
from skel.replay.outcomes import ABSENT, Answer, answer_of, object_of
from skel.replay.run_lines import ACCEPTED, REJECTED, UNKNOWN, RequestLine
from skel.replay.run_reading import Run
from skel.upgrade.selection import REMOVAL

_WORST = (REJECTED, UNKNOWN, ABSENT, ACCEPTED)


@dataclass(slots=True)
class Failing:
    """An object that the old release takes and the new one does not: when that was first, how often, what was said.

    `finding` is what the check says of it, if anything; `after` is the outcome of the migrated object.
    """

    object: FoundObject
    time: float
    answer: Answer
    finding: Finding | None
    times: int = 0
    after: str = ABSENT
    told: Answer | None = None
    """What was said of the migrated object, if it was not accepted."""

    @property
    def is_repaired(self) -> bool:
        return self.after in {ACCEPTED, ABSENT}


def failing(old: Run, new: Run, migrated: Run, findings: Findings) -> tuple[Failing, ...]:
    """In the order in which they fail."""
    known = _by_object(findings)
    found: dict[FoundObject, Failing] = {}
    for aligned in align([old.requests(), new.requests(), migrated.requests()]):
        before, as_recorded, after = aligned.lines
        if as_recorded is None or as_recorded.verdict != REJECTED or (before and before.verdict == REJECTED):
            continue
        thing = object_of(as_recorded)
        item = found.get(thing)
        if item is None:
            finding = explain(known.get(thing, ()), as_recorded)
            item = found[thing] = Failing(thing, as_recorded.t, answer_of(as_recorded), finding)
        item.times += 1
        _note_after(item, after)
    return tuple(sorted(found.values(), key=lambda item: (item.time, item.object)))


def explain(findings: Iterable[Finding], line: RequestLine) -> Finding | None:
    """The finding that says why: one about an API that is gone where nobody serves it, else the gravest."""
    known = sorted(findings, key=lambda one: (one.severity.value != Severity.ERROR.value, one.code))
    gone = [one for one in known if one.category == REMOVAL]
    by_rule = [one for one in known if one.rule == line.rule]
    return next(iter(by_rule or (gone if line.status == 404 else []) or known), None)


def _by_object(findings: Findings) -> Mapping[FoundObject, list[Finding]]:
    found: dict[FoundObject, list[Finding]] = {}
    for finding in findings:
        if finding.object is not None:
            found.setdefault(finding.object, []).append(finding)
    return found


def _note_after(item: Failing, line: RequestLine | None) -> None:
    """The worst outcome counts."""
    verdict = ABSENT if line is None else line.verdict or UNKNOWN
    if item.times == 1 or _rank(verdict) < _rank(item.after):
        item.after = verdict
        item.told = answer_of(line) if line is not None and verdict != ACCEPTED else None


def _rank(verdict: str) -> int:
    return _WORST.index(verdict) if verdict in _WORST else 0
