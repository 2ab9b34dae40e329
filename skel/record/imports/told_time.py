"""When a state was seen, as the objects in it tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from skel.patch.values import Json

_PAST = frozenset(
    {
        "creationTimestamp",
        "time",
        "lastTransitionTime",
        "lastUpdateTime",
        "lastHeartbeatTime",
        "lastScheduleTime",
        "startTime",
        "completionTime",
        "startedAt",
        "finishedAt",
    }
)
"""Fields of metadata and status that hold times that were over when they were written."""


def newest_time(thing: Mapping[str, Json]) -> int:
    """The newest time in Unix seconds that an object tells, 0 if it tells none."""
    told = (_seconds(text) for part in ("metadata", "status") for text in _times(thing.get(part)))
    return max(told, default=0)


def _times(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str):
                if key in _PAST:
                    yield inner
            elif key != "fieldsV1":
                yield from _times(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _times(item)


def _seconds(text: str) -> int:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return 0
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
