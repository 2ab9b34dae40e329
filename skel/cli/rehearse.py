"""`skel rehearse`: the whole upgrade, tried out on a recorded history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from skel.cli.output import is_trace
from skel.cli.rehearse_faults import faults_chapter
from skel.cli.replay_history import read_history, refuse_nothing
from skel.cli.replay_live import driver_for
from skel.cli.replay_orders import speed, voice
from skel.cli.replay_target import Place
from skel.cli.run_reports import RunReporting, run_report_options
from skel.cli.upgrade_options import read_upgrade, upgrade_options

if TYPE_CHECKING:
    from skel.replay.rehearsal import Scene
    from skel.replay.rehearse import Order
    from skel.replay.running import Open
    from skel.upgrade.checking import Upgrade


@click.command()
@click.argument("inputs", nargs=-1)
@upgrade_options
@click.option("--on", "where", type=click.Choice(["dry", "local"]), default="dry", help="In process, or on real ones.")
@click.option(
    "--speed", callback=speed, default="60", metavar="FACTOR", help="Simulated seconds in one; a dry run never waits."
)
@click.option("--nodes", type=click.IntRange(1), default=10, metavar="N", help="Of what is started (default: 10).")
@click.option("--unsafe", is_flag=True, help="Apply also the fixes that a person should look at.")
@click.option("--faults", is_flag=True, help="At the end, disturb the workloads on both releases, on real ones.")
@click.option("--run-dir", metavar="DIR", help="Keep the records of the three runs here.")
@run_report_options
def command(inputs: tuple[str, ...], where: str, run_dir: str | None, reporting: RunReporting, **settings: Any) -> int:
    """Rehearse an upgrade on a recorded trace, or on files and folders of manifests.

    Checks and migrates, plays the original on the old release, the original and what was migrated on the new one, and
    compares. Exit code 0 if it is ready, 1 if not, 2 if nobody can say.
    """
    if not settings["source"]:
        raise click.UsageError("say which release runs now: --from RELEASE")
    reporting.check(inputs)
    factor, nodes, unsafe, faults = (settings.pop(name) for name in ("speed", "nodes", "unsafe", "faults"))
    if faults and (len(inputs) != 1 or not is_trace(inputs[0])):
        raise click.UsageError("--faults needs a trace: it disturbs what is recorded there")
    upgrade = read_upgrade(**settings)
    _refuse_releases(upgrade, "local" if faults else where)
    options = _options(**settings)
    said = voice()
    with _folder(run_dir) as folder:
        scene = _scene(inputs, upgrade, where, options, unsafe=unsafe)
        order = _order(inputs, scene, upgrade, folder, reporting)
        from skel.replay.rehearse import rehearse
        from skel.replay.staging import staged

        def stage(release: str) -> AbstractContextManager[Open]:
            return Place(where=f"{where}:{release}", nodes=nodes).opened(said.tell, fresh=True)

        pace = factor if where == "local" else None
        play = staged(
            stage, order.scene, speed=pace, drive=lambda plan, target, kept: driver_for(plan, target, kept, said)
        )
        found = rehearse(order, play, said.tell)
        reporting.write(found)
    if faults:
        err = reporting.output != "text" or reporting.output_file is not None
        way = upgrade.kubernetes
        disturbed = faults_chapter(inputs[0], way.source, way.target, err=err, color=reporting.color)
        return max(found.exit_code, disturbed)
    return found.exit_code


def _refuse_releases(upgrade: Upgrade, where: str) -> None:
    """Say before the first run that the last one can't be had."""
    for release in (upgrade.kubernetes.source, upgrade.kubernetes.target):
        Place(where=f"{where}:{release}").check()


def _options(components: tuple[str, ...], packs: tuple[str, ...], **_: Any) -> tuple[str, ...]:
    """What chose the rules, for the commands that the report names."""
    said = (("--component", components), ("--pack", packs))
    return tuple(word for option, values in said for value in values for word in (option, value))


def _scene(inputs: tuple[str, ...], upgrade: Upgrade, where: str, options: tuple[str, ...], *, unsafe: bool) -> Scene:
    from skel import __version__
    from skel.replay.rehearsal import Scene
    from skel.storage.place import recorded

    way = upgrade.kubernetes
    return Scene(tuple(map(recorded, inputs)), way.source, way.target, where, unsafe, tool=__version__, options=options)


def _order(inputs: tuple[str, ...], scene: Scene, upgrade: Upgrade, folder: Path, reporting: RunReporting) -> Order:
    from skel.replay.rehearse import Order
    from skel.upgrade.manifests import in_files

    tolerance = reporting.tolerances()
    history = read_history(inputs, "rehearse")
    refuse_nothing(history.trace, f"there is nothing to rehearse: no objects of a cluster in {', '.join(scene.inputs)}")
    if history.manifests is None:
        return Order(history.trace, upgrade, scene, folder, tolerance)
    scene = replace(scene, manifests=True)
    return Order(history.trace, upgrade, scene, folder, tolerance, locate=in_files(history.manifests), every=True)


@contextmanager
def _folder(run_dir: str | None) -> Iterator[Path]:
    """Where the runs are written: kept, or gone at the end."""
    if run_dir is not None:
        yield Path(run_dir)
        return
    with TemporaryDirectory(prefix="skel-rehearsal-") as name:
        yield Path(name)
