"""`skel transform`: run programs on a trace."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skel.cli.options import color_option, painter, program_options, read_program, require_key
from skel.cli.output import refuse_overwrite, show_diff, trace_first, write_patches
from skel.cli.progress import progress

if TYPE_CHECKING:
    from skel.engine.change import Changes
    from skel.report.summary import Measures


@click.command()
@click.argument("trace")
@click.argument("programs", nargs=-1)
@program_options
@click.option("-o", "--output", metavar="FILE", help="Where the new trace goes; `-` is standard output.")
@click.option("--in-place", is_flag=True, help="Write the new trace over the old one.")
@click.option("--diff", is_flag=True, help="Show what would change, and write nothing.")
@click.option(
    "--patches", metavar="FILE", help="Write a line of JSON for each changed object: its RFC 6902 operations."
)
@click.option("--summary", type=click.Choice(["text", "json", "none"]), default="text", help="Form of the summary.")
@click.option("--strict", is_flag=True, help="A skipped command is an error: nothing is written.")
@click.option(
    "--workers", type=click.IntRange(1), metavar="N", help="Processes to use (default: one a processor on big traces)."
)
@color_option
def command(
    trace: str,
    programs: tuple[str, ...],
    output: str | None,
    in_place: bool,
    diff: bool,
    patches: str | None,
    summary: str,
    strict: bool,
    workers: int | None,
    color: str,
    **program_settings: Any,
) -> int:
    """Run PROGRAMS on TRACE, in the order given. `-` stands for standard input.

    The order of the reference, a program and then the trace, is understood as well: a trace is known by its content.
    The summary goes to standard error. Exit code 1 if a `require` or `deny` rule found something.
    """
    started = time.perf_counter()
    trace, programs = trace_first(trace, programs)
    target = _target(trace, programs, output, in_place=in_place, diff=diff, patches=patches)
    program = read_program(programs, **program_settings)
    require_key(program, program_settings["key_file"])
    _show_warnings(program.warnings, color)

    from skel.trace.model import Trace

    old = Trace.open(trace)
    with progress(len(old.events)) as done:
        new, changes = program.apply(old, workers=workers, progress=done)
    if strict and changes.summary.skipped:
        _show_summary(changes, summary, _measures(started, 0, 0), color)
        raise click.ClickException("--strict: commands were skipped, so nothing was written")
    if patches:
        write_patches(patches, changes)
    if diff:
        show_diff(changes, painter(color))
    if target is not None:
        new.save(target)
    _show_summary(changes, summary, _measures(started, len(old.source or b""), _size(target)), color)
    if target is None and not diff and not patches:
        click.echo("nothing was written: name an output with -o, or use --in-place", err=True)
    return 1 if changes.summary.findings else 0


def _target(
    trace: str, programs: tuple[str, ...], output: str | None, *, in_place: bool, diff: bool, patches: str | None
) -> str | None:
    """Where the new trace goes; None if it goes nowhere. Refuses what would lose data, before anything is read."""
    if in_place and output:
        raise click.UsageError("-o and --in-place exclude each other")
    if diff and (in_place or output):
        raise click.UsageError("--diff writes nothing: leave out -o and --in-place")
    if [trace, *programs].count("-") > 1:
        raise click.UsageError("standard input can be read only once")
    if in_place and trace == "-":
        raise click.UsageError("standard input can't be changed in place; use -o")
    for path in (output, patches):
        refuse_overwrite(path, (trace, *programs), "--in-place changes a trace where it lies")
    if output is not None and output == patches:
        raise click.UsageError("-o and --patches name the same file")
    if diff and patches == "-":
        raise click.UsageError("--diff and `--patches -` both write to standard output")
    return trace if in_place else output


def _size(path: str | None) -> int:
    """Bytes of the file just written; 0 if there is none to look at."""
    return Path(path).stat().st_size if path not in (None, "-") and Path(path).is_file() else 0


def _measures(started: float, bytes_in: int, bytes_out: int) -> Measures:
    from skel.report.summary import Measures

    return Measures(time.perf_counter() - started, bytes_in, bytes_out)


def _show_warnings(warnings: tuple[Any, ...], color: str) -> None:
    if warnings:
        from skel.language.render import render

        paint = painter(color, err=True)
        click.echo(render(warnings, color=paint.color), err=True, color=paint.color, nl=False)


def _show_summary(changes: Changes, form: str, measures: Measures, color: str) -> None:
    from skel.report.summary import summary_json, summary_lines

    if form == "json":
        import json

        click.echo(json.dumps(summary_json(changes.summary, measures), indent=2), err=True)
    elif form == "text":
        paint = painter(color, err=True)
        for line in summary_lines(changes.summary, measures, paint):
            click.echo(line, err=True, color=paint.color)
