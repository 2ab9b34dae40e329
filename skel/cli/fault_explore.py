"""`skel fault explore`: look for faults that break an invariant."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skel.cli.fault_options import Running, progress, refuse_without_extra, running_options
from skel.cli.options import color_option, painter

if TYPE_CHECKING:
    from skel.faults.model import Report, Scenario
    from skel.faults.search.explore import Exploration, Orders
    from skel.faults.session import Column, Means


@click.command()
@click.argument("trace", required=False)
@click.option("-f", "--file", "file", metavar="FILE", help="Take setup, target and invariants of this scenario.")
@click.option("--seeds", default="1-100", metavar="1-500", help="Which seeds, in this order (default: 1-100).")
@click.option("--budget", default="30m", metavar="DURATION", help="Stop after this much real time (default: 30m).")
@click.option("--times", type=click.IntRange(1), default=3, metavar="K", help="A finding has to fail K of K times.")
@click.option(
    "--repeat", type=click.IntRange(1), default=1, metavar="N", help="Run each seed so often, and count equals."
)
@click.option("--only", "kinds", multiple=True, metavar="ACTION", help="Use only these actions.")
@click.option("--write", "folder", metavar="DIR", help="Keep the scenarios of what is found here.")
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the report.")
@running_options
@color_option
def command(
    trace: str | None,
    file: str | None,
    seeds: str,
    budget: str,
    times: int,
    repeat: int,
    kinds: tuple[str, ...],
    folder: str | None,
    form: str,
    running: Running,
    color: str,
) -> int:
    """Try seeds on the workloads of TRACE (or on the setup of a scenario), guided by what the component writes.

    What breaks an invariant is run again, made small, and printed as a scenario. Exit code 0 if nothing was found, 1
    if something was, 2 if the component does not even do without faults.
    """
    refuse_without_extra()
    base = _base(trace, file)
    orders = _orders(seeds, budget, times, repeat, kinds)
    columns = running.columns(base)
    if len(columns) != 1:
        raise click.UsageError("explore one release with one setting of the gates: --kubernetes RELEASE")
    if folder is not None:
        _make(Path(folder))
    found = asyncio.run(_explore(base, orders, columns[0], running.means()))
    from skel.report.faults.exploration import exploration_json, exploration_text

    paint = painter(color)
    text = exploration_json(found) if form == "json" else exploration_text(found, paint)
    click.echo(text, nl=False, color=paint.color)
    if folder is not None:
        _keep(found, Path(folder))
    return found.exit_code


def _base(trace: str | None, file: str | None) -> Scenario:
    from skel.faults.scenario.parse import open_scenario
    from skel.faults.search.bases import base_of_trace

    if (trace is None) == (file is None):
        raise click.UsageError("explore a trace, or with --file the setup of a scenario")
    if trace is not None:
        return base_of_trace(trace)
    return replace(open_scenario(Path(file or ""), illegal=True), steps=(), expect=())


def _orders(seeds: str, budget: str, times: int, repeat: int, kinds: tuple[str, ...]) -> Orders:
    from skel.faults.actions import ACTIONS
    from skel.faults.search.explore import Orders
    from skel.faults.search.seeds import parse_seeds
    from skel.kube.duration import parse_duration

    words = {action.word for action in ACTIONS}
    strange = next((kind for kind in kinds if kind not in words), None)
    if strange is not None:
        raise click.UsageError(f"there is no action `{strange}`; `skel fault list --actions` shows them")
    seconds = parse_duration(budget)
    if not seconds or seconds <= 0:
        raise click.UsageError(f"--budget takes a duration such as 30m, not {budget!r}")
    try:
        return Orders(parse_seeds(seeds), seconds, times, repeat, kinds=frozenset(kinds))
    except ValueError as error:
        raise click.UsageError(f"--seeds: {error}") from None


async def _explore(base: Scenario, orders: Orders, column: Column, means: Means) -> Exploration:
    from skel.faults.search.explore import explore
    from skel.faults.session import session

    async with session(means, progress()) as opened:

        async def trial(scenario: Scenario) -> Report:
            return await opened.run(scenario, column)

        return await explore(base, orders, trial, lambda text: click.echo(text, err=True))


def _make(folder: Path) -> None:
    """Before the search, which may take the whole budget. Raises TraceError."""
    from skel.storage.files import explained

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explained(error, str(folder), "written") from None


def _keep(found: Exploration, folder: Path) -> None:
    from skel.cli.output import write_text
    from skel.faults.scenario.emit import emit

    for it in found.found:
        text = emit(it.scenario).encode()
        file = folder / f"{it.scenario.name}.yaml"
        write_text(str(file), lambda opened, text=text: opened.writelines([text]))  # type: ignore[misc]
        click.echo(f"wrote {file}", err=True)
