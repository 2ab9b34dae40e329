"""`skel trace stats`: the figures of a trace."""

from __future__ import annotations

import sys

import click

from skel.cli.options import color_option, painter


@click.command()
@click.argument("trace")
@click.option("--top", type=click.IntRange(1), default=10, metavar="N", help="How many busy times and objects.")
@click.option(
    "-o",
    "--output",
    "form",
    type=click.Choice(["text", "json", "csv", "markdown"]),
    default="text",
    help="Form of the figures.",
)
@color_option
def command(trace: str, top: int, form: str, color: str) -> int:
    """Count what is in TRACE: events, objects by kind and namespace, sizes, busiest times, lifetimes of pods, and the
    objects that change most.
    """
    from skel.report.traces import statistics as report
    from skel.trace.model import Trace
    from skel.trace.statistics import statistics

    found = statistics(Trace.open(trace), most=top)
    match form:
        case "json":
            sys.stdout.write(report.statistics_json(found))
        case "csv":
            sys.stdout.write(report.statistics_csv(found))
        case "markdown":
            sys.stdout.writelines(f"{line}\n" for line in report.statistics_markdown(found))
        case _:
            sys.stdout.writelines(f"{line}\n" for line in report.statistics_lines(found, painter(color)))
    return 0
