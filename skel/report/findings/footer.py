"""What every report for people ends with: what was looked at, what was not, and what else a reader must know."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from skel.findings.model import Findings, Problem
from skel.findings.redact import Redacted
from skel.report.findings.words import fixable, plural, tally


@dataclass(frozen=True, slots=True)
class Fact:
    """A heading with lines below it. `urgent`: a reader must not miss it."""

    label: str
    lines: tuple[str, ...]
    urgent: bool = False


def footer(findings: Redacted) -> tuple[Fact, ...]:
    """Facts without a line are left out, except what was scanned and found."""
    facts = (
        Fact("found", (_found(findings),)),
        Fact("scanned", (_scanned(findings),)),
        Fact("inputs", (_inputs(findings),)),
        Fact("upgrade", (_release(findings),)),
        Fact("data", (findings.data,)),
        Fact("not checked", tuple(not_checked(findings))),
        Fact("partial" if findings.is_partial else "problems", tuple(map(problem, findings.problems)), urgent=True),
        Fact("suppressed", (suppressed(findings),)),
        Fact("unused", findings.unused, urgent=True),
    )
    return tuple(fact for fact in facts if any(fact.lines))


def _found(findings: Findings) -> str:
    fixes = fixable(findings)
    return f"{tally(findings)}; {fixes}" if fixes else tally(findings)


def _scanned(findings: Findings) -> str:
    scanned = findings.scanned
    parts = (
        (scanned.objects, "object"),
        (scanned.events, "event"),
        (scanned.files, "file"),
        (scanned.rules, "rule"),
    )
    return ", ".join(plural(count, word) for count, word in parts if count) or "nothing"


def _inputs(findings: Findings) -> str:
    named = findings.scanned.inputs
    rest = f" and {len(named) - 5:,} more" if len(named) > 5 else ""
    return ", ".join("standard input" if name == "-" else name for name in named[:5]) + rest


def _release(findings: Findings) -> str:
    parts = (("from", findings.source), ("to", findings.target))
    return " ".join(f"{word} {release}" for word, release in parts if release)


def not_checked(findings: Findings) -> list[str]:
    """A line for each kind of object that no rule knows."""
    return [f"{entry.count:,} {entry.what}: {entry.reason}" for entry in findings.not_checked]


def problem(found: Problem) -> str:
    where = str(found.location)
    return f"{where}: {found.message}" if where else found.message


def suppressed(findings: Findings) -> str:
    """`3 (2 by skel.toml, 1 by baseline.json)`."""
    if not findings.suppressed:
        return ""
    by = Counter(entry.by for entry in findings.suppressed)
    return f"{len(findings.suppressed):,} ({', '.join(f'{count:,} by {name}' for name, count in sorted(by.items()))})"
