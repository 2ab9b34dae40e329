"""Times for people."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(timestamp: int) -> str:
    """Unix seconds as UTC time; the number itself where no calendar reaches."""
    try:
        return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError, ValueError):
        return str(timestamp)
