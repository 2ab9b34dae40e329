"""`skel trace slice`: a part of a trace that stands for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from skel.cli.output import refuse_overwrite
from skel.cli.trace_options import at, choice_options, chosen, instant

if TYPE_CHECKING:
    from skel.trace.instant import Instant
    from skel.trace.model import Trace


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

    Exit code 1 if no object is what the options ask for; then nothing is written.
    """
    from skel.trace.model import Trace
    from skel.trace.slicing import slice_trace

    refuse_overwrite(output, (trace,), "name another file")
    opened = Trace.open(trace)
    begin, stop = at(start, opened), at(end, opened)
    keep = chosen(opened, **choice)
    part = slice_trace(opened, start=begin, end=stop, keep=keep)
    objects = _objects(part)
    if not objects and keep is not None:
        _tell_what_there_is(slice_trace(opened, start=begin, end=stop))
        return 1
    part.save(output)
    counted = f"{len(part.events):,} of {len(opened.events):,} events, {objects:,} of {_objects(opened):,} objects"
    click.echo(counted, err=True)
    if not objects:
        click.echo("no object is there in that time: the slice has only its time", err=True)
    return 0


def _objects(trace: Trace) -> int:
    return sum(len(event.applied_objs) + len(event.deleted_objs) for event in trace.events)


def _tell_what_there_is(stretch: Trace) -> None:
    """What could have been chosen in that stretch of time."""
    from skel.report.traces.words import some_of
    from skel.trace.statistics import statistics

    found = statistics(stretch)
    click.echo("nothing was chosen, so nothing was written", err=True)
    if not found.kinds:
        click.echo("no object is there in that time", err=True)
        return
    click.echo(f"there are objects of the kinds {some_of([group.name for group in found.kinds])}", err=True)
    namespaces = [group.name for group in found.namespaces if group.name]
    if namespaces:
        click.echo(f"in the namespaces {some_of(namespaces)}", err=True)
