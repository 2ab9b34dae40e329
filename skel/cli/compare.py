"""`skel compare`: what is different between two runs?"""

from __future__ import annotations

import click

from skel.cli.run_reports import RunReporting, run_report_options

_FILES = ("run.json", "requests.jsonl", "pods.jsonl", "events.jsonl")


@click.command()
@click.argument("runs", nargs=-1)
@click.option("--against", multiple=True, metavar="RUN", help="A run of the other side; say it once for each.")
@run_report_options
def command(runs: tuple[str, ...], against: tuple[str, ...], reporting: RunReporting) -> int:
    """Compare two runs: the folders that `skel replay` wrote.

    Requests are compared one by one at their simulated time, then warnings, pods, latencies, nodes and events. Several
    runs of one side say how much is noise: `skel compare old1 old2 --against new`. Exit code 1 if something differs by
    more than the tolerances, 2 if a run broke off or can't be read.
    """
    before, after = _sides(runs, against)
    reporting.check(tuple(f"{folder}/{file}" for folder in (*before, *after) for file in _FILES))
    tolerance = reporting.tolerances()
    from skel.replay.compare import compare
    from skel.replay.run_reading import open_run

    names = _names((*before, *after))
    opened = [open_run(folder, name) for folder, name in zip((*before, *after), names, strict=True)]
    found = compare(opened[: len(before)], opened[len(before) :], tolerance=tolerance)
    reporting.write(found)
    return found.exit_code


def _sides(runs: tuple[str, ...], against: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if against and runs:
        return runs, against
    if len(runs) == 2:
        return runs[:1], runs[1:]
    raise click.UsageError("name two runs, or several and the other side with --against")


def _names(folders: tuple[str, ...]) -> tuple[str, ...]:
    """How reports call the runs: the last word of each path, or the whole where that is not enough."""
    short = tuple(folder.rstrip("/").rpartition("/")[2] or folder for folder in folders)
    return short if len(set(short)) == len(folders) else folders
