"""`skel fault run`: a scenario, on releases and gates side by side."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skel.cli.fault_options import Running, progress, refuse_without_extra, running_options
from skel.cli.fault_reports import FaultReporting, fault_report_options
from skel.cli.output import is_trace

if TYPE_CHECKING:
    from skel.faults.model import Scenario

_NODES = 10


@click.command()
@click.argument("trace", required=False)
@click.option("-f", "--file", "file", required=True, metavar="FILE", help="The scenario.")
@click.option("--seed", type=int, metavar="N", help="Stands in the report (default: that of the scenario).")
@click.option("--runs", type=click.IntRange(1), default=1, metavar="N", help="Run it so often (default: 1).")
@click.option("--illegal", is_flag=True, help="Allow faults that no correct server does; the verdict is marked.")
@click.option("--controller", metavar="COMMAND", help="The target is this program; it finds $KUBECONFIG.")
@running_options
@fault_report_options
def command(
    trace: str | None,
    file: str,
    seed: int | None,
    runs: int,
    illegal: bool,
    controller: str | None,
    running: Running,
    reporting: FaultReporting,
) -> int:
    """Play a scenario. With TRACE, its history is there first, replayed with scheduler and simulated nodes.

    Exit code 0 if all invariants hold, 1 if one is violated or a component died, 2 if the scenario never came to its
    point.
    """
    refuse_without_extra()
    from skel.faults.scenario.parse import open_scenario
    from skel.faults.session import run_columns

    scenario = _adapted(open_scenario(Path(file), illegal=illegal), trace, seed)
    _refuse_other_files(scenario.setup.trace)
    columns = running.columns(scenario)
    means = running.means(shlex.split(controller or ""))
    return reporting.write(asyncio.run(run_columns(scenario, columns, runs, means, progress())))


def _adapted(scenario: Scenario, trace: str | None, seed: int | None) -> Scenario:
    """The scenario with what the command line says of it."""
    if trace is not None:
        nodes = scenario.setup.nodes or _NODES
        scenario = replace(scenario, setup=replace(scenario.setup, trace=trace, nodes=nodes))
    return scenario if seed is None else replace(scenario, seed=seed)


def _refuse_other_files(trace: str | None) -> None:
    """Say before a control plane is started that there is no trace. Raises TraceError."""
    if trace and not is_trace(trace):
        from skel.trace.model import Trace

        Trace.open(trace)
