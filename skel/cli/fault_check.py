"""`skel fault check`: other invariants on old histories."""

from __future__ import annotations

from pathlib import Path

import click

from skel.cli.fault_reports import FaultReporting, fault_report_options


@click.command()
@click.argument("reports", nargs=-1, required=True)
@click.option("--invariant", "names", multiple=True, metavar="NAME", help="Ask this one (default: all that are known).")
@click.option("--oracle", "files", multiple=True, metavar="FILE.py", help="Ask those that this file defines as well.")
@fault_report_options
def command(reports: tuple[str, ...], names: tuple[str, ...], files: tuple[str, ...], reporting: FaultReporting) -> int:
    """Judge stored REPORTS again, saved ones or pages, with other invariants. Nothing is started.

    Exit code 0 if all hold, 1 if one is violated.
    """
    from skel.faults.rejudge import rejudged
    from skel.faults.stored import read_reports

    found = [report for name in reports for report in read_reports(Path(name))]
    if not found:
        raise click.ClickException("there is no run in these reports")
    return reporting.write(rejudged(found, names, tuple(map(Path, files))))
