"""`skel fleet check`: what an upgrade breaks, in many traces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from skel.cli.findings_options import Reporting, findings_options
from skel.cli.progress import counting
from skel.cli.upgrade_options import components_of, read_upgrade, upgrade_options

if TYPE_CHECKING:
    from skel.fleet.model import Order, Outcome


@click.command()
@click.argument("inputs", nargs=-1, required=True)
@upgrade_options
@click.option("--engine", type=click.Choice(["local", "dask"]), default="local", help="Processes here, or Dask.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler that runs: tcp://HOST:8786. Implies Dask.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="How many to start (default: one a processor).")
@findings_options
def command(
    inputs: tuple[str, ...],
    engine: str,
    scheduler: str | None,
    workers: int | None,
    reporting: Reporting,
    **way: Any,
) -> int:
    """Check many traces for an upgrade of Kubernetes: one table, and one report.

    INPUTS are traces, folders, prefixes in a bucket (s3://bucket/traces/) and patterns ('traces/**/*.sktrace'). A trace
    that can't be read is named and the others are checked; a worker that dies loses nothing. Exit code 1 if there are
    findings that count, 2 if a trace could not be checked.
    """
    scheduler = _meant(scheduler, engine)
    if scheduler and workers:
        raise click.UsageError("a scheduler has workers of its own; leave out --workers")
    from skel.fleet.check import check_all, named
    from skel.upgrade.checking import nothing_checked

    upgrade = read_upgrade(**way)
    found = named(inputs)
    run = partial(_run, _order(**way), "dask" if scheduler else engine, scheduler, workers)
    with counting(len(found), "traces") as done:
        findings = check_all(found, run, nothing_checked(upgrade), done)
    return reporting.finish(findings)


def _meant(scheduler: str | None, engine: str) -> str | None:
    """The scheduler, unless the work is to be done here: the command line goes before the file.

    A usage error if one of them says both.
    """
    context = click.get_current_context()
    place = context.get_parameter_source("engine")
    if not scheduler or engine != "local" or place is ParameterSource.DEFAULT:
        return scheduler
    if place is context.get_parameter_source("scheduler"):
        raise click.UsageError(
            "--engine local works here and --scheduler with Dask elsewhere: leave out --scheduler to work here,"
            " --engine local for the scheduler"
        )
    return None if place is ParameterSource.COMMANDLINE else scheduler


def _order(source: str | None, target: str | None, components: tuple[str, ...], packs: tuple[str, ...]) -> Order:
    from skel.fleet.model import Order

    return Order(source, target, tuple(components_of(components).items()), packs)


def _run(
    order: Order, engine: str, scheduler: str | None, workers: int | None, paths: Sequence[str]
) -> Iterable[Outcome]:
    if engine == "dask":
        from skel.fleet import machines

        return machines.run(order, paths, scheduler, workers)
    from skel.fleet import processes

    return processes.run(order, paths, workers)
