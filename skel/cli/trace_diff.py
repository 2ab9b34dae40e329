"""`skel trace diff`: what is different between two traces."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from skel.cli.options import color_option, painter
from skel.cli.trace_options import at, instant

if TYPE_CHECKING:
    from skel.trace.instant import Instant
    from skel.trace.model import Trace


@click.command()
@click.argument("a")
@click.argument("b")
@click.option(
    "--align",
    type=click.Choice(["start", "absolute"]),
    default="start",
    help="What is the same time: so long after the start, or the same time of day.",
)
@click.option("--at", "moment", metavar="TIME", callback=instant, help="Compare only what is there at that time.")
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
@color_option
def command(a: str, b: str, align: str, moment: Instant | None, form: str, color: str) -> int:
    """Say what is different between the traces A and B: objects that only one has, and versions that differ.

    An object is compared with itself over time, in whatever version of its API it was written. Manifests are shown as
    they were recorded, secrets included. Exit code 1 if there is a difference.
    """
    from skel.report.traces.difference import difference_json, difference_lines
    from skel.trace.differing import diff_traces
    from skel.trace.model import Trace

    one, other = Trace.open(a), Trace.open(b)
    names = one.name, other.name
    if moment is not None:
        one, other = _state(one, moment), _state(other, moment)
    found = diff_traces(one, other, absolute=align == "absolute" and moment is None)
    if form == "json":
        sys.stdout.write(difference_json(found, names))
    else:
        sys.stdout.writelines(f"{line}\n" for line in difference_lines(found, names, painter(color)))
    return 1 if found else 0


def _state(trace: Trace, moment: Instant) -> Trace:
    """A trace of what is there at that time, and nothing else."""
    from skel.trace.codec import Event
    from skel.trace.history import state_at
    from skel.trace.model import Trace

    objects = list(state_at(trace, at(moment, trace)).values())
    return Trace.make([Event(0, objects, [])], trace.config, {}, {})
