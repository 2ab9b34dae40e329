from __future__ import annotations

import pytest

from skel.faults.work_queues import Work, work

_PAGE = """\
# TYPE workqueue_depth gauge
workqueue_depth{{name="replicaset"}} {depth}
workqueue_depth{{name="job"}} 0
workqueue_queue_duration_seconds_bucket{{name="replicaset",le="+Inf"}} {taken}
workqueue_queue_duration_seconds_count{{name="job"}} 2
workqueue_queue_duration_seconds_count{{name="replicaset"}} {taken}
workqueue_retries_total{{name="job"}} 3
workqueue_retries_total{{name="replicaset"}} 4
workqueue_work_duration_seconds_count{{name="job"}} 2
workqueue_work_duration_seconds_count{{name="replicaset"}} {done}
scheduler_pending_pods{{queue="active"}} {active}
scheduler_pending_pods{{queue="unschedulable"}} 7
"""


@pytest.mark.parametrize(
    ("depth", "taken", "done", "active", "has"),
    [
        ("0", "0", "0", "0", False),
        ("0", "1.234567e+06", "1.234567e+06", "0", False),
        ("1", "5", "5", "0", True),
        ("0", "6", "5", "0", True),
        ("0", "1.234568e+06", "1.234567e+06", "0", True),
        ("0", "5", "5", "3", True),
    ],
)
def test_what_waits_and_what_is_in_hand_is_work(depth: str, taken: str, done: str, active: str, *, has: bool) -> None:
    assert work(_PAGE.format(depth=depth, taken=taken, done=done, active=active)) == Work(has, 7)


def test_a_component_without_queues_has_none() -> None:
    assert work("# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 3\n") == Work()
