"""A run, a comparison or a rehearsal as test cases: exit code 1 comes from failures, exit code 2 from errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from skel.replay.account import Account
from skel.replay.compare import Comparison
from skel.replay.failing import Failing
from skel.replay.outcomes import Group
from skel.replay.rehearsal import Readiness, Rehearsal
from skel.replay.run_lines import REJECTED
from skel.replay.tolerances import Compared, Judgement
from skel.report.findings.view import View
from skel.report.junit import Case, Suite, junit_text
from skel.report.runs import words
from skel.report.runs.rehearsal_text import after_words, run_words, runs_of
from skel.report.runs.tables import safe


def junit_report(found: Account | Comparison | Rehearsal, view: View) -> Iterator[str]:
    """The document."""
    match found:
        case Account():
            suites = _account(found)
        case Comparison():
            suites = _comparison(found, "skel.compare")
        case Rehearsal():
            suites = _rehearsal(found)
    yield junit_text(tuple(suites), view.made)


def _account(found: Account) -> Iterator[Suite]:
    package, seen = "skel.replay", found.observed
    name = "the run came to its end"
    whole = Case(name, package) if seen.run.header.is_complete else Case(name, package, "error", words.run_line(seen))
    yield Suite(package, seen.run.name, (whole,), safe(words.tally(seen.requests.verdicts)))
    refused = [
        case for group in found.refused for case in _group(group, package, fails=group.answer.verdict == REJECTED)
    ]
    yield Suite(package, "requests", tuple(refused) or (Case("all are accepted", package),))


def _comparison(found: Comparison, package: str) -> Iterator[Suite]:
    whole = [Case(safe(problem), package, "error", safe(problem)) for problem in found.problems]
    said = "\n".join(f"{seen.run.name}: {words.run_line(seen)}" for seen in found.runs)
    yield Suite(package, "runs", tuple(whole) or (Case("all runs could be compared", package),), said)
    turned = [case for group in found.turned for case in _group(group, package, fails=not found.tolerated)]
    yield Suite(package, "requests", tuple(turned) or (Case("all have the same outcome", package),))
    judged = [one for one in found.measures if one.judgement is not Judgement.NOT_JUDGED and not words.is_quiet(one)]
    if judged:
        yield Suite(package, "figures", tuple(_figure(one, package) for one in judged))


def _group(group: Group, package: str, *, fails: bool) -> Iterator[Case]:
    """A case an object."""
    said = safe(words.said(group.answer))
    for thing, seen in group.objects.items():
        text = f"{words.turned(group)} {words.when(seen.time, seen.times)}\n{said}"
        name = safe(words.object_name(thing))
        yield (
            Case(name, package, "failure", f"{words.turned(group)}: {said}", words.turned(group), text)
            if fails
            else Case(name, package)
        )


def _figure(one: Compared, package: str) -> Case:
    unit = one.measure.unit
    text = (
        f"{words.band(one.before, unit)} before, {words.band(one.after, unit)} after, "
        f"tolerance {words.tolerance(one)}: {one.judgement}"
    )
    outcome = "failure" if one.judgement.is_difference else ""
    return Case(
        safe(one.measure.name), package, outcome, text if outcome else "", one.judgement.value if outcome else ""
    )


def _rehearsal(found: Rehearsal) -> Iterator[Suite]:
    package = "skel.rehearse"
    yield Suite(package, words.rehearsal_verdict(found), tuple(_verdict(found, package)), "\n".join(_story(found)))
    if found.failing:
        cases = tuple(_failing(item, package) for item in found.failing)
        yield Suite(package, f"objects that {found.scene.target} does not take as they were recorded", cases)


def _verdict(found: Rehearsal, package: str) -> Iterator[Case]:
    """A failure a reason; what is only different passes."""
    for reason in found.reasons:
        yield Case(safe(reason), package, "failure", safe(reason), Readiness.NOT_READY.value)
    for problem in found.problems:
        yield Case(safe(problem), package, "error", safe(problem))
    if not found.reasons and not found.problems:
        yield Case(f"ready for {found.scene.target}", package)


def _story(found: Rehearsal) -> Iterable[str]:
    yield from (f"{seen.run.name}: {safe(run_words(seen))}" for seen in runs_of(found))
    yield from map(safe, found.caveats)
    yield from (f"next, {what}: {safe(command)}" for what, command in found.next_steps)


def _failing(item: Failing, package: str) -> Case:
    name = safe(words.object_name(item.object))
    if item.is_repaired:
        return Case(name, package)
    said = safe(words.said(item.told or item.answer))
    return Case(name, package, "failure", said, after_words(item), f"{safe(item.object.api_version)}\n{said}")
