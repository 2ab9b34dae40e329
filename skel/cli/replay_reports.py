"""What `skel replay` makes of the record of its run: a page, and what is said of upgrades."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from skel.cli.output import write_text
from skel.cli.replay_orders import Orders

if TYPE_CHECKING:
    from skel.replay.result import RunResult
    from skel.report.terminal import Paint


def write_page(folder: str, file: str) -> None:
    """One HTML file about the run in a folder. Raises ClientError and TraceError."""
    from skel import __version__
    from skel.replay.account import account
    from skel.replay.run_reading import open_run
    from skel.report.findings.view import View
    from skel.report.runs.render import render

    page = render(account(open_run(folder)), "html", View(version=__version__)).encode()
    write_text(file, lambda target: target.writelines([page]))
    if file != "-":
        click.echo(f"a page to hand on: {file}", err=True)


def need_parquet() -> None:
    """Say before the run, and not after it, that a library is missing. Raises ReplayError."""
    from skel.replay.parquet import pyarrow

    pyarrow()


def write_tables(folder: str) -> None:
    """The files of lines in a folder as Parquet, beside them. Raises ReplayError and TraceError."""
    from skel.replay.parquet import write_parquet

    written = write_parquet(folder)
    click.echo(f"tables: {', '.join(map(str, written))}", err=True)


def upgrade_lines(orders: Orders, result: RunResult, paint: Paint) -> Iterator[str]:
    """What the upgrades in the run changed; nothing if there were none."""
    if not orders.upgrades:
        return
    from skel.replay.upgrade_lines import read_upgrade
    from skel.report.findings.view import View
    from skel.report.runs.upgrade_text import upgrade_text

    upgrade = read_upgrade(Path(result.folder))
    if upgrade is not None:
        yield from upgrade_text(upgrade, View(paint=paint, width=get_terminal_size((100, 24)).columns))


def upgrade_info(orders: Orders, result: RunResult) -> dict[str, Any]:
    """The same as data."""
    if not orders.upgrades:
        return {}
    from skel.replay.upgrade_lines import read_upgrade
    from skel.report.runs.upgrade_json import upgrade_json

    return {"upgrade": upgrade_json(read_upgrade(Path(result.folder)))}
