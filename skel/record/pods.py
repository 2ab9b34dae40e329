"""How long a pod lived, as its status tells.

It began when its first container began, and ended when the last one ended and none will begin again. A pod that is
deleted before it has ended ends then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from skel.patch.values import Json
from skel.record.entries import RUNNING

_STATUSES = ("initContainerStatuses", "containerStatuses")
_OVER = frozenset({"Succeeded", "Failed"})


@dataclass(slots=True)
class Life:
    """The life of a pod so far, in Unix seconds. `spec` is the hash of the stable part of its spec."""

    kind: str
    owner: str
    spec: int
    start: int
    end: int = RUNNING


def span(pod: Mapping[str, Json], at: int) -> tuple[int, int] | None:
    """Start and end of a pod; the end of one that runs is RUNNING. None for one that never began.

    `at` stands for an end that is not told.
    """
    states = list(_states(pod))
    starts = [time for state in states if (time := _time(state, "startedAt")) is not None]
    if not starts:
        return None
    start = min(starts)
    if _map(pod.get("status")).get("phase") not in _OVER:
        return start, RUNNING
    ends = [time for state in states if (time := _time(state, "finishedAt")) is not None]
    return start, max(start, *ends) if ends else max(start, at)


def _states(pod: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """What runs or has ended in the pod, containers that were begun again included."""
    status = _map(pod.get("status"))
    for key in _STATUSES:
        rows = status.get(key)
        for row in rows if isinstance(rows, list) else ():
            for moment in ("state", "lastState"):
                told = _map(_map(row).get(moment))
                yield from (_map(told[word]) for word in ("running", "terminated") if word in told)


def _map(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _time(state: Mapping[str, Json], key: str) -> int | None:
    text = state.get(key)
    if not isinstance(text, str):
        return None
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        return None
