"""The report for a pull request or a wiki (GitHub flavoured)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skel.findings.model import Finding
from skel.findings.redact import Redacted
from skel.findings.severity import Severity
from skel.report.findings import parts, words
from skel.report.findings.footer import footer
from skel.report.findings.grouping import Group, Hop, by_hop
from skel.report.findings.view import View
from skel.report.terminal import printable

FOLDED = 10
"""Rows of a table from which on it is folded."""

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&#$!^])")
# What would make a line a list, a heading or a rule.
_LEADING = re.compile(r"^([-+=]|\d+(?=[.)](?:\s|$)))")
_MENTION = re.compile(r"@(?=\w)")
_TICKS = re.compile(r"`+")


def markdown_report(findings: Redacted, view: View) -> Iterator[str]:
    """A heading, a table of releases, a section a release with a part a rule, and what was checked."""
    yield f"# {text(words.title(findings))}\n\n"
    yield from _parts(findings)
    hops = by_hop(findings)
    if any(hop.name for hop in hops):
        yield from _overview(hops)
    for hop in hops:
        yield f"## {text(words.hop_title(hop.name))}\n\n"
        for group in hop.groups:
            yield from _group(group)
    yield "## What was checked\n\n"
    for fact in footer(findings):
        yield f"- **{fact.label}**: {text(fact.lines[0])}\n" if len(fact.lines) == 1 else f"- **{fact.label}**:\n"
        if len(fact.lines) > 1:
            yield from (f"  - {text(line)}\n" for line in fact.lines)
    yield f"\n{_made(view)}\n"


def _made(view: View) -> str:
    return f"<sub>skel {text(view.version)}, {view.made.date().isoformat()}</sub>".replace("skel ,", "skel,")


def _parts(findings: Redacted) -> Iterator[str]:
    table = parts.rows(findings)
    if table:
        yield f"| {' | '.join((*parts.HEADS[:-1], ''))} |\n|---|---:|---:|---:|---:|---:|---:|---|\n"
        for row in table:
            name, *others = row.cells
            yield f"| {code(name)} | {' | '.join(map(text, others))} |\n"
        yield "\n"


def _overview(hops: tuple[Hop, ...]) -> Iterator[str]:
    yield "| release | errors | warnings | remarks |\n|---|---:|---:|---:|\n"
    for hop in hops:
        counted = [sum(finding.severity is severity for finding in hop) for severity in Severity]
        yield f"| {text(words.hop_title(hop.name))} | {' | '.join(map(str, counted))} |\n"
    yield "\n"


def _group(group: Group) -> Iterator[str]:
    first = group.first
    yield f"### {first.severity} {text(first.code)}: {text(group.headline)}\n\n"
    yield from (f"{text(paragraph)}\n\n" for paragraph in group.paragraphs)
    if group.fix:
        yield f"Fix: {text(words.fix(group.fix))}\n\n"
    if first.url.startswith(("https://", "http://")):
        yield f"<{first.url.translate(_URL)}>\n\n"
    rows = [_row(finding, group) for finding in group.findings]
    folded = len(rows) > FOLDED
    if folded:
        yield f"<details><summary>{words.plural(len(rows), 'object')}</summary>\n\n"
    yield "| object | where | evidence | what |\n|---|---|---|---|\n"
    yield from rows
    yield "\n</details>\n\n" if folded else "\n"


# Inside <> an address ends at a blank or an angle.
_URL = str.maketrans({"<": "%3C", ">": "%3E", " ": "%20", "\n": "%0A"})


def _row(finding: Finding, group: Group) -> str:
    place = finding.location
    evidence = [f"{'stale: ' if entry.stale else ''}{words.evidence(entry)}" for entry in finding.evidence]
    clear = [f"to clear it: {entry.clear}" for entry in finding.evidence if entry.clear]
    said = [finding.message] if not group.message else []
    if finding.fix and not group.fix:
        said.append(words.fix(finding.fix))
    cells = (
        code(str(finding.object)) if finding.object else "",
        " ".join(code(word) for word in (words.place(place), place.pointer) if word)
        + (f" ({words.times(finding)})" if finding.times > 1 else ""),
        "<br>".join(map(text, evidence + clear)),
        "<br>".join(map(text, said)),
    )
    return f"| {' | '.join(cells)} |\n"


def text(raw: str) -> str:
    """A text that says what it says: no markup but code between backticks, no link to a person, one line."""
    parts = words.CODE.split(printable(" ".join(raw.split())))
    shown = "".join(
        code(part) if number % 2 and "|" not in part else _plain(part, number) for number, part in enumerate(parts)
    )
    return _LEADING.sub(lambda match: f"\\{match[0]}" if not match[0].isdigit() else f"{match[0]}\\", shown)


def _plain(part: str, number: int) -> str:
    whole = f"`{part}`" if number % 2 else part
    return _MENTION.sub("@\u2060", _SPECIAL.sub(r"\\\1", whole))


def code(raw: str) -> str:
    """A name as code, inside a table: a longer fence than any in it, and no bar that ends the cell."""
    shown = printable(" ".join(raw.split())).replace("|", "\\|")
    fence = "`" * (1 + max(map(len, _TICKS.findall(shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"
