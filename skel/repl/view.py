"""What the prompt shows: hits, trials, kinds; lines item by item, so that a screen is not flooded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from skel.engine.change import ObjectChange
from skel.engine.summary import Summary
from skel.engine.tally import Seen
from skel.repl.session import Found, Trial, found_at
from skel.report.diff import body_lines, diff_lines, heading, manifest_lines
from skel.report.moment import moment
from skel.report.terminal import Paint, printable
from skel.trace.model import Trace

_LONGEST = 40
_FINDINGS = 5


def counted(count: int, word: str) -> str:
    """`1 object`, `2,000 objects`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _matching(count: int) -> str:
    return f"{counted(count, 'object')} match{'es' if count == 1 else ''}"


def found_heading(hits: list[Seen]) -> str:
    events = len({seen.event for seen in hits})
    if not hits:
        return "no object matches"
    return f"{_matching(len(hits))}, in {counted(events, 'event')}"


def found_items(trace: Trace, hits: list[Seen], paint: Paint) -> Iterator[list[str]]:
    """A line an object, numbered for `:show`."""
    for number, seen in enumerate(hits, 1):
        yield [f"{number:>4}  {found_line(found_at(trace, seen), paint)}"]


def found_line(found: Found, paint: Paint) -> str:
    thing = found.object
    verb = "deleted" if thing.deleted else "applied"
    when = paint(f"{verb} in event {thing.event} at {moment(thing.timestamp)}", "dim")
    return f"{paint(printable(str(thing)), 'bold')}  {when}"


def nth_found(trace: Trace, hits: list[Seen], number: int, paint: Paint) -> list[str] | None:
    """The whole object that `:show` names, from 1; None if there are not so many."""
    if number > len(hits):
        return None
    found = found_at(trace, hits[number - 1])
    return [found_line(found, paint), *(f"  {line}" for line in manifest_lines(found.manifest))]


def trial_heading(trial: Trial, paint: Paint) -> list[str]:
    """How many objects match and would change, what is skipped, what is found."""
    summary = trial.changes.summary
    matched = sum(rule.matched for rule in summary.rules)
    parts = [_matching(matched), *_effects(summary)]
    lines = [paint(", ".join(parts), "bold")]
    for rule in summary.rules:
        for reason, count in sorted(rule.skips.items()):
            lines.append(f"{paint('skipped', 'yellow')}: {reason} ({counted(count, 'object')})")
    for finding in summary.findings[:_FINDINGS]:
        place = f"{printable(finding.object)} in event {finding.event}"
        lines.append(f"{paint(finding.severity, 'yellow')}: {printable(finding.message)} ({place})")
    if len(summary.findings) > _FINDINGS:
        lines.append(f"... and {counted(len(summary.findings) - _FINDINGS, 'finding')} more")
    return lines


def _effects(summary: Summary) -> Iterator[str]:
    effects = ((summary.changed, "changed"), (summary.deleted, "deleted"), (summary.came, "added"))
    seen = [f"{count:,} would be {word}" for count, word in (*effects, (summary.went, "dropped")) if count]
    yield from seen or (["times would move"] if summary.retimed else ["nothing would change"])


def items_of(summary: Summary) -> int:
    """How many items `trial_items` has."""
    return summary.changed + summary.deleted + summary.came + summary.went


def trial_items(trial: Trial, paint: Paint) -> Iterator[list[str]]:
    """The diff of each changed object, numbered for `:show`; a long one is cut."""
    for number, change in enumerate(trial.changes.objects(), 1):
        lines = [f"{number:>4}  {line}" if not at else line for at, line in enumerate(_diff(trial, change, paint))]
        rest = len(lines) - _LONGEST
        yield [*lines[:_LONGEST], f"  ... {rest} more lines: `:show {number}`"] if rest > 1 else lines


def nth_change(trial: Trial, number: int, paint: Paint) -> list[str] | None:
    """The whole diff that `:show` names, from 1; None if there are not so many."""
    change = next(islice(trial.changes.objects(), number - 1, None), None)
    return None if change is None else _diff(trial, change, paint)


def _diff(trial: Trial, change: ObjectChange, paint: Paint) -> list[str]:
    """Of a program with one rule, nobody asks which rule it was."""
    if len(trial.program.rules) > 1:
        return list(diff_lines(change, paint))
    return [heading(change, paint), *body_lines(change, paint)]


def kinds(counts: Counter[str]) -> list[str]:
    """A line a kind, the most frequent first."""
    width = max((len(f"{count:,}") for count in counts.values()), default=0)
    return [f"{count:>{width},}  {printable(kind)}" for kind, count in sorted(counts.items(), key=_most_first)]


def _most_first(entry: tuple[str, int]) -> tuple[int, str]:
    return -entry[1], entry[0]
