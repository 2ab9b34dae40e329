"""The account of one run: its figures, and what was not accepted."""

from __future__ import annotations

from dataclasses import dataclass

from skel.replay.observed import Observed, RequestFigures, observe
from skel.replay.outcomes import Group, Outcomes
from skel.replay.run_reading import Run


@dataclass(frozen=True, slots=True)
class Account:
    """`refused` are the requests that were not accepted, by what the server said."""

    observed: Observed
    refused: tuple[Group, ...]
    dropped: int = 0
    """Refused requests that no group names, because there are too many kinds of refusal."""

    @property
    def exit_code(self) -> int:
        """0 all accepted (or nobody knows), 1 something was rejected, 2 the run broke off."""
        if not self.observed.run.header.is_complete:
            return 2
        return 1 if self.observed.requests.verdicts["rejected"] else 0


def account(run: Run) -> Account:
    """Read a run once."""
    figures, outcomes = RequestFigures(), Outcomes(0)
    for line in figures.watch(run.requests()):
        outcomes.alone(line)
    return Account(observe(run, figures), outcomes.groups(), outcomes.dropped)
