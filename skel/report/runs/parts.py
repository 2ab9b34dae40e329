"""Parts of the page that runs, comparisons and rehearsals share: plain values for the template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from skel.replay.account import Account
from skel.replay.compare import Comparison
from skel.replay.measure import Measure
from skel.replay.observed import Observed
from skel.replay.outcomes import Group
from skel.replay.rehearsal import plural
from skel.replay.tolerances import Compared, Judgement, Tolerance
from skel.report.findings.view import View
from skel.report.runs import words
from skel.report.runs.chart import HALF, axis, pod_charts, request_charts
from skel.report.runs.tables import row, safe

Content = dict[str, Any]
MOST_CHARTS = 8
_LEVELS = {
    Judgement.SAME: "quiet",
    Judgement.NOT_JUDGED: "quiet",
    Judgement.WITHIN: "within",
    Judgement.WORSE: "worse",
    Judgement.BETTER: "better",
    Judgement.OTHER: "other",
}


def frame(title: str, tool: str, verdict: tuple[str, str], view: View) -> Content:
    """What every page has; `verdict` is a level and a sentence. Parts that a page lacks are empty."""
    return {
        "title": safe(title),
        "subtitle": "",
        "tool": tool,
        "version": view.version,
        "made": view.made.strftime("%Y-%m-%d"),
        "verdict": {"level": verdict[0], "text": verdict[1]},
        "reasons": (),
        "problems": (),
        "caveats": (),
        "next": (),
        "tiles": (),
        "check": None,
        "migration": None,
        "differences": None,
        "upgrade": None,
    }


def tile(label: str, count: float, level: str = "plain") -> Content:
    return {"label": label, "count": int(count), "level": level}


def replay_part(title: str, runs: Sequence[Observed], **more: Any) -> Content:
    """The runs in words and pictures, with one scale."""
    along = axis(runs)
    charts = request_charts(runs[:MOST_CHARTS], along)
    usual: Content = {
        "title": title,
        "target": "",
        "runs": [{"name": safe(seen.run.name), "text": safe(words.run_line(seen))} for seen in runs],
        "about": f"{charts[0].about}. Point at a bar for its figures." if charts else "",
        "charts": charts,
        "failing": (),
        "more": "",
        "turned": (),
        "warned": (),
        "figures": (),
    }
    return {**usual, **more}


def difference_part(title: str, found: Comparison) -> Content:
    along = axis(found.runs, HALF)
    return {
        "title": title,
        "said": f"{plural(found.same_requests, 'request')} with the same outcome.",
        "turned": [group_part(group) for group in found.turned],
        "warned": [
            {
                "word": word,
                "level": "other" if one.judgement is Judgement.WORSE else "within",
                "text": safe(one.measure.title),
                "times": f"{words.band(one.before, one.measure.unit)} → {words.band(one.after, one.measure.unit)}",
            }
            for word, one in words.warnings(found.measures)
        ],
        "pods": pod_charts(found.before, found.after, along),
        "figures": tables_part(found.measures),
        "notes": [safe(note) for note in found.notes],
    }


def group_part(group: Group) -> Content:
    level = words.worst(group.turn)
    return {
        "level": level,
        "open": level != "info",
        "word": words.turned(group),
        "title": safe(words.about(group)),
        "count": plural(group.requests, "request"),
        "said": safe(words.said(group.answer)),
        "rule": safe(group.answer.rule),
        "objects": [
            {"name": safe(words.object_name(thing)), "when": words.when(seen.time, seen.times)}
            for thing, seen in group.objects.items()
        ],
        "more": "and other objects" if group.more else "",
    }


def tables_part(measures: Iterable[Compared]) -> list[Content]:
    return [{"title": title, "rows": [_row(one) for one in entries]} for title, entries in words.grouped(measures)]


def _row(one: Compared) -> Content:
    title, *cells = row(one)
    judged = one.judgement.is_difference or one.judgement is Judgement.WITHIN
    return {
        "title": title,
        "cells": cells,
        "level": _LEVELS[one.judgement],
        "word": str(one.judgement) if judged else "",
    }


def account_tables(found: Account) -> list[Content]:
    """The figures of a run alone."""
    alone = [_alone(measure, value) for measure, value in found.observed.figures().items() if value]
    return [
        {"title": title, "rows": [{"title": row(one)[0], "cells": [row(one)[2]], "level": ""} for one in entries]}
        for title, entries in words.grouped(alone)
    ]


def _alone(measure: Measure, value: float) -> Compared:
    return Compared(measure, (), (value,), Tolerance(measure.name), Judgement.NOT_JUDGED)
