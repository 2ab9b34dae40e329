"""Runs side by side: a column for each release and each setting of the gates, and what is different between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from skel.faults.history import Identical, identical
from skel.faults.model import Expectation, Moment, Report, Verdict

_WORST = (Verdict.DIED, Verdict.VIOLATED, Verdict.NEVER_TRIGGERED, Verdict.PASSED)


@dataclass(frozen=True, slots=True)
class Column:
    """All runs of one scenario on one release with the same gates; there is at least one."""

    reports: tuple[Report, ...]

    @property
    def first(self) -> Report:
        return self.reports[0]

    @property
    def shown(self) -> Report:
        """The run that a report tells: one with the verdict of the column, and the history that most have."""
        fitting = [it for it in self.reports if it.verdict is self.verdict]
        return next((it for it in fitting if it.sha256 == self.identical.sha256), fitting[0])

    @property
    def title(self) -> str:
        """`1.36.3 StaleController...=on`."""
        gates = " ".join(f"{name}={'on' if on else 'off'}" for name, on in sorted(self.first.gates.items()))
        return f"{self.first.kubernetes} {gates}".strip()

    @property
    def verdict(self) -> Verdict:
        """The worst of its runs."""
        return min((report.verdict for report in self.reports), key=_WORST.index)

    @property
    def identical(self) -> Identical:
        return identical(self.reports)

    @property
    def expected(self) -> Expectation | None:
        """What the scenario says of such a run."""
        return next((it for it in self.first.scenario.expect if fits(it, self.first)), None)

    @property
    def is_as_expected(self) -> bool:
        """True also where nothing is expected."""
        it = self.expected
        return it is None or all(meets(report, it) for report in self.reports)


def fits(it: Expectation, report: Report) -> bool:
    """Whether an expectation speaks of a run: `1.24` of any 1.24.x; gates that it does not name may be anything."""
    release = not it.kubernetes or f"{report.kubernetes}.".startswith(f"{it.kubernetes}.")
    return release and all(report.gates.get(name) is on for name, on in it.gates.items())


def meets(report: Report, it: Expectation) -> bool:
    broken = {violation.oracle for violation in report.violations}
    return report.verdict is it.verdict and (not it.oracle or it.oracle in broken)


def columns(reports: Iterable[Report]) -> tuple[Column, ...]:
    """The runs by release and gates, in the order in which these came."""
    found: dict[tuple[str, tuple[tuple[str, bool], ...]], list[Report]] = {}
    for report in reports:
        found.setdefault((report.kubernetes, tuple(sorted(report.gates.items()))), []).append(report)
    return tuple(Column(tuple(runs)) for runs in found.values())


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where the histories of two columns part: the first moment that is not the same."""

    before: Column
    after: Column
    left: Moment | None
    right: Moment | None


def divergences(found: Sequence[Column]) -> tuple[Divergence, ...]:
    """Each column against the first: the differential oracle."""
    return tuple(parts for other in found[1:] if (parts := _diverge(found[0], other)))


def _diverge(before: Column, after: Column) -> Divergence | None:
    for left, right in zip_longest(before.first.moments, after.first.moments):
        if left != right:
            return Divergence(before, after, left, right)
    return None


def exit_code(found: Iterable[Column]) -> int:
    """0 if all passed, 1 if something is violated or a component died, 2 if a scenario never triggered."""
    verdicts = {column.verdict for column in found}
    if Verdict.NEVER_TRIGGERED in verdicts:
        return 2
    return int(bool(verdicts - {Verdict.PASSED}))
