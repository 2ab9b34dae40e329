"""`skel migrate`: apply the fixes for an upgrade."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skel.cli.config import Config
from skel.cli.findings_options import Reporting, config_option
from skel.cli.options import color_option, painter
from skel.cli.output import refuse_overwrite, show_diff, write_patches, write_text
from skel.cli.progress import progress
from skel.cli.upgrade_options import Inputs, read_inputs, read_upgrade, upgrade_options

if TYPE_CHECKING:
    from skel.engine.change import Changes
    from skel.findings.model import Findings
    from skel.manifests.files import PatchedFile
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
    return _manifests(upgrade, program, read, orders)


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
        show_diff(result.changes, painter(orders.color))
    target = orders.inputs[0] if orders.in_place else orders.output
    if target is not None:
        result.trace.save(target)
    elif not orders.diff and not orders.patches:
        click.echo("nothing was written: name an output with -o, or use --in-place", err=True)
    return orders.finish(result.changes, result.left)


def _manifests(upgrade: Upgrade, program: Program, read: Inputs, orders: Orders) -> int:
    from skel.report.migration import file_diff
    from skel.upgrade.manifests import migrate_manifests

    if orders.in_place:
        raise click.UsageError("--in-place is for a trace; --write changes files of manifests")
    assert read.manifests is not None
    result = migrate_manifests(upgrade, read.manifests, read.named, repair=program)
    if orders.patches:
        write_patches(orders.patches, result.changes)
    paint = painter(orders.color)
    for file in result.files if orders.diff else ():
        sys.stdout.writelines(f"{line}\n" for line in file_diff(file, paint))
    _write(result.files, read, orders)
    return orders.finish(result.changes, result.left)


def _write(files: tuple[PatchedFile, ...], read: Inputs, orders: Orders) -> None:
    """Write what is to be written; what came from standard input goes to standard output, changed or not."""
    if orders.write:
        _save([file for file in files if file.is_changed and not file.source.is_stream])
    is_one = len(orders.inputs) == 1
    if orders.output is not None and not is_one:
        raise click.UsageError("-o is for one file of manifests; --write changes many where they lie")
    if not orders.diff and (orders.output is not None or "-" in orders.inputs):
        done = next((file for file in files if is_one or file.source.is_stream), None)
        data = done.before.encode(done.after) if done else _original(read, orders)
        write_text(orders.output or "-", lambda out: out.writelines([data]))
    elif not (orders.diff or orders.write or orders.patches):
        click.echo("nothing was written: --write changes the files, --diff shows how", err=True)


def _save(files: list[PatchedFile]) -> None:
    """Each file whole or not at all; if it ends before the last one, say how far it came."""
    from skel.trace.errors import TraceError

    for number, file in enumerate(files):
        try:
            file.save()
        except (KeyboardInterrupt, SystemExit, TraceError):
            if number:
                click.echo(f"{number} of {len(files)} files are changed; the same command does the rest", err=True)
            raise


def _original(read: Inputs, orders: Orders) -> bytes:
    """What came in, for a run that changes nothing."""
    return read.stdin if "-" in orders.inputs else Path(orders.inputs[0]).read_bytes()
