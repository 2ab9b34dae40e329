"""Durations as Go writes them: `1h30m`, `500ms`, `-1.5s` (package time, `ParseDuration`)."""

from __future__ import annotations

import re
from decimal import Decimal
from types import MappingProxyType

_PART = re.compile(r"([0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(ns|us|\u00b5s|\u03bcs|ms|s|m|h)", re.ASCII)
_WHOLE = re.compile(rf"[+-]?(?:0|(?:{_PART.pattern}){{1,20}})", re.ASCII)
_SECONDS = MappingProxyType(
    {
        "ns": Decimal("1e-9"),
        "us": Decimal("1e-6"),
        "\u00b5s": Decimal("1e-6"),  # the micro sign
        "\u03bcs": Decimal("1e-6"),  # the Greek letter mu
        "ms": Decimal("1e-3"),
        "s": Decimal(1),
        "m": Decimal(60),
        "h": Decimal(3600),
    }
)


def parse_duration(text: str) -> float | None:
    """Seconds, or None if the text is no duration. A bare number is none, but for `0`."""
    if not _WHOLE.fullmatch(text):
        return None
    # Summed in decimal: 0.1s and 0.2s make 0.3 seconds.
    total = sum((Decimal(number) * _SECONDS[unit] for number, unit in _PART.findall(text)), Decimal(0))
    return float(-total if text.startswith("-") else total)
