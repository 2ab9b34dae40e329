"""What a component has left to do, by what its metrics say of its work queues (client-go's, and the scheduler's)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

_WAITING = re.compile(
    r'^(?:workqueue_depth\{[^}]*\}|scheduler_pending_pods\{queue="active"\}) ([1-9]\S*)$', re.MULTILINE
)
_COUNTED = re.compile(
    r"^workqueue_(queue_duration_seconds_count|work_duration_seconds_count|retries_total)\{[^}]*\} (\S+)$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Work:
    """`is_there`: something waits in a queue, or a worker has not finished what it took. It may sleep before it tries
    again, and no other number shows that.

    `put_off` counts what was ever put back for later; what of it still waits, nobody says.
    """

    is_there: bool = False
    put_off: int = 0


def work(page: str) -> Work:
    """By a page of metrics; none where there are no queues."""
    counts: Counter[str] = Counter()
    for which, count in _COUNTED.findall(page):
        counts[which] += int(float(count))
    in_hand = counts["queue_duration_seconds_count"] > counts["work_duration_seconds_count"]
    return Work(in_hand or _WAITING.search(page) is not None, counts["retries_total"])
