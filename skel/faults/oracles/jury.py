"""The oracles of a run together: fed with revisions, they answer with violations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from skel.faults.model import Revision, Violation
from skel.faults.oracles.oracle import Broken, Oracle
from skel.faults.oracles.state import State


class Jury:
    """Judges one run. `violations` has the first of each oracle and object; later ones say nothing new."""

    def __init__(self, oracles: Sequence[Oracle]) -> None:
        self.oracles = tuple(oracles)
        self.state = State()
        self.violations: list[Violation] = []
        self._seen: set[tuple[str, str]] = set()

    @property
    def patience(self) -> float:
        """Virtual seconds after all faults were lifted in which `unsettled` may be asked again."""
        return max((oracle.patience for oracle in self.oracles), default=0.0)

    def see(self, revision: Revision) -> tuple[Violation, ...]:
        """What this revision breaks and none before it did."""
        change = self.state.take(revision)
        broken = [(oracle, it) for oracle in self.oracles for it in oracle.see(change, self.state)]
        return self._new(broken, revision.number)

    def unsettled(self) -> tuple[str, ...]:
        """What does not hold yet at rest, without remembering it."""
        return tuple(f"{oracle.name}: {it.message}" for oracle, it in self._at_rest())

    def end(self) -> tuple[Violation, ...]:
        """What does not hold in the end. Asked once, when all faults are lifted and patience is over."""
        return self._new(self._at_rest(), 0)

    def _at_rest(self) -> Iterator[tuple[Oracle, Broken]]:
        return ((oracle, it) for oracle in self.oracles for it in oracle.end(self.state))

    def _new(self, broken: Iterable[tuple[Oracle, Broken]], number: int) -> tuple[Violation, ...]:
        found = []
        for oracle, it in broken:
            name = self.state.name(it.object)
            if (oracle.name, name) not in self._seen:
                self._seen.add((oracle.name, name))
                found.append(Violation(oracle.name, it.message, name, number, self.state.step))
        self.violations += found
        return tuple(found)


def judge(oracles: Sequence[Oracle], revisions: Iterable[Revision]) -> tuple[Violation, ...]:
    """The violations of a stored history."""
    jury = Jury(oracles)
    for revision in sorted(revisions, key=lambda it: it.number):
        jury.see(revision)
    jury.end()
    return tuple(jury.violations)
