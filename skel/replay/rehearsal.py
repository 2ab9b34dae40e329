"""What a rehearsal found, and what follows from it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from skel.findings.model import Finding, Findings
from skel.findings.severity import Safety, Severity
from skel.replay.compare import Comparison
from skel.replay.failing import Failing
from skel.replay.outcomes import Group, Turn
from skel.replay.repair import migrate_command
from skel.replay.tolerances import Compared, Judgement
from skel.upgrade.migrating import Migration


class Readiness(StrEnum):
    READY = "ready"
    NOT_READY = "not ready"
    UNDECIDED = "undecided"
    """Nothing speaks against it, but not everything could be looked at."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What was asked for. `inputs` as the user named them, `on` is where it was played: dry or local; `tool` is the
    version of this program, `options` what else chose the rules (`--pack`, `--component`).
    """

    inputs: tuple[str, ...]
    source: str
    target: str
    on: str = "dry"
    unsafe: bool = False
    manifests: bool = False
    tool: str = ""
    options: tuple[str, ...] = ()

    @property
    def is_dry(self) -> bool:
        return self.on == "dry"

    def rehearse(self, *, on: str = "", unsafe: bool | None = None) -> str:
        """The command line of such a rehearsal."""
        where = on or self.on
        extra = ["--on", where] if where != "dry" else []
        extra += ["--unsafe"] if (self.unsafe if unsafe is None else unsafe) else []
        return shlex.join(["skel", "rehearse", *self._way(), *extra])

    def check(self) -> str:
        """The command that tells what breaks."""
        return shlex.join(["skel", "check", *self._way(), "--fail-on", "removed"])

    def migrate(self) -> str:
        """The command that writes the migration that was rehearsed."""
        options = ("--from", self.source, *self.options)
        return migrate_command(self.inputs, self.target, manifests=self.manifests, unsafe=self.unsafe, options=options)

    def _way(self) -> list[str]:
        return [*self.inputs, "--from", self.source, "--to", self.target, *self.options]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """`as_recorded` compares the original on both releases; `comparison` the original on the old release with the
    migrated history on the new one, which is what counts.
    """

    scene: Scene
    findings: Findings
    migration: Migration
    failing: tuple[Failing, ...]
    as_recorded: Comparison
    comparison: Comparison

    @property
    def still_rejected(self) -> tuple[Group, ...]:
        return tuple(group for group in self.comparison.turned if group.turn is Turn.REJECTED)

    @property
    def by_hand(self) -> tuple[Finding, ...]:
        """What breaks and was not repaired."""
        return tuple(finding for finding in self.migration.left if finding.severity is Severity.ERROR)

    @property
    def worse(self) -> tuple[Compared, ...]:
        """Figures that got worse beyond the tolerance. A warning of the server is told, and stops nobody."""
        return tuple(
            found
            for found in self.comparison.differences
            if found.judgement is Judgement.WORSE and found.measure.group != "warnings"
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why not, a sentence each; empty if nothing speaks against it."""
        return tuple(_reasons(self))

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader must know to trust the verdict."""
        return tuple(_caveats(self))

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be looked at."""
        told = [f"{problem.location}: {problem.message}" for problem in self.findings.problems if problem.is_error]
        return tuple(dict.fromkeys((*told, *self.as_recorded.problems, *self.comparison.problems)))

    @property
    def readiness(self) -> Readiness:
        if self.reasons:
            return Readiness.NOT_READY
        return Readiness.UNDECIDED if self.problems else Readiness.READY

    @property
    def exit_code(self) -> int:
        """0 ready, 1 not ready, 2 nobody can say."""
        return {Readiness.READY: 0, Readiness.NOT_READY: 1, Readiness.UNDECIDED: 2}[self.readiness]

    @property
    def next_steps(self) -> tuple[tuple[str, str], ...]:
        """What to do now: a sentence and its command."""
        return tuple(_next_steps(self))

    @property
    def would_unsafe_help(self) -> bool:
        """Whether something is left that has a fix which a person should look at first."""
        fixes = [finding.fix for finding in self.by_hand if finding.fix is not None]
        return not self.scene.unsafe and any(fix.safety is Safety.UNSAFE for fix in fixes)


def _reasons(found: Rehearsal) -> Iterator[str]:
    target = found.scene.target
    rejected = sum(group.requests for group in found.still_rejected)
    if rejected:
        kinds = ", ".join(dict.fromkeys(f"{group.kind} {group.api_version}" for group in found.still_rejected))
        yield f"{target} rejects {plural(rejected, 'request')} also after the migration: {kinds}"
    if found.by_hand:
        rules = ", ".join(dict.fromkeys(finding.code for finding in found.by_hand))
        yield f"{plural(len(found.by_hand), 'error')} of the check must be repaired by hand: {rules}"
    for one in found.worse:
        measure = one.measure
        yield f"worse on {target}: {measure.group}, {measure.title}: {band(one.before)} before, {band(one.after)} now"


def _caveats(found: Rehearsal) -> Iterator[str]:
    scene = found.scene
    if scene.is_dry:
        yield "a dry replay knows no controllers, scheduler or admission: whether pods start is not known"
    elif not all(seen.pods for seen in found.comparison.runs):
        yield "pods were not observed: whether they start is not known"
    elif not any(seen.pods.seen for seen in found.comparison.runs if seen.pods):
        yield (
            "no pod came on either release: whether they start is not known; a CronJob goes by the cluster's clock, "
            "and may need a lower --speed"
        )
    unknown = [seen.requests.verdicts["unknown"] for seen in found.comparison.after]
    if any(unknown):
        yield f"of {plural(sum(unknown), 'request')} nobody knows without a real server what {scene.target} would say"
    if found.comparison.rejected_in_both:
        count = plural(found.comparison.rejected_in_both, "request")
        yield f"{count} {'is' if count.startswith('1 ') else 'are'} rejected by {scene.source} as well"
    missed = sum(entry.count for entry in found.findings.not_checked)
    if missed:
        yield f"{plural(missed, 'object')} of kinds that no rule knows"
    gone = sum(group.requests for group in found.comparison.turned if group.turn is Turn.MISSING)
    if gone:
        yield f"{plural(gone, 'request')} of the original {'is' if gone == 1 else 'are'} not in the migrated history"


def _next_steps(found: Rehearsal) -> Iterator[tuple[str, str]]:
    scene = found.scene
    if found.would_unsafe_help:
        yield "rehearse the fixes that a person should look at", scene.rehearse(unsafe=True)
    if found.by_hand or found.still_rejected:
        yield "see what is left", scene.check()
    if found.readiness is Readiness.READY and found.migration.changes:
        yield "write the migration", scene.migrate()
    if found.readiness is Readiness.READY and scene.is_dry:
        yield "the same with real control planes", scene.rehearse(on="local")


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def band(values: tuple[float, ...]) -> str:
    """`3`, or `3 to 5` where runs differ."""
    low, high = min(values), max(values)
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
