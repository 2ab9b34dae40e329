"""SARIF 2.1.0, as code scanning services take it.

The form is https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/; what GitHub asks for beyond it is
https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from types import MappingProxyType

from skel.findings.fingerprint import fingerprints
from skel.findings.model import Finding, Fix, Location, Problem, TextEdit
from skel.findings.redact import REDACTED, Redacted
from skel.findings.severity import Severity
from skel.patch.values import Json
from skel.report.findings import words
from skel.report.findings.addresses import uri
from skel.report.findings.footer import not_checked, problem
from skel.report.findings.view import View

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
LEVELS = MappingProxyType({Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"})


def sarif_report(findings: Redacted, view: View) -> Iterator[str]:
    """One log with one run. What is suppressed is there as well, marked, with the reason."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(findings, view)]}
    yield json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _run(findings: Redacted, view: View) -> dict[str, Json]:
    hidden = [entry.finding for entry in findings.suppressed]
    shown = [*findings.findings, *hidden]
    rules = _rules(shown)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    results = [
        _result(finding, mark, index[finding.code], view)
        for finding, mark in zip(shown, fingerprints(shown), strict=True)
    ]
    for result, entry in zip(results[len(findings) :], findings.suppressed, strict=True):
        justification = f"{entry.reason} ({entry.by})"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": justification}]
    return {
        "tool": {"driver": {"name": "skel", **_version(view), "rules": rules}},
        "automationDetails": {"id": f"skel/{findings.tool}/"},
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(findings, view)],
        "results": results,
        "properties": {"source": findings.source, "target": findings.target, "data": findings.data},
    }


def _version(view: View) -> dict[str, Json]:
    return {"semanticVersion": view.version} if view.version else {}


def _rules(findings: list[Finding]) -> list[dict[str, Json]]:
    """One for each code, by code. Among findings of one code the first speaks for it."""
    ordered = sorted(findings, key=lambda finding: finding.code)
    return [_rule(next(found)) for _, found in groupby(ordered, key=lambda finding: finding.code)]


def _rule(finding: Finding) -> dict[str, Json]:
    title = finding.title or finding.rule or finding.code
    rule: dict[str, Json] = {
        "id": finding.code,
        "name": finding.rule or finding.code,
        "shortDescription": {"text": title},
        "fullDescription": {"text": finding.help or title},
        "help": {"text": "\n".join(text for text in (finding.help or title, finding.url) if text)},
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
        "properties": {"tags": [tag for tag in ("kubernetes", finding.category) if tag]},
    }
    if finding.url.startswith(("https://", "http://")):
        rule["helpUri"] = finding.url
    return rule


def _result(finding: Finding, mark: str, index: int, view: View) -> dict[str, Json]:
    named = f"{finding.object}: " if finding.object else ""
    result: dict[str, Json] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": f"{named}{finding.message or finding.title or finding.code}"},
        "locations": [_location(finding, view)],
        "partialFingerprints": {"skelFinding/v1": mark},
        "occurrenceCount": max(1, finding.times),
        "properties": _properties(finding),
    }
    if finding.fix and (fix := _fix(finding.fix, view)):
        result["fixes"] = [fix]
    return result


def _properties(finding: Finding) -> dict[str, Json]:
    place = finding.location
    found: dict[str, Json] = {
        "hop": finding.hop,
        "category": finding.category,
        "pointer": place.pointer,
        "event": place.event,
        "stale": finding.is_stale,
        "evidence": [words.evidence(entry) for entry in finding.evidence],
        "fix": words.fix(finding.fix) if finding.fix else None,
    }
    return {key: value for key, value in found.items() if value not in (None, "", [], False)}


def _location(finding: Finding, view: View) -> dict[str, Json]:
    location: dict[str, Json] = {}
    if finding.location.file:
        location["physicalLocation"] = _physical(finding.location, view)
    if finding.object:
        name = f"{finding.object.api_version}/{finding.object}{finding.location.pointer}"
        location["logicalLocations"] = [{"fullyQualifiedName": name, "name": finding.object.name, "kind": "object"}]
    return location


def _physical(place: Location, view: View) -> dict[str, Json]:
    found: dict[str, Json] = {"artifactLocation": _artifact(place.file, view)}
    if place.line:
        region = {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        }
        found["region"] = {key: value for key, value in region.items() if value}
    return found


def _artifact(file: str, view: View) -> dict[str, Json]:
    address, inside = uri(file, view.root)
    return {"uri": address, "uriBaseId": ROOT} if inside else {"uri": address}


def _fix(fix: Fix, view: View) -> dict[str, Json] | None:
    """Edits of files. None if there are none, or if one has lost a secret and would write `<redacted>` into a file."""
    if not fix.edits or any(REDACTED in edit.replacement for edit in fix.edits):
        return None
    ordered = sorted(fix.edits, key=lambda edit: (edit.file, edit.start))
    changes: list[Json] = [
        {"artifactLocation": _artifact(file, view), "replacements": [_replacement(edit) for edit in edits]}
        for file, edits in groupby(ordered, key=lambda edit: edit.file)
    ]
    return {"description": {"text": words.fix(fix)}, "artifactChanges": changes}


def _replacement(edit: TextEdit) -> dict[str, Json]:
    return {
        "deletedRegion": {"charOffset": edit.start, "charLength": edit.end - edit.start},
        "insertedContent": {"text": edit.replacement},
    }


def _invocation(findings: Redacted, view: View) -> dict[str, Json]:
    notes = [f"not checked: {line}" for line in not_checked(findings)] + [f"unused: {line}" for line in findings.unused]
    told: list[Json] = [_notification(found, view) for found in findings.problems]
    told += [{"level": "note", "message": {"text": note}} for note in notes]
    return {"executionSuccessful": not findings.is_partial, "toolExecutionNotifications": told}


def _notification(found: Problem, view: View) -> dict[str, Json]:
    level = "error" if found.is_error else "warning"
    notification: dict[str, Json] = {"level": level, "message": {"text": problem(found)}}
    if found.location.file:
        notification["locations"] = [{"physicalLocation": _physical(found.location, view)}]
    return notification
