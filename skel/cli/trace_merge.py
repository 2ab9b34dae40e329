"""`skel trace merge`: several traces as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from skel.cli.output import refuse_overwrite

if TYPE_CHECKING:
    from skel.tools.joining import Joined
    from skel.trace.merging import Conflict
    from skel.trace.model import Trace

_SHOWN = 10


@click.command()
@click.argument("traces", nargs=-1, required=True)
@click.option(
    "-o", "--output", default="-", metavar="FILE", help="Where the trace goes; `-`, the default, is standard output."
)
@click.option(
    "--align",
    type=click.Choice(["absolute", "start", "offset"]),
    default="absolute",
    help="When each trace is: as recorded, from the start of the first, or so long after it (--offset).",
)
@click.option(
    "--offset", "offsets", multiple=True, metavar="TIME", help="How long after the first the next trace begins: 10m."
)
@click.option(
    "--prefix", "prefixes", multiple=True, metavar="TEXT", help="Put this before the namespaces of the next trace."
)
@click.option(
    "--conflicts",
    type=click.Choice(["refuse", "prefix", "first", "both"]),
    default="refuse",
    help="When two traces tell different stories of an object: write nothing; put a prefix before the namespaces of"
    " the later trace; keep the story of the first; or tell both.",
)
def command(
    traces: tuple[str, ...],
    output: str,
    align: str,
    offsets: tuple[str, ...],
    prefixes: tuple[str, ...],
    conflicts: str,
) -> int:
    """Make one trace of TRACES. What two of them recorded alike is in it once.

    --offset and --prefix may be given once for each trace but the first, in their order. Exit code 1 if there are
    conflicts that nothing was done about; then nothing is written.
    """
    from skel.tools.joining import OnConflict, join
    from skel.trace.model import Trace

    for given, option in ((offsets, "--offset"), (prefixes, "--prefix")):
        if len(given) >= len(traces):
            raise click.UsageError(f"{option} is for each trace but the first: {len(traces) - 1} at most")
    refuse_overwrite(output, traces, "name another file")
    policy = OnConflict(conflicts)
    opened = [Trace.open(name) for name in traces]
    joined = join(opened, starts=_starts(opened, align, offsets), prefixes=("", *prefixes), on_conflict=policy)
    left = joined.merged.conflicts
    _tell(joined)
    if left and policy is OnConflict.REFUSE:
        _list("these objects have different stories at the same time", left)
        click.echo("nothing was written; --conflicts or --prefix settle it", err=True)
        return 1
    joined.trace.save(output)
    return 0


def _starts(traces: list[Trace], align: str, offsets: tuple[str, ...]) -> list[int | None]:
    """When each trace begins in the result; None where that is as recorded."""
    first = traces[0].start
    if offsets or align == "offset":
        lengths = [_length(text) for text in offsets]
        return [None, *(first + length for length in lengths), *[first] * (len(traces) - 1 - len(lengths))]
    return [None, *([first if align == "start" else None] * (len(traces) - 1))]


def _length(text: str) -> int:
    from skel.trace.instant import parse_length

    seconds = parse_length(text)
    if seconds is None:
        raise click.BadParameter(f"a time such as 90s, 1h30m or 2d, not {text!r}", param_hint="--offset")
    return round(seconds)


def _tell(joined: Joined) -> None:
    merged = joined.merged
    repeated = f", {merged.repeated:,} recorded twice and taken once" if merged.repeated else ""
    click.echo(f"{len(merged.trace.events):,} events{repeated}", err=True)
    for name, prefix in joined.prefixes:
        click.echo(f"the namespaces of {name} begin with {prefix}", err=True)
    if joined.settled:
        _list("settled: different stories at the same time", joined.settled)


def _list(title: str, conflicts: tuple[Conflict, ...]) -> None:
    from skel.report.moment import moment
    from skel.report.traces.words import identity_name

    click.echo(f"{title}:", err=True)
    for conflict in conflicts[:_SHOWN]:
        times = f", {conflict.times} times" if conflict.times > 1 else ""
        click.echo(f"  {identity_name(conflict.object)}  since {moment(conflict.time)}{times}", err=True)
    if len(conflicts) > _SHOWN:
        click.echo(f"  and {len(conflicts) - _SHOWN} more", err=True)
