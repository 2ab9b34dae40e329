"""Many traces -> one result: the findings of all, and a row for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from skel.findings.model import Findings, Location, Part, Problem
from skel.fleet.model import Outcome
from skel.storage.listing import Found, traces
from skel.storage.place import shown
from skel.upgrade.checking import merge

Engine = Callable[[Sequence[str]], Iterable[Outcome]]
Progress = Callable[[int], None]


def named(inputs: Sequence[str]) -> tuple[Found, ...]:
    """The traces that the inputs stand for, each once, in the order in which they are named. Raises TraceError."""
    return tuple({found.path: found for name in inputs for found in traces(name)}.values())


def check_all(found: Sequence[Found], engine: Engine, empty: Findings, progress: Progress | None = None) -> Findings:
    """Check all with an engine; the order of the result does not depend on who was done first.

    `empty` says what was checked for, where not one trace could be read. Big ones go first, or the last one would be
    waited for. Raises what the engine raises.
    """
    biggest_first = sorted(found, key=lambda one: -(one.size or 0))
    outcomes: dict[str, Outcome] = {}
    for outcome in engine([one.path for one in biggest_first]):
        outcomes[outcome.path] = outcome
        if progress is not None:
            progress(1)
    return gathered([outcomes[one.path] for one in found], empty)


def gathered(outcomes: Sequence[Outcome], empty: Findings) -> Findings:
    """One result of all, with a part for each trace and a problem for each that could not be checked."""
    whole = merge([empty, *(outcome.findings for outcome in outcomes if outcome.findings is not None)])
    problems = tuple(_problem(outcome) for outcome in outcomes if outcome.findings is None)
    return replace(whole, problems=whole.problems + problems, parts=tuple(map(_part, outcomes)))


def _problem(outcome: Outcome) -> Problem:
    hint = f" ({outcome.hint})" if outcome.hint else ""
    return Problem(Location(shown(outcome.path)), f"{_said(outcome)}{hint}")


def _part(outcome: Outcome) -> Part:
    found = outcome.findings
    scanned = found.scanned if found is not None else None
    return Part(
        name=shown(outcome.path),
        objects=scanned.objects if scanned else 0,
        events=scanned.events if scanned else 0,
        seconds=round(outcome.seconds, 3),
        error=_said(outcome) if found is None else "",
        note=f"tried again after {', '.join(outcome.lost)} died" if outcome.lost and found is not None else "",
    )


def _said(outcome: Outcome) -> str:
    """The error without the name of the trace, which stands beside it."""
    name = shown(outcome.path)
    return outcome.error.removeprefix(name).lstrip(":, ") or outcome.error
