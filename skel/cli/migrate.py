"""`skel migrate`: apply the fixes for an upgrade."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from skel.cli.config import Config
from skel.cli.findings_options import Reporting, config_option
from skel.cli.options import color_option, painter
from skel.cli.output import refuse_overwrite, write_patches
from skel.cli.progress import progress
from skel.cli.upgrade_options import read_inputs, read_upgrade, upgrade_options

if TYPE_CHECKING:
    from skel.engine.change import Changes
    from skel.findings.model import Findings
    from skel.program import Program
    from skel.trace.model import Trace
    from skel.upgrade.checking import Upgrade


@click.command()
@click.argument("inputs", nargs=-1)
@upgrade_options
@click.option("-o", "--output", metavar="FILE", help="Where the new trace goes; `-` is standard output.")
@click.option("--in-place", is_flag=True, help="Write the new trace over the old one.")
@click.option("--write", is_flag=True, help="Change files of manifests where they lie; comments and layout stay.")
@click.option("--diff", is_flag=True, help="Show what would change, and write nothing.")
@click.option("--unsafe", is_flag=True, help="Apply also the fixes that a person should look at.")
@click.option("--deprecated", is_flag=True, help="Repair also what still works on the target and is said to end.")
@click.option("--patches", metavar="FILE", help="Write a line of JSON for each changed object: its operations.")
@click.option(
    "--fail-on",
    type=click.Choice(["never", "deprecated", "removed", "any"]),
    default="removed",
    help="What is left by hand makes exit code 1: errors alone (removed), warnings too (deprecated), or all.",
)
@config_option
@color_option
def command(inputs: tuple[str, ...], unsafe: bool, deprecated: bool, **settings: Any) -> int:
    """Apply the safe fixes for an upgrade to a trace, or to files and folders of manifests.

    What is left to do by hand goes to standard error. Manifests from standard input come out on standard output.
    """
    upgrade = read_upgrade(*(settings.pop(name) for name in ("source", "target", "components", "packs")))
    orders = Orders(inputs, **settings)
    orders.check()
    read = read_inputs(inputs)
    from skel.upgrade.migrating import repair

    program = repair(upgrade, unsafe=unsafe, deprecated=deprecated)
    if read.manifests is None and len(read.traces) == 1:
        return _trace(upgrade, program, read.traces[0], orders)
    if read.manifests is None or read.traces:
        raise click.UsageError("migrate one trace, or any number of manifests")
    from skel.cli.migrate_manifests import migrate_files

    return migrate_files(upgrade, program, read.manifests, orders)


@dataclass(frozen=True, slots=True)
class Orders:
    """What is to be done with the result."""

    inputs: tuple[str, ...]
    output: str | None
    in_place: bool
    write: bool
    diff: bool
    patches: str | None
    fail_on: str
    config: Config
    color: str

    def check(self) -> None:
        """Refuse what would lose data or makes no sense, before anything is read."""
        if self.in_place and self.output:
            raise click.UsageError("-o and --in-place exclude each other")
        if self.diff and (self.in_place or self.output or self.write):
            raise click.UsageError("--diff writes nothing: leave out -o, --in-place and --write")
        if self.in_place and self.inputs == ("-",):
            raise click.UsageError("standard input can't be changed in place; use -o")
        if self.output is not None and self.output == self.patches:
            raise click.UsageError("-o and --patches name the same file")
        for path in (self.output, self.patches):
            refuse_overwrite(path, self.inputs, "--in-place and --write change a file where it lies")

    def finish(self, changes: Changes, left: Findings) -> int:
        """Say what was repaired and what is left."""
        from skel.report.migration import migration_lines

        paint = painter(self.color, err=True)
        for line in migration_lines(changes.summary, paint):
            click.echo(line, err=True, color=paint.color)
        return Reporting(fail_on=self.fail_on, config=self.config, color=self.color).tell(left)


def _trace(upgrade: Upgrade, program: Program, trace: Trace, orders: Orders) -> int:
    from skel.upgrade.migrating import migrate_trace

    if orders.write:
        raise click.UsageError("--write changes manifests; a trace is written with -o or --in-place")
    with progress(len(trace.events)) as done:
        result = migrate_trace(upgrade, trace, repair=program, progress=done)
    if orders.patches:
        write_patches(orders.patches, result.changes)
    if orders.diff:
        _show_diff(result.changes, orders.color)
    target = orders.inputs[0] if orders.in_place else orders.output
    if target is not None:
        result.trace.save(target)
    elif not orders.diff and not orders.patches:
        click.echo("nothing was written: name an output with -o, or use --in-place", err=True)
    return orders.finish(result.changes, result.left)


def _show_diff(changes: Changes, color: str) -> None:
    from skel.report.diff import diff_lines

    paint = painter(color)
    for change in changes.objects():
        sys.stdout.writelines(f"{line}\n" for line in diff_lines(change, paint))
