"""A moment of a trace as people write it: `10m` after its start, `-30m` before its end, a date, or Unix seconds."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from skel.kube.duration import parse_duration
from skel.trace.errors import TraceError

_FIRST_UNIX_TIME = 10**8
"""A bare number below is no date after 1973; it is refused, for it could be seconds or minutes as well."""


_DAYS = re.compile(r"(?P<sign>[+-]?)(?P<days>[0-9]{1,9})d(?P<rest>[^+-].*|)", re.ASCII)


class Origin(Enum):
    """What the seconds count from."""

    START = "start"
    END = "end"
    EPOCH = "epoch"


@dataclass(frozen=True, slots=True)
class Instant:
    """`seconds` after its origin; those before the end are negative."""

    seconds: float
    origin: Origin

    @classmethod
    def parse(cls, text: str) -> Instant:
        """Raises TraceError, with the forms there are."""
        seconds = parse_length(text)
        if seconds is not None:
            return cls(seconds, Origin.END if text.startswith("-") else Origin.START)
        if text.isascii() and text.isdigit() and int(text) >= _FIRST_UNIX_TIME:
            return cls(int(text), Origin.EPOCH)
        return cls(_date(text), Origin.EPOCH)

    def at(self, start: int, end: int) -> int:
        """Unix seconds in a trace of that span, rounded down: events have whole seconds."""
        match self.origin:
            case Origin.START:
                return math.floor(start + self.seconds)
            case Origin.END:
                return math.floor(end + self.seconds)
            case Origin.EPOCH:
                return math.floor(self.seconds)


def parse_length(text: str) -> float | None:
    """Seconds, or None if it is no length of time: a duration of Go, or days (`2d`), or both (`1d12h`)."""
    match = _DAYS.fullmatch(text)
    if match is None:
        return parse_duration(text)
    rest = parse_duration(match["rest"] or "0")
    if rest is None:
        return None
    seconds = int(match["days"]) * 86_400 + rest
    return -seconds if match["sign"] == "-" else seconds


def _date(text: str) -> float:
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        raise TraceError(
            f"{text!r} is no time",
            "write 10m, 1h30m or 2d after the start, -30m before the end, or 2025-01-01T10:00:00Z",
        ) from None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
