"""A trace as one HTML file that needs nothing else: how dense it is, who was there when, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import msgspec

from skel.findings.model import Finding, Findings
from skel.findings.order import in_order
from skel.findings.redact import redacted
from skel.findings.severity import Severity
from skel.report.html import offline_page
from skel.report.moment import moment
from skel.report.terminal import printable
from skel.report.timeline.details import Shown, details
from skel.report.timeline.lanes import Lane, Row, lanes, rows
from skel.report.traces.words import after, length, plural, span
from skel.trace.codec import without_gc
from skel.trace.model import Trace
from skel.trace.statistics import Statistics, densities, statistics

BARS = 360
"""Of the density chart: as many as a screen shows well."""
TABLE_ROWS = 400
"""Of the table for those who can't see the chart; the search finds the others."""
_WIDE, _HIGH = 960, 90
_SEVERITIES = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.INFO: "remarks"}

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """What the page is called and made by; `findings` of a check if one was asked for."""

    version: str
    made: str
    findings: Findings | None = None


def timeline_page(trace: Trace, look: Look) -> str:
    """The page. Its size has a bound, whatever the size of the trace: objects beyond are counted, not drawn."""
    told = redacted(in_order(look.findings)) if look.findings is not None else None
    with without_gc():
        found = statistics(trace)
        shown, objects = lanes(trace, told.findings if told is not None else ())
        width, density = densities(trace, BARS)
        kinds = rows(trace, width, len(density))
        texts = list(details(shown, trace.start))
    content = _content(found, shown, objects, look)
    chart = {"bars": _bars(density), "wide": _WIDE, "high": _HIGH, "width": length(width), "most": f"{max(density):,}"}
    data = _data(found, shown, texts, kinds, (width, density))
    return offline_page(
        "timeline.html.jinja",
        {**content, "chart": chart, "data": _as_script(data)},
        styles=("findings.css", "timeline.css"),
        scripts=("timeline.js",),
    )


def _content(found: Statistics, shown: Sequence[Lane], objects: int, look: Look) -> Content:
    total = found.total
    tiles = [
        ("events", found.events, "plain"),
        ("objects", objects, "plain"),
        ("times applied", total.applied, "plain"),
        ("times deleted", total.deleted, "plain"),
    ]
    if look.findings is not None:
        tiles += [(_SEVERITIES[severity], look.findings.count(severity), str(severity)) for severity in Severity]
    return {
        "title": printable(PurePath(found.name).name or found.name),
        "subtitle": span(found.start, found.end),
        "version": look.version,
        "made": look.made,
        "tiles": [{"label": label, "count": count, "level": level} for label, count, level in tiles],
        "target": look.findings.target if look.findings is not None else "",
        "note": _note(len(shown), objects),
        "table": [_table_row(lane, found.end - found.start) for lane in shown[:TABLE_ROWS]],
        "table_note": f"the first {TABLE_ROWS} of {plural(len(shown), 'object')}" if len(shown) > TABLE_ROWS else "",
        "start": moment(found.start),
        "end": moment(found.end),
    }


def _note(shown: int, objects: int) -> str:
    if shown == objects:
        return ""
    return (
        f"{shown:,} of {plural(objects, 'object')} have a lane: those with findings, and those that change most. "
        "The chart and the kinds count all of them; `skel trace slice` makes a smaller trace."
    )


def _table_row(lane: Lane, length_of_trace: int) -> Content:
    first, last = lane.spans[0][0] if lane.spans else 0, lane.spans[-1][1] if lane.spans else None
    return {
        "name": _name(lane),
        "first": after(first),
        "last": "to the end" if last is None else after(last),
        "versions": lane.changes,
        "pods": len(lane.pods),
        "findings": len(lane.findings),
    }


def _name(lane: Lane) -> str:
    return printable("/".join(word for word in (lane.kind, lane.namespace, lane.name) if word))


def _bars(density: Sequence[int]) -> list[Content]:
    """The chart as it is before the script runs, and without it."""
    most, wide = max(*density, 1), _WIDE / len(density)
    return [
        {
            "x": round(number * wide, 2),
            "y": round(_HIGH - max(2.0, _HIGH * count / most), 2),
            "width": round(max(1.0, wide - 0.5), 2),
            "height": round(max(2.0, _HIGH * count / most), 2),
        }
        for number, count in enumerate(density)
        if count
    ]


def _data(
    found: Statistics,
    shown: Sequence[Lane],
    texts: Sequence[tuple[Shown, ...]],
    kinds: Sequence[Row],
    density: tuple[int, tuple[int, ...]],
) -> Content:
    """What the script draws. Names of fields are short, for there are many of them."""
    width, counts = density
    return {
        "start": found.start,
        "length": found.end - found.start,
        "width": width,
        "density": counts,
        "kinds": [{"k": printable(row.kind), "n": row.objects, "c": row.counts} for row in kinds],
        "objects": [_object(lane, versions) for lane, versions in zip(shown, texts, strict=True)],
    }


def _object(lane: Lane, versions: Sequence[Shown]) -> Content:
    result: Content = {
        "k": printable(lane.kind),
        "s": printable(lane.namespace),
        "n": printable(lane.name),
        "t": lane.spans,
        "m": lane.marks,
        "v": [_version(version) for version in versions],
    }
    if lane.pods:
        result["p"] = [(pod.start, pod.end) for pod in lane.pods]
    if lane.findings:
        result["f"] = [_finding(finding) for finding in lane.findings]
    return result


def _version(version: Shown) -> Content:
    result: Content = {"t": version.time, "e": version.event, "w": version.what, "a": printable(version.api_version)}
    if version.text:
        result["x"] = version.text
    return result


def _finding(finding: Finding) -> Content:
    return {
        "c": printable(finding.code),
        "l": str(finding.severity),
        "x": printable(finding.title or finding.message),
        "h": printable(finding.help),
    }


def _as_script(data: Content) -> str:
    """JSON that may stand inside of a script element: nothing in it ends one, or begins a comment."""
    from markupsafe import Markup

    text = msgspec.json.encode(data).decode()
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))  # noqa: S704
