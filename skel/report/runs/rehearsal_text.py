"""A rehearsal told in a terminal: four steps and a verdict."""

from __future__ import annotations

from collections.abc import Iterator

from skel.findings.model import Finding
from skel.findings.order import in_order
from skel.findings.redact import redacted
from skel.findings.severity import Safety, Severity
from skel.replay.failing import Failing
from skel.replay.observed import Observed
from skel.replay.outcomes import ABSENT
from skel.replay.rehearsal import Readiness, Rehearsal, plural
from skel.replay.run_lines import ACCEPTED
from skel.report.findings import words as finding_words
from skel.report.findings.grouping import Group, by_hop
from skel.report.findings.view import View
from skel.report.migration import migration_lines
from skel.report.runs import words
from skel.report.runs.comparison_text import difference_lines
from skel.report.runs.tables import labelled, prose, safe

_SEVERITIES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_COLOURS = {Readiness.READY: "green", Readiness.NOT_READY: "red", Readiness.UNDECIDED: "yellow"}
MOST_FAILING = 20


def rehearsal_text(found: Rehearsal, view: View) -> Iterator[str]:
    scene = found.scene
    yield f"{view.paint(f'Kubernetes {scene.source} to {scene.target}', 'bold')}  {safe(', '.join(scene.inputs))}\n\n"
    for number, (title, lines) in enumerate(_steps(found, view), start=1):
        yield f"{view.paint(f'{number}. {title}', 'bold')}\n"
        for line in lines:
            yield f"   {line}" if line.strip() else "\n"
        yield "\n"
    yield from _verdict(found, view)


def _steps(found: Rehearsal, view: View) -> Iterator[tuple[str, Iterator[str]]]:
    source, target = found.scene.source, found.scene.target
    yield f"What does {target} not serve, or treat differently?", _check(found, view)
    yield "What is repaired, and what is left?", _migration(found, view)
    yield f"Does the history run on {target}?", _replay(found, view)
    yield f"What is different from {source}, once migrated?", _differences(found, view)


def _check(found: Rehearsal, view: View) -> Iterator[str]:
    """A line a rule: the page and `skel check` have the rest."""
    findings = redacted(in_order(found.findings))
    for hop in by_hop(findings):
        for group in hop.groups:
            yield _rule_line(group, view)
    yield f"{finding_words.tally(findings)}{_fixes(found.findings.findings)}\n"


def _rule_line(group: Group, view: View) -> str:
    first = group.first
    head = view.paint(f"{first.severity}[{safe(first.code)}]", _SEVERITIES[first.severity], "bold")
    objects = plural(len(group.findings), "object")
    return f"{head} {safe(group.headline)}  {view.paint(objects, 'dim')}\n"


def _fixes(findings: tuple[Finding, ...]) -> str:
    fixable = finding_words.fixable(findings)
    return f"; {fixable}" if fixable else ""


def _migration(found: Rehearsal, view: View) -> Iterator[str]:
    yield from (f"{line}\n" for line in migration_lines(found.migration.changes.summary, view.paint))
    for finding in redacted(in_order(found.migration.left)):
        if finding.severity is Severity.ERROR:
            word = "unsafe" if finding.fix is not None and finding.fix.safety is Safety.UNSAFE else "by hand"
            label = view.paint(word, "yellow")
            yield f"{label}  {view.paint(safe(str(finding.object)), 'bold')}  {safe(finding.code)}\n"
            yield from prose(finding.message, 2, view)
    if not found.by_hand:
        yield "nothing is left to do by hand\n"


def _replay(found: Rehearsal, view: View) -> Iterator[str]:
    yield from labelled(((seen.run.name, run_words(seen)) for seen in runs_of(found)), view)
    if found.failing:
        yield "\n"
    for item in found.failing[:MOST_FAILING]:
        yield from _failing(item, found, view)
    if (rest := len(found.failing) - MOST_FAILING) > 0:
        yield f"and {rest:,} more objects (the page and JSON have all)\n"


def runs_of(found: Rehearsal) -> tuple[Observed, ...]:
    """The runs in their order, each once."""
    runs = (*found.as_recorded.runs, *found.comparison.after)
    return tuple({seen.run.folder: seen for seen in runs}.values())


def run_words(seen: Observed) -> str:
    end = "" if seen.run.header.is_complete else ", broke off"
    pods = f", {plural(seen.pods.seen, 'pod')}" if seen.pods else ""
    return f"{words.tally(seen.requests.verdicts)}{pods}{end}"


def _failing(item: Failing, found: Rehearsal, view: View) -> Iterator[str]:
    name = view.paint(safe(words.object_name(item.object)), "bold")
    yield f"{name} as {safe(item.object.api_version)}  {view.paint(words.when(item.time, item.times), 'dim')}\n"
    yield from prose(f"{found.scene.target} says: {words.said(item.answer)}", 2, view)
    rule = f"{item.finding.code} {item.finding.rule}" if item.finding else "no rule knows why"
    outcome = after_words(item)
    yield f"  {view.paint(outcome, 'green' if item.is_repaired else 'red')}: {safe(rule)}\n"
    if item.told is not None and not item.is_repaired:
        yield from prose(words.said(item.told), 4, view)


def after_words(item: Failing) -> str:
    """What the migration makes of an object that fails."""
    if item.after == ACCEPTED:
        return "accepted once migrated"
    return "not needed once migrated" if item.after == ABSENT else f"{item.after} also once migrated"


def _differences(found: Rehearsal, view: View) -> Iterator[str]:
    lines = list(difference_lines(found.comparison, view))
    yield from lines[:-1] if lines else ()
    yield from prose(words.change_verdict(found), 0, view)


def _verdict(found: Rehearsal, view: View) -> Iterator[str]:
    yield f"{view.paint(words.rehearsal_verdict(found), _COLOURS[found.readiness], 'bold')}\n"
    yield from labelled(
        [
            *(("why", reason) for reason in found.reasons),
            *(("mind", problem) for problem in found.problems),
            *(("but", caveat) for caveat in found.caveats),
        ],
        view,
    )
    for what, command in found.next_steps:
        yield f"{view.paint(f'next, {what}:', 'dim')}\n  {safe(command)}\n"
