"""Findings for programs, under a schema version (docs/findings.schema.json)."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

import msgspec

from skel.findings.fingerprint import fingerprints
from skel.findings.model import Evidence, Finding, Fix, FoundObject, Location, NotChecked, Problem, TextEdit
from skel.findings.redact import Redacted
from skel.findings.severity import Safety, Severity
from skel.patch.operations import export
from skel.patch.values import Json
from skel.report.findings.parts import as_json
from skel.report.findings.view import View
from skel.report.moment import moment

SCHEMA_VERSION = 1


def json_report(findings: Redacted, view: View) -> Iterator[str]:
    """One document, indented by two."""
    yield msgspec.json.format(msgspec.json.encode(document(findings, view)), indent=2).decode()
    yield "\n"


def document(findings: Redacted, view: View) -> dict[str, Json]:
    """All that a run has to say. Keys are always there; what there is not is null, or an empty text, list or map."""
    marks = fingerprints([*findings.findings, *(entry.finding for entry in findings.suppressed)])
    scanned = findings.scanned
    return {
        "schemaVersion": SCHEMA_VERSION,
        "tool": findings.tool,
        "version": view.version,
        "source": findings.source,
        "target": findings.target,
        "data": findings.data,
        "partial": findings.is_partial,
        "summary": summary(findings),
        "findings": [_finding(finding, mark) for finding, mark in zip(findings, marks, strict=False)],
        "scanned": {
            "inputs": list(scanned.inputs),
            "files": scanned.files,
            "objects": scanned.objects,
            "events": scanned.events,
            "rules": scanned.rules,
        },
        "notChecked": [_not_checked(entry) for entry in findings.not_checked],
        "problems": [_problem(problem) for problem in findings.problems],
        "suppressed": [
            {**_finding(entry.finding, mark), "reason": entry.reason, "by": entry.by}
            for entry, mark in zip(findings.suppressed, marks[len(findings) :], strict=True)
        ],
        "unused": list(findings.unused),
        **({"traces": as_json(findings)} if findings.parts else {}),
    }


def summary(findings: Redacted) -> dict[str, Json]:
    fixes = [finding.fix.safety for finding in findings if finding.fix is not None]
    return {
        "total": len(findings),
        "errors": findings.count(Severity.ERROR),
        "warnings": findings.count(Severity.WARNING),
        "infos": findings.count(Severity.INFO),
        "stale": sum(finding.is_stale for finding in findings),
        "safeFixes": fixes.count(Safety.SAFE),
        "unsafeFixes": fixes.count(Safety.UNSAFE),
        "suppressed": len(findings.suppressed),
        "notChecked": sum(entry.count for entry in findings.not_checked),
        "problems": len(findings.problems),
    }


def _finding(finding: Finding, mark: str) -> dict[str, Json]:
    return {
        "code": finding.code,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "title": finding.title,
        "message": finding.message,
        "hop": finding.hop,
        "category": finding.category,
        "object": _object(finding.object),
        "location": _location(finding.location),
        "evidence": [_evidence(entry) for entry in finding.evidence],
        "stale": finding.is_stale,
        "times": finding.times,
        "fix": _fix(finding.fix),
        "help": finding.help,
        "url": finding.url,
        "fingerprint": mark,
    }


def _object(thing: FoundObject | None) -> Json:
    if thing is None:
        return None
    return {
        "apiVersion": thing.api_version,
        "kind": thing.kind,
        "namespace": thing.namespace,
        "name": thing.name,
    }


def _location(place: Location) -> dict[str, Json]:
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
        "event": place.event,
        "pointer": place.pointer,
    }


def _evidence(entry: Evidence) -> dict[str, Json]:
    return {
        "kind": entry.kind,
        "detail": entry.detail,
        "time": None if entry.time is None else moment(int(entry.time)),
        "manager": entry.manager,
        "stale": entry.stale,
        "clear": entry.clear,
    }


def _fix(fix: Fix | None) -> Json:
    if fix is None:
        return None
    return {
        "title": fix.title,
        "safety": fix.safety.value,
        "operations": [_plain(operation) for operation in export(fix.operations)],
        "edits": [_edit(edit) for edit in fix.edits],
    }


def _plain(value: Json) -> Json:
    """A value of an object in what JSON can say: YAML and MessagePack have dates, bytes and infinity as well, and texts
    with half a surrogate pair.
    """
    match value:
        case dict():
            return {_plain(str(key)): _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case float() if not isfinite(value):
            return str(value)
        case str():
            return value.encode("utf-8", "replace").decode()
        case bool() | int() | float() | None:
            return value
        case _:
            return str(value)


def _edit(edit: TextEdit) -> dict[str, Json]:
    return {"file": edit.file, "start": edit.start, "end": edit.end, "replacement": edit.replacement}


def _not_checked(entry: NotChecked) -> dict[str, Json]:
    return {"what": entry.what, "count": entry.count, "reason": entry.reason}


def _problem(problem: Problem) -> dict[str, Json]:
    return {"message": problem.message, "isError": problem.is_error, "location": _location(problem.location)}
