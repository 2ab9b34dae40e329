"""The time of a recording: Unix seconds that never go back, whatever becomes of the clock of the machine."""

from __future__ import annotations

import time
from collections.abc import Callable

_AHEAD = 1.0
"""Seconds that the clock of the machine must be ahead before the recording follows it."""


class SteadyClock:
    """Goes on evenly from where it was begun. It follows a clock that is set forward, and none that is set back."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self.monotonic = monotonic
        """Seconds since some fixed moment."""
        self._anchor = wall() - monotonic()

    def now(self) -> float:
        """Unix time in seconds."""
        wall, steady = self._wall(), self._anchor + self.monotonic()
        if wall - steady > _AHEAD:
            self._anchor = wall - self.monotonic()
            return wall
        return steady

    def not_before(self, seconds: float) -> None:
        """Go on from this Unix time if the clock of the machine says that it is earlier."""
        self._anchor = max(self._anchor, seconds - self.monotonic())

    @property
    def ahead(self) -> float:
        """Seconds by which a recording is ahead of the clock of the machine, since that was set back."""
        return max(0.0, self._anchor + self.monotonic() - self._wall())
