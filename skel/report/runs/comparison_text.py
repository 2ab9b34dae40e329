"""A comparison, and a run alone, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from skel.findings.secret_text import redact_text
from skel.replay.account import Account
from skel.replay.compare import Comparison, Verdict
from skel.replay.observed import Observed
from skel.replay.tolerances import Compared
from skel.replay.upgrade_lines import read_upgrade
from skel.report.findings.view import View
from skel.report.runs import words
from skel.report.runs.tables import figures, group_lines, labelled, safe
from skel.report.runs.upgrade_text import upgrade_text

_COLOURS = {Verdict.SAME: "green", Verdict.DIFFERENT: "red", Verdict.INCOMPLETE: "yellow"}


def comparison_text(found: Comparison, view: View) -> Iterator[str]:
    """Which runs, the requests that turned, the figures, and the verdict at the end, where one looks first."""
    yield from labelled([*_named("before", found.before), *_named("after", found.after)], view)
    yield "\n"
    yield from difference_lines(found, view)
    yield from labelled([*(("note", note) for note in found.notes), *(("mind", it) for it in found.problems)], view)
    yield f"{view.paint(words.comparison_verdict(found), _COLOURS[found.verdict], 'bold')}\n"


def _named(side: str, runs: tuple[Observed, ...]) -> Iterator[tuple[str, str]]:
    for seen in runs:
        yield side, f"{seen.run.name}: {words.run_line(seen)}"


def difference_lines(found: Comparison, view: View) -> Iterator[str]:
    """Requests that turned, then warnings and figures."""
    for group in found.turned:
        yield from group_lines(group, view)
        yield "\n"
    warned = [(word, f"{one.measure.title} ({_times(one)})") for word, one in words.warnings(found.measures)]
    if warned:
        yield from labelled(warned, view)
        yield "\n"
    shown = list(figures(found.measures, view))
    if shown:
        yield from shown
        yield "\n"


def _times(one: Compared) -> str:
    before, after = (words.band(values, one.measure.unit) for values in (one.before, one.after))
    return f"{before} x before, {after} x after"


def account_text(found: Account, view: View) -> Iterator[str]:
    """A run alone."""
    seen = found.observed
    yield from labelled([("run", f"{seen.run.name}: {words.run_line(seen)}")], view)
    yield "\n"
    for group in found.refused:
        yield from group_lines(group, view)
        yield "\n"
    if upgrade := read_upgrade(seen.run.folder):
        yield from upgrade_text(upgrade, view)
    warned = sorted(seen.requests.warnings.items())
    yield from labelled((("warned", f"{text} ({it.times:,} x, first {it.first})") for text, it in warned), view)
    rejected = seen.requests.verdicts["rejected"]
    style = "red" if rejected else "green" if not found.exit_code else "yellow"
    end = "" if seen.run.header.is_complete else f"; the run {safe(_end(seen))}"
    yield f"{view.paint(words.tally(seen.requests.verdicts) + end, style, 'bold')}\n"


def _end(seen: Observed) -> str:
    header = seen.run.header
    why = f": {redact_text(header.error)}" if header.error else ""
    return f"broke off ({header.ended or 'nobody knows why'}){why}"
