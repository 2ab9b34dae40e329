"""Pods in an audit log: how long they ran."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.record.imports.audit_log import read
from tests.record.imports.server import SECONDS, Server
from tests.record.imports.story import steps


def job_pod(server: Server, name: str) -> dict[str, Any]:
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "report", "uid": "job-1", "controller": True}
    metadata = {"name": name, "namespace": "shop", "ownerReferences": [owner]}
    spec = {"containers": [{"name": "main", "image": "report:1"}], "nodeName": "node-1"}
    return server.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


def test_lifetimes_of_pods(server: Server, tmp_path: Path) -> None:
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "report", "namespace": "shop"},
        "spec": {"a": 1},
    }
    job["metadata"] |= {"uid": "job-1", "resourceVersion": "1", "generation": 1}  # type: ignore[operator]
    about = {"kind": "Deployment", "metadata": {"name": "report", "namespace": "shop"}}
    server.log("create", about, job)
    pod = job_pod(server, "report-x")
    server.status(
        pod, {"phase": "Running", "containerStatuses": [{"state": {"running": {"startedAt": "2026-05-01T10:00:05Z"}}}]}
    )
    ended = {"startedAt": "2026-05-01T10:00:05Z", "finishedAt": "2026-05-01T10:01:05Z"}
    server.at = 66_000
    server.status(pod, {"phase": "Succeeded", "containerStatuses": [{"state": {"terminated": ended}}]})
    server.delete(pod, shown=True)
    trace, _ = read(tmp_path, server.lines)
    assert [kind for kind, _, _ in steps(trace)] == ["Job"]
    ((owner, lives),) = trace.pod_lifecycles.items()
    assert owner == ("batch/v1.Job", "shop/report")
    assert list(lives.values()) == [[{"Finished": [SECONDS + 5, SECONDS + 65]}]]


def test_a_pod_ends_in_peace(server: Server, tmp_path: Path) -> None:
    """`kubectl delete` marks it, and its kubelet deletes it when it has ended."""
    pod = server.create(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "shop"}, "spec": {"a": 1}}
    )
    pod["metadata"] |= {"deletionTimestamp": server.moment(0), "deletionGracePeriodSeconds": 30}
    server.log("delete", pod, pod)
    server.at = 20_000
    pod["metadata"]["deletionGracePeriodSeconds"] = 0
    server.delete(pod, shown=True)
    trace, _ = read(tmp_path, server.lines)
    assert [(event.ts - SECONDS, len(event.deleted_objs)) for event in trace.events] == [(0, 0), (20, 1)]
