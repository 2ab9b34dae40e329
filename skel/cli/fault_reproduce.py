"""`skel fault reproduce`: a failure mode of the catalogue, on a release."""

from __future__ import annotations

import asyncio

import click

from skel.cli.fault_options import Running, progress, refuse_without_extra, running_options
from skel.cli.fault_reports import FaultReporting, fault_report_options


@click.command()
@click.argument("name")
@click.option("--runs", type=click.IntRange(1), default=1, metavar="N", help="Run it so often (default: 1).")
@running_options
@fault_report_options
def command(name: str, runs: int, running: Running, reporting: FaultReporting) -> int:
    """Show the failure mode NAME of the catalogue on real binaries.

    Exit code 0 if the release has it not, 1 if it has, 2 if the scenario never came to its point.
    """
    refuse_without_extra()
    from skel.faults.catalogue import find
    from skel.faults.session import run_columns

    scenario = find(name).scenario
    columns = running.columns(scenario)
    reports = asyncio.run(run_columns(scenario, columns, runs, running.means(), progress()))
    return reporting.write(reports)
