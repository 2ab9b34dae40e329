"""Run directories for tests, as a replay writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from skel.replay.run_reading import Run, open_run

Lines = Iterable[dict[str, Any]]
START = 1_700_000_000
NOT_FOUND = "the server could not find the requested resource"


def request(time: float, name: str = "web", verdict: str = "accepted", **more: Any) -> dict[str, Any]:
    """A line about a Deployment in the namespace shop, with what the test wants to be different."""
    usual = {
        "t": time,
        "wall": time / 60,
        "round": 0,
        "step": 0,
        "event": int(time // 60),
        "verb": "apply",
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "namespace": "shop",
        "name": name,
        "status": {"accepted": 200, "rejected": 422, "unknown": 0}.get(verdict, 0),
        "verdict": verdict,
        "reason": "Invalid" if verdict == "rejected" else "",
        "message": f'Deployment.apps "{name}" is invalid: spec.replicas: Invalid value: -1' * (verdict == "rejected"),
        "warnings": [],
        "attempts": 1,
        "rule": None,
        "fix": None,
    }
    return {**usual, **more}


def cronjob(time: float, name: str, verdict: str = "accepted", version: str = "batch/v1beta1") -> dict[str, Any]:
    """A line about a CronJob; one that is not accepted is not served."""
    failed = {"status": 404, "reason": "NotFound", "message": NOT_FOUND, "rule": "kubernetes/cronjob-batch-v1"}
    return request(time, name, verdict, kind="CronJob", apiVersion=version, **(failed if verdict == "rejected" else {}))


def pod(time: float, name: str, phase: str, **more: Any) -> dict[str, Any]:
    usual = {"t": time, "namespace": "virtual-shop", "name": name, "owner": "Job/shop/report", "phase": phase}
    return {**usual, **more}


def pod_lines(
    number: int, created: float, *, wait: float = 1.0, runs: float = 60.0, node: str = ""
) -> list[dict[str, Any]]:
    """The life of a pod at speed 60: made, given a node, running, finished. Waits are seconds of the cluster."""
    name, where = f"report-{number:04}", node or f"node-{number % 4}"
    scheduled, running = created + wait * 30, created + wait * 60
    known: dict[str, Any] = {"created": created}
    made = pod(created, name, "Pending", **known)
    known |= {"scheduled": scheduled, "node": where}
    given = pod(scheduled, name, "Pending", **known)
    known |= {"running": running}
    started = pod(running, name, "Running", **known)
    return [made, given, started, pod(running + runs, name, "Succeeded", **known, finished=running + runs)]


def event(
    time: float, name: str, reason: str, kind: str = "Pod", type_: str = "Normal", count: int = 1
) -> dict[str, Any]:
    about = {"kind": kind, "namespace": "virtual-shop", "name": "report"}
    return {
        "t": time,
        "name": name,
        "namespace": "virtual-shop",
        "reason": reason,
        "type": type_,
        "count": count,
        "involvedObject": about,
    }


def write_run(
    folder: Path, requests: Lines, *, pods: Lines | None = None, events: Lines | None = None, **header: Any
) -> Path:
    """A run of an hour on a local 1.24 at speed 60; None leaves a file out."""
    folder.mkdir(parents=True, exist_ok=True)
    usual = {
        "schemaVersion": 1,
        "tool": "skel 0.1.0",
        "trace": {"name": "shop.sktrace", "sha256": "ab" * 32, "start": START, "end": START + 3600, "events": 61},
        "target": "local:1.24.17",
        "kubernetes": "1.24",
        "speed": 60.0,
        "started": "2025-01-02T03:04:05.000Z",
        "finished": "2025-01-02T03:05:05.000Z",
        "namespacePrefix": "virtual",
        "ended": "complete",
    }
    (folder / "run.json").write_text(json.dumps({**usual, **header}), "utf-8")
    write_lines(folder / "requests.jsonl", requests)
    if pods is not None:
        write_lines(folder / "pods.jsonl", sorted(pods, key=lambda line: line["t"]))
    if events is not None:
        write_lines(folder / "events.jsonl", events)
    return folder


def write_lines(file: Path, lines: Lines) -> None:
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


def a_run(folder: Path, requests: Lines, **more: Any) -> Run:
    return open_run(write_run(folder, requests, **more))
