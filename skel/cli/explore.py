"""`skel explore`: look at a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from skel.cli.explore_terminal import open_explorer
from skel.cli.output import refuse_overwrite, write_text
from skel.cli.progress import progress
from skel.cli.upgrade_options import read_upgrade, upgrade_options

if TYPE_CHECKING:
    from skel.findings.model import Findings
    from skel.trace.model import Trace


@click.command()
@click.argument("trace")
@click.option("--html", metavar="FILE", help="Write a page for the browser, one file that needs nothing else.")
@upgrade_options
def command(trace: str, html: str | None, **way: Any) -> int:
    """Look at TRACE: how much happened when, which objects were there, and what changed in each.

    In the terminal, `?` shows the keys, and a rule shows what it would change while you type it; nothing is written.
    With --html as a page: a chart of changes over time with zoom, a lane for each object with the lifetimes of its
    pods, its versions with differences, search and filters. With --to, the findings of an upgrade stand beside the
    objects. What looks like a secret is shown by neither.
    """
    if html is None:
        return open_explorer(trace, read_upgrade(**way) if any(way.values()) else None)
    from skel import __version__
    from skel.report.findings.view import now
    from skel.report.timeline.page import Look, timeline_page
    from skel.trace.model import Trace

    refuse_overwrite(html, (trace,), "name another file")
    opened = Trace.open(trace)
    look = Look(__version__, now().strftime("%Y-%m-%d"), _findings(opened, way))
    page = timeline_page(opened, look).encode()
    write_text(html, lambda file: file.writelines([page]))
    return 0


def _findings(trace: Trace, way: dict[str, Any]) -> Findings | None:
    """What an upgrade would find; None if none was asked for."""
    if not any(way.values()):
        return None
    from skel.upgrade.checking import check_trace

    with progress(len(trace.events)) as done:
        return check_trace(read_upgrade(**way), trace, progress=done)
