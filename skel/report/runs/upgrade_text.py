"""Upgrades in the middle of a run, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from skel.replay.upgrade_lines import Upgrade
from skel.report.findings.view import View
from skel.report.runs.tables import labelled, prose, safe
from skel.report.runs.upgrade_words import Point, course, headline, leg_line, new_on, not_reached, points
from skel.report.runs.words import FEW

_STYLES = {"error": ("red", "bold"), "warning": ("yellow", "bold"), "info": ("dim",)}


def upgrade_text(upgrade: Upgrade, view: View) -> Iterator[str]:
    """Each hop and what it changed, then what each release answered."""
    for hop in upgrade.hops:
        yield f"{view.paint('upgrade', 'bold')}  {view.paint(headline(hop), 'bold')}\n"
        yield from prose(course(hop), 2, view)
        for point in points(hop):
            yield from _point(point, view)
        yield "\n"
    if left := not_reached(upgrade):
        yield from prose(f"never begun: {left}", 0, view, "yellow")
    yield from labelled(((leg.kubernetes, leg_line(leg)) for leg in upgrade.legs), view)
    for leg in upgrade.legs:
        for point in new_on(leg):
            yield from _point(point, view)
    yield "\n"


def _point(point: Point, view: View) -> Iterator[str]:
    count = f", {point.count}" if point.count else ""
    yield f"  {view.paint(point.word, *_STYLES[point.level])}  {safe(point.title)}{count}\n"
    if point.about and point.level != "info":
        yield from prose(point.about, 4, view, "dim")
    for name in point.names[:FEW]:
        yield f"    {safe(name)}\n"
    if len(point.names) > FEW:
        yield f"    and {len(point.names) - FEW:,} others\n"
