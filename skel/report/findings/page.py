"""The report as one HTML file that needs nothing else: to attach to a change request, to print, to keep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from skel.findings.exit import counts
from skel.findings.model import Finding, Findings, Fix, Suppressed
from skel.findings.redact import Redacted
from skel.findings.severity import Severity
from skel.report.findings import parts, words
from skel.report.findings.footer import footer, problem
from skel.report.findings.grouping import Group, Hop, by_hop
from skel.report.findings.view import View
from skel.report.html import offline_page
from skel.report.terminal import printable

_LABELS = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.INFO: "remarks"}


def html_report(findings: Redacted, view: View) -> Iterator[str]:
    """The page."""
    content = _content(findings, view)
    yield offline_page("findings.html.jinja", content, styles=("findings.css",), scripts=("findings.js",))


def _content(findings: Redacted, view: View) -> dict[str, Any]:
    hops = by_hop(findings)
    return {
        "title": _clean(words.title(findings)),
        "tally": words.tally(findings),
        "tool": findings.tool,
        "version": view.version,
        "made": view.made.strftime("%Y-%m-%d"),
        "verdict": _verdict(findings, view),
        "tiles": _tiles(findings),
        "levels": [
            {"name": level.value, "label": _LABELS[level], "count": findings.count(level)}
            for level in Severity
            if findings.count(level)
        ],
        "total": len(findings),
        "partial": findings.is_partial,
        "heads": parts.HEADS[:-1],
        "parts": [
            {"worst": row.worst.partition(" ")[0], "cells": [*map(_clean, row.cells)]} for row in parts.rows(findings)
        ],
        "headed": len(hops) > 1 or any(hop.name for hop in hops),
        "hops": [_hop(hop) for hop in hops],
        "problems": [_clean(problem(found)) for found in findings.problems],
        "suppressed": [_suppressed(entry) for entry in findings.suppressed],
        "facts": [
            {"label": fact.label, "lines": [*map(_clean, fact.lines)], "urgent": fact.urgent}
            for fact in footer(findings)
        ],
    }


def _verdict(findings: Findings, view: View) -> dict[str, str]:
    """What a reader in a hurry takes away; it agrees with the exit code."""
    stop = sum(counts(finding, view.fail_on) for finding in findings)
    if findings.is_partial:
        return {"level": "error", "text": f"Not everything could be checked. So far: {words.tally(findings)}."}
    if findings.count(Severity.ERROR):
        return {"level": "error", "text": f"Not ready: {words.tally(findings)}."}
    if stop:
        return {"level": "warning", "text": f"Needs a look: {words.tally(findings)}."}
    missed = sum(entry.count for entry in findings.not_checked)
    rest = f" But {words.plural(missed, 'object')} could not be checked: no rule knows them." if missed else ""
    return {"level": "good", "text": ("Nothing stands in the way." if len(findings) else "Nothing found.") + rest}


def _tiles(findings: Findings) -> list[dict[str, Any]]:
    tiles = [{"level": level.value, "label": _LABELS[level], "count": findings.count(level)} for level in Severity]
    fixable = sum(finding.fix is not None and finding.fix.safety == "safe" for finding in findings)
    others = (
        ("with a safe fix", fixable),
        ("suppressed", len(findings.suppressed)),
        ("objects not checked", sum(entry.count for entry in findings.not_checked)),
    )
    return [*tiles, *({"level": "plain", "label": label, "count": count} for label, count in others)]


def _hop(hop: Hop) -> dict[str, Any]:
    return {
        "name": _clean(hop.name),
        "short": _clean(hop.name) or "none",
        "title": _clean(words.hop_title(hop.name)),
        "tally": words.tally(hop),
        "groups": [group_content(group) for group in hop.groups],
    }


def group_content(group: Group) -> dict[str, Any]:
    """What the template `rule.html.jinja` shows: a rule with the objects that it found."""
    first = group.first
    return {
        "severity": first.severity.value,
        "code": _clean(first.code),
        "title": _clean(group.headline),
        "rule": _clean(first.rule),
        "category": _clean(first.category),
        "url": first.url if first.url.startswith(("https://", "http://")) else "",
        "paragraphs": [*map(_clean, group.paragraphs)],
        "fix": _fix(group.fix),
        "rows": [_row(finding, group) for finding in group.findings],
    }


def _row(finding: Finding, group: Group) -> dict[str, Any]:
    thing, place = finding.object, finding.location
    name = "/".join(word for word in (thing.namespace, thing.name) if word) if thing else ""
    row = {
        "kind": _clean(thing.kind if thing else ""),
        "name": _clean(name),
        "place": _clean(words.place(place)),
        "pointer": _clean(place.pointer),
        "times": words.times(finding),
        "stale": finding.is_stale,
        "message": "" if group.message else _clean(finding.message),
        "fix": None if group.fix else _fix(finding.fix),
        "evidence": [
            {"text": _clean(words.evidence(entry)), "stale": entry.stale, "remedy": _clean(entry.clear)}
            for entry in finding.evidence
        ],
    }
    said = (finding.code, finding.rule, finding.title, finding.message, row["kind"], name, row["place"], place.pointer)
    return {**row, "text": _clean(" ".join(map(str, said))).lower()}


def _fix(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    lines = [*map(_clean, words.operations(fix))]
    lines += [_clean(f"{edit.file}: write {words.value_text(edit.replacement)}") for edit in fix.edits]
    return {"safety": fix.safety.value, "title": _clean(fix.title), "lines": lines}


def _suppressed(entry: Suppressed) -> dict[str, str]:
    finding = entry.finding
    return {
        "code": _clean(finding.code),
        "title": _clean(finding.title or finding.message),
        "object": _clean(str(finding.object or words.place(finding.location))),
        "reason": _clean(entry.reason),
        "by": _clean(entry.by),
    }


def _clean(text: str) -> str:
    """Control characters are no part of HTML, and those that turn the direction of writing would hide what is there."""
    return printable(" ".join(text.split()))
