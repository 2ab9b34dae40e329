"""`skel trace slice`: a part of a trace that stands for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from skel.cli.output import refuse_overwrite
from skel.cli.trace_options import at, choice_options, chosen, instant

if TYPE_CHECKING:
    from skel.trace.instant import Instant


@click.command()
@click.argument("trace")
@click.option(
    "-o", "--output", default="-", metavar="FILE", help="Where the slice goes; `-`, the default, is standard output."
)
@click.option("--start", metavar="TIME", callback=instant, help="Where it begins: 10m, -30m or 2025-01-01T10:00:00Z.")
@click.option("--end", metavar="TIME", callback=instant, help="Where it ends; what happens then is not in it.")
@choice_options
def command(trace: str, output: str, start: Instant | None, end: Instant | None, **choice: Any) -> int:
    """Cut a stretch of time, some of the objects, or both out of TRACE. `-` is standard input.

    The first event of the slice has all that was there at its start. An object is in it with all its versions, or not
    at all. Index and lifetimes of pods are those of the slice. Slices that lie side by side make the trace again with
    `skel trace merge`.
    """
    from skel.trace.model import Trace
    from skel.trace.slicing import slice_trace

    refuse_overwrite(output, (trace,), "name another file")
    opened = Trace.open(trace)
    keep = chosen(opened, **choice)
    part = slice_trace(opened, start=at(start, opened), end=at(end, opened), keep=keep)
    part.save(output)
    objects = sum(len(event.applied_objs) + len(event.deleted_objs) for event in part.events)
    whole = sum(len(event.applied_objs) + len(event.deleted_objs) for event in opened.events)
    click.echo(f"{len(part.events):,} of {len(opened.events):,} events, {objects:,} of {whole:,} objects", err=True)
    if not objects:
        click.echo("nothing was chosen: the slice has only its time", err=True)
    return 0
