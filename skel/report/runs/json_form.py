"""Runs, comparisons and rehearsals for programs, under a schema version."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from skel.findings.model import FoundObject
from skel.findings.order import in_order
from skel.findings.redact import redacted
from skel.findings.secret_text import redact_text
from skel.patch.values import Json
from skel.replay.account import Account
from skel.replay.compare import Comparison
from skel.replay.failing import Failing
from skel.replay.observed import Observed
from skel.replay.outcomes import Answer, Group
from skel.replay.rehearsal import Rehearsal
from skel.replay.tolerances import Compared
from skel.replay.upgrade_lines import read_upgrade
from skel.report.findings import json_form
from skel.report.findings.view import View
from skel.report.runs.rehearsal_text import runs_of
from skel.report.runs.upgrade_json import upgrade_json

SCHEMA_VERSION = 1


def json_report(found: Account | Comparison | Rehearsal, view: View) -> Iterator[str]:
    """One document, indented by two."""
    yield msgspec.json.format(msgspec.json.encode(document(found, view)), indent=2).decode()
    yield "\n"


def document(found: Account | Comparison | Rehearsal, view: View) -> dict[str, Json]:
    match found:
        case Account():
            body = _account(found)
        case Comparison():
            body = {"tool": "compare", **comparison(found)}
        case Rehearsal():
            body = _rehearsal(found, view)
    return {"schemaVersion": SCHEMA_VERSION, "version": view.version, **body}


def _account(found: Account) -> dict[str, Json]:
    return {
        "tool": "replay",
        "run": run(found.observed),
        "refused": [group(one) for one in found.refused],
        "notNamed": found.dropped,
        "upgrade": upgrade_json(read_upgrade(found.observed.run.folder)),
    }


def comparison(found: Comparison) -> dict[str, Json]:
    return {
        "verdict": found.verdict.value,
        "before": [run(seen) for seen in found.before],
        "after": [run(seen) for seen in found.after],
        "requests": {
            "same": found.same_requests,
            "turned": found.turned_requests,
            "rejectedInBoth": found.rejected_in_both,
            "tolerated": found.tolerated,
        },
        "turned": [group(one) for one in found.turned],
        "measures": [measure(one) for one in found.measures],
        "notes": list(found.notes),
        "problems": list(found.problems),
    }


def _rehearsal(found: Rehearsal, view: View) -> dict[str, Json]:
    scene = found.scene
    summary = found.migration.changes.summary
    return {
        "tool": "rehearse",
        "verdict": found.readiness.value,
        "reasons": list(found.reasons),
        "caveats": list(found.caveats),
        "problems": list(found.problems),
        "next": [{"what": what, "command": command} for what, command in found.next_steps],
        "inputs": list(scene.inputs),
        "source": scene.source,
        "target": scene.target,
        "on": scene.on,
        "unsafe": scene.unsafe,
        "check": json_form.document(redacted(in_order(found.findings)), view),
        "migration": {
            "objects": summary.objects,
            "changed": summary.changed,
            "deleted": summary.deleted,
            "rules": [
                {"rule": one.id, "title": one.title, "changed": one.changed} for one in summary.rules if one.changed
            ],
            "left": json_form.document(redacted(in_order(found.migration.left)), view)["findings"],
        },
        "runs": [run(seen) for seen in runs_of(found)],
        "failing": [failing(item) for item in found.failing],
        "asRecorded": comparison(found.as_recorded),
        "comparison": comparison(found.comparison),
    }


def run(seen: Observed) -> dict[str, Json]:
    header = seen.run.header
    return {
        "name": seen.run.name,
        "target": header.target or "",
        "kubernetes": header.kubernetes or "",
        "trace": header.trace.name or "",
        "speed": header.speed,
        "ended": header.ended or "",
        "length": seen.length,
        "figures": {one.name: value for one, value in seen.figures().items() if one.group != "warnings"},
        "warnings": [
            {"text": redact_text(text), "times": warned.times, "first": thing(warned.first)}
            for text, warned in sorted(seen.requests.warnings.items())
        ],
    }


def group(found: Group) -> dict[str, Json]:
    return {
        "turn": found.turn.value,
        "apiVersion": found.api_version,
        "kind": found.kind,
        "before": found.before,
        "answer": answer(found.answer),
        "requests": found.requests,
        "objects": [{**thing(one), "first": seen.time, "times": seen.times} for one, seen in found.objects.items()],
        "more": found.more,
    }


def failing(item: Failing) -> dict[str, Json]:
    return {
        "object": thing(item.object),
        "first": item.time,
        "times": item.times,
        "answer": answer(item.answer),
        "code": item.finding.code if item.finding else None,
        "rule": item.finding.rule if item.finding else None,
        "after": item.after,
        "told": answer(item.told) if item.told else None,
    }


def answer(said: Answer) -> dict[str, Json]:
    return {
        "verdict": said.verdict,
        "status": said.status,
        "reason": said.reason,
        "message": redact_text(said.message),
        "rule": said.rule or None,
    }


def measure(found: Compared) -> dict[str, Json]:
    judged = found.measure.is_judged and found.tolerance.is_judged
    return {
        "name": redact_text(found.measure.name),
        "unit": found.measure.unit.value,
        "before": list(found.before),
        "after": list(found.after),
        "tolerance": {"share": found.tolerance.share, "amount": found.tolerance.amount} if judged else None,
        "judgement": found.judgement.value,
    }


def thing(found: FoundObject) -> dict[str, Json]:
    return {
        "apiVersion": found.api_version,
        "kind": found.kind,
        "namespace": found.namespace,
        "name": found.name,
    }
