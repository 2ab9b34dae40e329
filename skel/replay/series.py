"""Timelines of unknown length in bounded memory: when the buckets run out, they become wider."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

MOST = 480
"""Buckets that a timeline keeps, which is more than a chart shows well."""
WIDTHS = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10800, 21600, 43200, 86400)
"""Widths in seconds that people can read off a chart. Each divides the next, so that buckets never straddle bars."""


def wider(width: int) -> int:
    """The next width."""
    return next((known for known in WIDTHS if known > width), width * 2)


@dataclass(slots=True)
class Counts:
    """How often something was seen in each stretch of time."""

    width: int = WIDTHS[0]
    buckets: list[int] = field(default_factory=list)

    def add(self, time: float, count: int = 1) -> None:
        while (at := int(max(0.0, time) // self.width)) >= MOST:
            self.width, self.buckets = _widened(self.width, self.buckets, sum)
        if at >= len(self.buckets):
            self.buckets += [0] * (at + 1 - len(self.buckets))
        self.buckets[at] += count

    def spread(self, width: int, bars: int) -> tuple[int, ...]:
        """The counts in bars of another width, not smaller."""
        found = [0] * bars
        for number, count in enumerate(self.buckets):
            found[min(bars - 1, number * self.width // width)] += count
        return tuple(found)


@dataclass(slots=True)
class Level:
    """The highest level of something that goes up and down, in each stretch of time."""

    width: int = WIDTHS[0]
    buckets: list[int] = field(default_factory=list)
    now: int = 0

    def change(self, time: float, by: int) -> None:
        """It went up or down. Times must ascend, or nearly so."""
        while (at := int(max(0.0, time) // self.width)) >= MOST:
            self.width, self.buckets = _widened(self.width, self.buckets, max)
        if at >= len(self.buckets):
            self.buckets += [self.now] * (at + 1 - len(self.buckets))
        self.now += by
        self.buckets[at] = max(self.buckets[at], self.now)

    @property
    def peak(self) -> int:
        return max(self.buckets, default=0)

    def spread(self, width: int, bars: int) -> tuple[int, ...]:
        """The levels in bars of another width, not smaller; what lies behind the last change stays as it was left."""
        end = len(self.buckets) * self.width
        found = [0 if number * width < end else self.now for number in range(bars)]
        for number, level in enumerate(self.buckets):
            at = min(bars - 1, number * self.width // width)
            found[at] = max(found[at], level)
        return tuple(found)


def bar_width(seconds: float, widths: Iterable[int], most: int = 100) -> int:
    """How wide the bars of a chart are: not smaller than the buckets of its timelines."""
    width = max(widths, default=WIDTHS[0])
    while seconds / width > most:
        width = wider(width)
    return width


def _widened(width: int, buckets: list[int], joined: Callable[[list[int]], int]) -> tuple[int, list[int]]:
    """The next width, and the buckets of that."""
    new = wider(width)
    many = new // width
    return new, [joined(buckets[start : start + many]) for start in range(0, len(buckets), many)]
