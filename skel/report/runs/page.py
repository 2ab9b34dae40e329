"""A run, a comparison or a rehearsal as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from skel.findings.model import Findings
from skel.findings.order import in_order
from skel.findings.redact import redacted
from skel.findings.severity import Severity
from skel.replay.account import Account
from skel.replay.compare import Comparison, Verdict
from skel.replay.failing import Failing
from skel.replay.rehearsal import Readiness, Rehearsal, plural
from skel.replay.upgrade_lines import read_upgrade
from skel.report.findings import words as finding_words
from skel.report.findings.grouping import by_hop
from skel.report.findings.page import group_content
from skel.report.findings.view import View
from skel.report.html import offline_page
from skel.report.runs import words
from skel.report.runs.parts import (
    Content,
    account_tables,
    difference_part,
    frame,
    group_part,
    replay_part,
    tile,
)
from skel.report.runs.rehearsal_text import after_words, runs_of
from skel.report.runs.tables import safe
from skel.report.runs.upgrade_part import banded, upgrade_part, upgrade_tiles

MOST_FAILING = 500
_VERDICTS = {Verdict.SAME: "good", Verdict.DIFFERENT: "error", Verdict.INCOMPLETE: "warning"}
_READINESS = {Readiness.READY: "good", Readiness.NOT_READY: "error", Readiness.UNDECIDED: "warning"}


def html_report(found: Account | Comparison | Rehearsal, view: View) -> Iterator[str]:
    """The page."""
    match found:
        case Account():
            content = _account(found, view)
        case Comparison():
            content = _comparison(found, view)
        case Rehearsal():
            content = _rehearsal(found, view)
    yield offline_page("runs.html.jinja", content, styles=("findings.css", "runs.css"))


def _account(found: Account, view: View) -> Content:
    seen = found.observed
    upgrade = read_upgrade(seen.run.folder)
    verdicts = seen.requests.verdicts
    level = {0: "good", 1: "error", 2: "warning"}[found.exit_code]
    title = f"Replay of {seen.run.header.trace.name or seen.run.name} on {seen.run.header.target or 'a cluster'}"
    warned = [
        {"word": "warning", "level": "other", "text": safe(text), "times": f"{it.times:,}"}
        for text, it in sorted(seen.requests.warnings.items())
    ]
    part = replay_part(
        "What the server said",
        [seen],
        turned=[group_part(group) for group in found.refused],
        warned=warned,
        figures=account_tables(found),
    )
    tiles = [tile("requests", sum(verdicts.values())), tile("rejected", verdicts["rejected"], "error")]
    tiles += [tile("unknown", verdicts["unknown"], "warning"), *upgrade_tiles(upgrade)]
    ended = "" if seen.run.header.is_complete else "The run did not come to its end. "
    return {
        **frame(title, "replay", (level, f"{ended}{words.tally(verdicts).capitalize()}."), view),
        "tiles": tiles,
        "replay": banded(part, seen, upgrade),
        "upgrade": upgrade_part(upgrade),
    }


def _comparison(found: Comparison, view: View) -> Content:
    before, after = (" and ".join(seen.run.name for seen in side) for side in (found.before, found.after))
    return {
        **frame(
            f"{before} against {after}", "compare", (_VERDICTS[found.verdict], words.comparison_verdict(found)), view
        ),
        "problems": [*map(safe, found.problems)],
        "tiles": _difference_tiles(found),
        "replay": replay_part("The runs", found.runs),
        "differences": difference_part("What is different", found),
    }


def _difference_tiles(found: Comparison) -> list[Content]:
    return [
        tile("requests with another outcome", found.turned_requests, "error"),
        tile("figures beyond the tolerance", len(found.differences), "error"),
        tile("requests with the same outcome", found.same_requests),
    ]


def _rehearsal(found: Rehearsal, view: View) -> Content:
    scene = found.scene
    verdict = (_READINESS[found.readiness], words.rehearsal_verdict(found))
    return {
        **frame(f"Kubernetes {scene.source} to {scene.target}", "rehearse", verdict, view),
        "subtitle": safe(f"{', '.join(scene.inputs)}, played {'in process' if scene.is_dry else 'on ' + scene.on}"),
        "reasons": [*map(safe, found.reasons)],
        "problems": [*map(safe, found.problems)],
        "caveats": [*map(safe, found.caveats)],
        "next": [{"what": what, "command": safe(command)} for what, command in found.next_steps],
        "tiles": _rehearsal_tiles(found),
        "check": _check(found),
        "migration": _migration(found),
        "replay": _replay(found),
        "differences": {
            **difference_part(f"What is different from {scene.source}, once migrated?", found.comparison),
            "said": words.change_verdict(found),
            # That a migration changes the trace is no news here.
            "notes": (),
        },
    }


def _rehearsal_tiles(found: Rehearsal) -> list[Content]:
    repaired = sum(item.is_repaired for item in found.failing)
    return [
        tile("errors of the check", found.findings.count(Severity.ERROR), "error"),
        tile("objects changed", found.migration.changes.summary.changed),
        tile("objects that fail as recorded", len(found.failing), "error"),
        tile("of these repaired", repaired),
        tile("requests rejected once migrated", sum(group.requests for group in found.still_rejected), "error"),
        tile("left by hand", len(found.by_hand), "warning"),
    ]


def _check(found: Rehearsal) -> Content:
    return {
        "title": f"What does {found.scene.target} not serve, or treat differently?",
        "tally": finding_words.tally(found.findings),
        "groups": _groups(found.findings),
    }


def _groups(findings: Findings) -> list[dict[str, Any]]:
    shown = redacted(in_order(findings))
    return [group_content(group) for hop in by_hop(shown) for group in hop.groups]


def _migration(found: Rehearsal) -> Content:
    left = found.migration.left
    summary = found.migration.changes.summary
    by_hand = type(left)(tuple(found.by_hand), tool=left.tool, source=left.source, target=left.target)
    return {
        "title": "What is repaired, and what is left?",
        "tally": f"{summary.changed:,} of {plural(summary.objects, 'object')} changed",
        "rules": [
            {"changed": f"{one.changed:,}", "id": safe(one.id), "title": safe(one.title)}
            for one in summary.rules
            if one.changed
        ],
        "left": _groups(by_hand),
    }


def _replay(found: Rehearsal) -> Content:
    more = len(found.failing) - MOST_FAILING
    return replay_part(
        f"Does the history run on {found.scene.target}?",
        runs_of(found),
        target=found.scene.target,
        failing=[_failing(item) for item in found.failing[:MOST_FAILING]],
        more=f"and {more:,} more objects" if more > 0 else "",
    )


def _failing(item: Failing) -> Content:
    return {
        "name": safe(words.object_name(item.object)),
        "version": safe(item.object.api_version),
        "when": words.when(item.time, item.times),
        "said": safe(words.said(item.answer)),
        "code": safe(item.finding.code) if item.finding else "",
        "title": safe(item.finding.title) if item.finding else "",
        "level": "good" if item.is_repaired else "error",
        "after": after_words(item).removesuffix(" once migrated").removesuffix(" also"),
        "told": safe(words.said(item.told)) if item.told and not item.is_repaired else "",
    }
