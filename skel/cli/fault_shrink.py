"""`skel fault shrink`: the smallest scenario for what a report shows."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skel.cli.fault_options import progress, refuse_without_extra
from skel.cli.output import refuse_unwritable

if TYPE_CHECKING:
    from skel.faults.model import Report
    from skel.faults.search.shrink import Shrunk


@click.command()
@click.argument("report")
@click.option("-w", "--write", "file", metavar="FILE.yaml", help="Write the scenario here instead of standard output.")
@click.option("--times", type=click.IntRange(1), default=3, metavar="K", help="A step less has to fail K of K times.")
@click.option("--trials", type=click.IntRange(1), default=30, metavar="N", help="At most so many runs.")
@click.option("--oracle", "oracles", multiple=True, metavar="FILE.py", help="The invariant is one of this file.")
def command(report: str, file: str | None, times: int, trials: int, oracles: tuple[str, ...]) -> int:
    """Leave out what the violation in REPORT (saved, or a page) does not need, on the release that it is about.

    Exit code 1 if the result was proven minimal or smaller, 2 if the report has no violation.
    """
    refuse_without_extra()
    from skel.faults.scenario.emit import emit
    from skel.faults.stored import read_reports

    refuse_unwritable(file)
    violated = next((it for it in read_reports(Path(report)) if it.violations), None)
    if violated is None:
        raise click.ClickException("there is no violation in this report, so there is nothing to shrink")
    shrunk = asyncio.run(_shrunk(violated, times, trials, tuple(map(Path, oracles))))
    click.echo(
        f"{shrunk}{'' if shrunk.is_minimal else '; the trials are used up, so it may be possible to go on'}", err=True
    )
    text = emit(shrunk.scenario)
    if file is None:
        click.echo(text, nl=False)
    else:
        from skel.cli.output import write_text

        write_text(file, lambda opened: opened.writelines([text.encode()]))
    return 1


async def _shrunk(report: Report, times: int, trials: int, files: tuple[Path, ...]) -> Shrunk:
    from skel.faults.model import Scenario
    from skel.faults.search.shrink import shrink
    from skel.faults.session import Column, Means, session

    column = Column(report.kubernetes, report.gates)
    async with session(Means(files), progress()) as opened:

        async def trial(scenario: Scenario) -> Report:
            return await opened.run(scenario, column)

        return await shrink(report, trial, times=times, trials=trials)
