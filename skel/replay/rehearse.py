"""The whole way of an upgrade, tried out: check, migrate, replay on the old and the new release, compare.

This is pure orchestration: where a history is played is given, so that tests bring their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from skel.replay.compare import Comparison, compare
from skel.replay.failing import failing
from skel.replay.rehearsal import Rehearsal, Scene
from skel.replay.run_reading import Run, open_run
from skel.replay.tolerances import Tolerance
from skel.trace.model import Trace
from skel.upgrade.checking import Upgrade, check_trace
from skel.upgrade.migrating import Migration, migrate_trace, repair
from skel.upgrade.places import Locate

ORIGINAL, NEW, MIGRATED = "original", "original-on-new", "migrated"
"""The folders of the three runs."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the runs: which trace is played on which release, and the folder that the run is written to."""

    title: str
    trace: Trace
    release: str
    folder: Path
    is_migrated: bool = False


Play = Callable[[Part], None]
"""Replays a part into its folder. What the target rejects is written there, and no error."""
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be rehearsed. `scene` is what a reader must know of it; `folder` takes the runs.

    `locate` and `every` as for a check: an object that stands in two manifests is two objects.
    """

    trace: Trace
    upgrade: Upgrade
    scene: Scene
    folder: Path
    tolerance: Sequence[Tolerance] | None = None
    locate: Locate | None = None
    every: bool = False


def rehearse(order: Order, play: Play, tell: Tell = lambda _: None) -> Rehearsal:
    """Go the whole way. `tell` hears what is being done. Raises what `play` raises, and BadRunError."""
    scene = order.scene
    tell(f"checking for {scene.target}")
    findings = check_trace(order.upgrade, order.trace, locate=order.locate, every=order.every)
    tell("migrating")
    program = repair(order.upgrade, unsafe=scene.unsafe)
    migration = migrate_trace(order.upgrade, order.trace, repair=program, locate=order.locate, every=order.every)
    old, new, migrated = _play(order, migration, play, tell)
    tell("comparing")
    return Rehearsal(
        scene=scene,
        findings=findings,
        migration=migration,
        failing=failing(old, new, migrated, findings),
        as_recorded=compare([old], [new], tolerance=order.tolerance),
        comparison=_compared(old, migrated, order),
    )


def _compared(old: Run, migrated: Run, order: Order) -> Comparison:
    return compare([old], [migrated], tolerance=order.tolerance)


def _play(order: Order, migration: Migration, play: Play, tell: Tell) -> tuple[Run, Run, Run]:
    """The runs one after the other: beside each other they would take each other's time."""
    source, target = order.scene.source, order.scene.target
    parts = [
        Part(f"original on {source}", order.trace, source, order.folder / ORIGINAL),
        Part(f"original on {target}", order.trace, target, order.folder / NEW),
    ]
    if migration.changes:
        parts.append(Part(f"migrated on {target}", migration.trace, target, order.folder / MIGRATED, is_migrated=True))
    runs = []
    for part in parts:
        tell(f"replaying the {part.title}")
        play(part)
        runs.append(open_run(part.folder, part.title))
    # A migration that changes nothing needs no run of its own.
    return runs[0], runs[1], runs[-1]
