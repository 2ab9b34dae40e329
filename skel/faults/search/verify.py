"""Whether a scenario fails, told by running it: once is an accident, k of k is a fact."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from skel.faults.model import Report, Scenario, Verdict

Trial = Callable[[Scenario], Awaitable[Report]]
"""Runs a scenario once, in a fresh namespace."""


class BudgetSpent(Exception):
    """No trial is left."""


@dataclass(slots=True)
class Check:
    """Asks whether scenarios break one oracle, `times` of `times`; the first run that does not answers with no.

    `left` trials remain, `used` were run; what is `known` is not asked again.
    """

    trial: Trial
    oracle: str
    times: int
    left: int
    used: int = 0
    known: list[tuple[Scenario, bool]] = field(default_factory=list)

    async def fails(self, scenario: Scenario) -> bool:
        """Whether it fails. Raises BudgetSpent."""
        for seen, answer in self.known:
            if seen.steps == scenario.steps and seen.setup == scenario.setup:
                return answer
        answer = await self._ask(scenario)
        self.known.append((scenario, answer))
        return answer

    async def _ask(self, scenario: Scenario) -> bool:
        for _ in range(self.times):
            if self.left <= 0:
                raise BudgetSpent
            self.left -= 1
            self.used += 1
            if not breaks(await self.trial(scenario), self.oracle):
                return False
        return True


def breaks(report: Report, oracle: str) -> bool:
    return report.verdict is Verdict.VIOLATED and any(it.oracle == oracle for it in report.violations)
