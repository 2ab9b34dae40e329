"""A small trace for the tests of the command line: one cluster, three moments, a deleted object."""

from __future__ import annotations

from typing import Any

from skel.trace.codec import Event, encode_object
from skel.trace.model import Trace

START = 1_700_000_000


def deployment(replicas: int, image: str = "nginx:1.20") -> dict[str, Any]:
    pod = {"containers": [{"name": "web", "image": image}, {"name": "log", "image": "fluent:1"}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": {"app.kubernetes.io/name": "web"}},
        "spec": {"replicas": replicas, "template": {"spec": pod}},
        "status": {"readyReplicas": replicas},
    }


def cron_job() -> dict[str, Any]:
    return {
        "apiVersion": "batch/v1beta1",
        "kind": "CronJob",
        "metadata": {"name": "report", "namespace": "shop"},
        "spec": {"schedule": "*/5 * * * *"},
    }


def small_trace() -> Trace:
    events = [
        _event(0, [deployment(1), cron_job()]),
        _event(60, [deployment(3)]),
        _event(120, [], [cron_job()]),
    ]
    tracked = {"apps/v1.Deployment": {}, "batch/v1beta1.CronJob": {"trackLifecycle": True}}
    lifecycles: dict[Any, Any] = {("batch/v1beta1.CronJob", "shop/report"): {7: [{"Finished": [1, 2]}]}}
    return Trace.make(events, {"trackedObjects": tracked}, {}, lifecycles)


def big_trace(events: int) -> Trace:
    """One Deployment an event: long enough to be interrupted."""
    found = [_event(number, [deployment(number % 7, f"nginx:{number}")]) for number in range(events)]
    return Trace.make(found, {}, {}, {})


def _event(after: int, applied: list[Any], deleted: list[Any] | None = None) -> Event:
    return Event(START + after, [encode_object(item) for item in applied], [encode_object(d) for d in deleted or []])
