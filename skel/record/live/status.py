"""How a recording goes: figures for whoever looks, on a terminal or by HTTP."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from skel.record.live.feed import Feed
from skel.record.recording import Counts

_WINDOW = 10.0
"""Seconds over which the rate is counted."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One moment. Times are in Unix seconds; `rate` is events a second, `lag` seconds that the oldest news waits."""

    started: float
    now: float
    objects: int
    pods: int
    counts: Counts
    rate: float
    lag: float
    waiting: int
    journal_bytes: int
    unwritten: float
    is_ready: bool
    away: tuple[str, ...]
    problems: tuple[str, ...]
    written: int
    feeds: int
    clock_ahead: float


@dataclass(slots=True)
class Gauge:
    """Counts what comes and when, for a rate and a lag."""

    monotonic: Callable[[], float]
    lag: float = 0.0
    _marks: deque[tuple[float, int]] = field(default_factory=deque)

    def mark(self, total: int) -> None:
        """So many events until now."""
        now = self.monotonic()
        self._marks.append((now, total))
        while now - self._marks[0][0] > _WINDOW:
            self._marks.popleft()

    @property
    def rate(self) -> float:
        """Events a second, of the last seconds."""
        if len(self._marks) < 2:
            return 0.0
        (began, first), (ended, last) = self._marks[0], self._marks[-1]
        return (last - first) / (ended - began) if ended > began else 0.0


def problems_of(feeds: Iterable[Feed]) -> tuple[str, ...]:
    """What is wrong with feeds, each sentence once."""
    return tuple(dict.fromkeys(feed.problem for feed in feeds if feed.problem))
