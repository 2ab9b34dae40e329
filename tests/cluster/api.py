"""Asking a real API server in tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from skel.client.connection import Connection
from skel.client.kubeconfig import load
from skel.client.request import Request, Response


def ask(kubeconfig: Path, method: str, path: str, body: Any = None) -> Response:
    """One answer."""

    async def once() -> Response:
        async with Connection(load(str(kubeconfig))) as connection:
            return await connection.send(Request(method, path, body=body))

    return asyncio.run(once())


def wait_for(kubeconfig: Path, path: str, fits: Callable[[Any], bool], patience: float = 60.0) -> Any:
    """The body at the path once it fits."""
    until = time.monotonic() + patience
    while not fits(body := ask(kubeconfig, "GET", path).body):
        assert time.monotonic() < until, body
        time.sleep(0.2)
    return body


def pod_spec(**fields: Any) -> dict[str, Any]:
    return {"containers": [{"name": "c", "image": "nginx"}], **fields}


def deployment(name: str, replicas: int) -> dict[str, Any]:
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod_spec()},
        },
    }


def job(name: str, annotations: dict[str, str]) -> dict[str, Any]:
    template = {"metadata": {"annotations": annotations}, "spec": pod_spec(restartPolicy="Never")}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {"template": template}}


def cron_job(api_version: str, name: str) -> dict[str, Any]:
    template = {"spec": {"template": {"spec": pod_spec(restartPolicy="Never")}}}
    return {
        "apiVersion": api_version,
        "kind": "CronJob",
        "metadata": {"name": name},
        "spec": {"schedule": "0 0 1 1 *", "jobTemplate": template},
    }
