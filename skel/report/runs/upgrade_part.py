"""The section of the page on upgrades in the middle of a run: plain values for the template."""

from __future__ import annotations

from dataclasses import replace

from skel.replay.observed import Observed
from skel.replay.upgrade_lines import HopLine, Upgrade
from skel.report.runs.chart import TOP, Axis, Box, Chart, axis
from skel.report.runs.parts import Content, tile
from skel.report.runs.tables import safe
from skel.report.runs.upgrade_words import Point, course, headline, leg_line, new_on, not_reached, points

_THIN = 3.0


def upgrade_part(upgrade: Upgrade | None) -> Content | None:
    """None for a run without upgrades."""
    if upgrade is None:
        return None
    return {
        "title": "What the upgrade changed" if len(upgrade.planned) == 1 else "What the upgrades changed",
        "left": not_reached(upgrade),
        "hops": [
            {"title": safe(headline(hop)), "course": safe(course(hop)), "points": [*map(_point, points(hop))]}
            for hop in upgrade.hops
        ],
        "legs": [{"name": safe(leg.kubernetes), "text": leg_line(leg)} for leg in upgrade.legs],
        "new": [_point(point) for leg in upgrade.legs for point in new_on(leg)],
    }


def upgrade_tiles(upgrade: Upgrade | None) -> list[Content]:
    """What one has to know first."""
    found = [hop.changes for hop in upgrade.hops if hop.changes] if upgrade else []
    if not found:
        return []
    disturbed = sum(len(one.pods.moved) + len(one.pods.restarted) + len(one.pods.replaced) for one in found)
    return [
        tile("objects stranded by the upgrade", sum(group.objects for one in found for group in one.vanished), "error"),
        tile("objects read back in another version", sum(group.objects for one in found for group in one.read_back)),
        tile("pods disturbed by the upgrade", disturbed, "warning"),
    ]


def _point(point: Point) -> Content:
    return {
        "level": point.level,
        "open": point.level != "info",
        "word": point.word,
        "title": safe(point.title),
        "count": point.count,
        "about": safe(point.about),
        "names": [*map(safe, point.names)],
    }


def banded(replay: Content, seen: Observed, upgrade: Upgrade | None) -> Content:
    """The part with the charts, with a band for each upgrade, as wide as it lasted."""
    if upgrade is None or not upgrade.hops:
        return replay
    along = axis([seen])
    charts = tuple(
        replace(chart, bars=(*(_band(hop, chart, along, seen) for hop in upgrade.hops), *chart.bars))
        for chart in replay["charts"]
    )
    return {**replay, "charts": charts, "about": f"{replay['about']} A band is an upgrade of the control plane."}


def _band(hop: HopLine, chart: Chart, along: Axis, seen: Observed) -> Box:
    end = min(hop.t + hop.seconds * (seen.run.header.speed or 1.0), along.width * along.bars)
    left = along.x(hop.t / along.width)
    wide = max(_THIN, along.x(end / along.width) - left)
    return Box(round(left, 2), TOP, round(wide, 2), round(chart.plot - TOP, 2), "hop", "")
