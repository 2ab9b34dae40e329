"""`skel import kwok`: recordings of KWOK."""

from __future__ import annotations

import click

from skel.cli.import_options import Shared, at_option, import_options, run_import


@click.command()
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING...")
@at_option
@import_options
def command(recordings: tuple[str, ...], at: str | None, shared: Shared) -> int:
    """Make a trace of what `kwokctl snapshot record` or `kwokctl snapshot export` wrote.

    RECORDING is a file, packed or not, or `-`. It holds the objects that were there and the changes behind them, with
    the time since the first one. What Kubernetes makes by itself (nodes, leases, events) is left out.
    """
    from skel.record.imports.kwok import kwok_changes
    from skel.record.imports.options import parse_time

    shared.refuse_overwrite(*recordings)
    time = parse_time(at) if at else None
    return run_import(shared, lambda losses, _: kwok_changes(recordings, losses, at=time), skip_noise=True)
