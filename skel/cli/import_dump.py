"""`skel import dump`: what was collected from a cluster for somebody else."""

from __future__ import annotations

import click

from skel.cli.import_options import Shared, at_option, import_options, refuse_missing, run_import


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@at_option
@import_options
def command(paths: tuple[str, ...], at: str | None, shared: Shared) -> int:
    """Make a trace of one event of a must-gather or the output of `kubectl cluster-info dump`.

    PATH is a folder, which is read with all that is below, an archive of it, or a file. What stands in several files
    counts once, in its newest state. What Kubernetes makes by itself (nodes, events, endpoints) is left out.
    """
    from skel.record.imports.dump import dump_changes
    from skel.record.imports.options import parse_time

    shared.refuse_overwrite(*paths)
    refuse_missing(paths)
    time = parse_time(at) if at else None
    return run_import(shared, lambda losses, _: dump_changes(paths, losses, at=time), skip_noise=True)
