"""Short ways to run the driver in tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from skel.client.access import Access
from skel.replay.driver import Driver
from skel.replay.plan import Plan, Voice
from skel.replay.result import RunResult
from skel.replay.retry import Patience
from skel.replay.run_folder import RunFolder
from skel.replay.schedule import Window
from skel.replay.server import connect
from skel.trace.codec import Event, encode_object
from skel.trace.model import Trace
from tests.replay.api_server import ApiServer

Json = Any
QUICK = Patience(total=3.0, first=0.005, longest=0.02)
START = 1_700_000_000


def deployment(name: str, namespace: str = "shop", replicas: int = 1) -> Json:
    pod = {"containers": [{"name": "c", "image": "nginx"}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"replicas": replicas, "template": {"spec": pod}},
    }


def simple(kind: str, name: str, api_version: str = "v1", namespace: str | None = "shop") -> Json:
    metadata = {"name": name} if namespace is None else {"name": name, "namespace": namespace}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def history(*events: tuple[int, list[Json], list[Json]]) -> Trace:
    made = [
        Event(START + at, [encode_object(one) for one in applied], [encode_object(one) for one in deleted])
        for at, applied, deleted in events
    ]
    return Trace.make(made, {"trackedObjects": {}}, {}, {})


def plan_of(trace: Trace, **settings: Any) -> Plan:
    usual: dict[str, Any] = {"inputs": ("t.sktrace",), "window": Window(speed=None), "patience": QUICK}
    return Plan(trace, "sim-1", **{**usual, **settings})


async def drive(
    server: ApiServer,
    plan: Plan,
    folder: Path | None = None,
    *,
    resume: bool = False,
    said: list[str] | None = None,
    meanwhile: Callable[[Driver], Any] | None = None,
) -> RunResult:
    """Run against the server; `meanwhile` is a coroutine function that runs beside it."""
    target = await connect(Access(server=server.url), "context:test", at_once=plan.at_once, timeout=2.0)
    voice = Voice(said.append) if said is not None else Voice()
    try:
        driver = Driver(plan, target, folder=RunFolder(folder) if folder else None, voice=voice)
        beside = asyncio.create_task(meanwhile(driver)) if meanwhile else None
        result = await driver.run(resume=resume)
        if beside is not None:
            await beside
        return result
    finally:
        await target.close()


def replay(server: ApiServer, trace: Trace, folder: Path | None = None, **settings: Any) -> RunResult:
    return asyncio.run(drive(server, plan_of(trace, **settings), folder))


def lines(folder: Path) -> list[Json]:
    return [msgspec.json.decode(line) for line in (folder / "requests.jsonl").read_bytes().splitlines()]
