"""How much happened when, as a chart of blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_EIGHTHS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Axis:
    """Time on a line of columns: from `start` to `end`, in Unix seconds, both included."""

    start: int
    end: int
    columns: int

    def column(self, time: int) -> int:
        """Where a time stands; before the start is the first column, after the end the last."""
        span = max(1, self.end - self.start + 1)
        return min(max((time - self.start) * self.columns // span, 0), self.columns - 1)

    def time(self, column: int) -> int:
        """The first second of a column."""
        span = max(1, self.end - self.start + 1)
        return self.start + -(-column * span // self.columns)


def counts(axis: Axis, times: Iterable[int]) -> list[int]:
    """How many of the times stand in each column."""
    bars = [0] * axis.columns
    for time in times:
        bars[axis.column(time)] += 1
    return bars


def chart(bars: Sequence[int], height: int) -> list[str]:
    """Lines from top to bottom. The highest bar is as high as the chart; anything at all is seen."""
    most = max(bars, default=0)
    eighths = [0 if not bar else max(1, round(bar / most * height * 8)) for bar in bars]
    return ["".join(_EIGHTHS[min(8, max(0, bar - level * 8))] for bar in eighths) for level in reversed(range(height))]
