"""`skel trace validate`: is the trace complete enough to be replayed?"""

from __future__ import annotations

import click

from skel.cli.findings_options import Reporting, findings_options
from skel.cli.progress import progress


@click.command()
@click.argument("trace")
@findings_options
def command(trace: str, reporting: Reporting) -> int:
    """Look for what a replay of TRACE would stumble over: objects that refer to others which the trace does not have,
    state that belongs to the cluster it was recorded in, parts of the trace that contradict each other.

    The rules are those of the packs for validation (`skel pack list`); codes that begin with TR are about the trace
    itself (`skel explain TR102`). Exit code 1 if there are findings that count.
    """
    from skel.trace.model import Trace
    from skel.upgrade.validating import validate

    opened = Trace.open(trace)
    with progress(len(opened.events)) as done:
        found = validate(opened, progress=done)
    return reporting.finish(found)
