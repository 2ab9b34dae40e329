"""The repair: the fixes of the rules, applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from skel.engine.change import Changes
from skel.engine.events import Progress
from skel.findings.model import Findings
from skel.packs.manifest import Pack
from skel.program import Program
from skel.trace.model import Trace
from skel.upgrade.checking import Upgrade, check_trace, prepare
from skel.upgrade.places import Locate
from skel.upgrade.selection import applicable, compile_rules


@dataclass(frozen=True, slots=True)
class Migration:
    """The trace after the migration, what was changed, and what is left to do by hand."""

    trace: Trace
    changes: Changes
    left: Findings


def migrate(
    trace: Trace,
    *,
    source: str | None = None,
    target: str | None = None,
    packs: Sequence[Pack] | None = None,
    unsafe: bool = False,
    deprecated: bool = False,
) -> Migration:
    """Apply the safe fixes for an upgrade; with `unsafe` the others as well, with `deprecated` also those of what is
    only announced to break.

    Raises as `check` does, and TraceError where a rule has no one answer for an object.
    """
    upgrade = prepare(source, target, packs=packs)
    return migrate_trace(upgrade, trace, repair=repair(upgrade, unsafe=unsafe, deprecated=deprecated))


def repair(upgrade: Upgrade, *, unsafe: bool = False, deprecated: bool = False) -> Program:
    """The program that a migration runs."""
    chosen = applicable(upgrade.rules.by_number, unsafe=unsafe, deprecated=deprecated)
    return compile_rules(chosen, upgrade.routes).program


def migrate_trace(
    upgrade: Upgrade,
    trace: Trace,
    *,
    repair: Program,
    locate: Locate | None = None,
    every: bool = False,
    progress: Progress | None = None,
) -> Migration:
    """Run the repair on one trace and check what came out."""
    after, changes = repair.apply(trace, progress=progress)
    left = check_trace(upgrade, after, locate=locate, every=every)
    return Migration(after, changes, replace(left, tool="migrate"))
