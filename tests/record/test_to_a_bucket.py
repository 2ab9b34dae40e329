"""Traces that go to object storage as they come, with a storage that is away meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from skel.record.live import outlet, recorder
from skel.record.live.recorder import Turn
from skel.record.live.session import Orders, Recorded
from skel.record.tracked import of_kinds
from skel.storage import cloud
from skel.trace.model import Trace
from tests.record.recordings import DEPLOYMENT, caught_up, recording, replicas, until
from tests.record.watch_server import Objects, WatchServer
from tests.storage.gateway import Gateway, environment, program

SHOP = Objects()


def test_a_bucket_that_is_away_for_a_while(
    server: WatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not program().is_file():
        pytest.skip("the S3 server is not on this machine; `python -m tests.storage.gateway` builds it")
    monkeypatch.setattr(recorder, "_TICK_SECONDS", 0.1)
    monkeypatch.setattr(outlet, "_RETRY_SECONDS", 0.2)
    monkeypatch.setattr(cloud, "RETRIES", 1)
    monkeypatch.setattr(cloud, "GIVE_UP", 2.0)
    gateway = Gateway(tmp_path / "buckets")
    for name, value in environment(gateway.address).items():
        monkeypatch.setenv(name, value)
    wanted = Orders("s3://bucket/traces/", tmp_path / "journal", of_kinds([DEPLOYMENT]), turn=Turn(seconds=1.0))
    server.apply(SHOP.deployment("a", 0))
    said: list[str] = []

    async def meanwhile(recorded: Recorded) -> None:
        for number in range(1, 16):
            server.apply(SHOP.deployment("a", number))
            await asyncio.sleep(0.1)
        await until(lambda: bool(said), seconds=60)
        gateway.start()
        gateway.bucket("bucket")
        await until(lambda: recorded.recorder.written >= 1, seconds=60)
        await caught_up(recorded, server)

    try:
        asyncio.run(recording(server, wanted, meanwhile, said=said))
    finally:
        gateway.kill()
    traces = [Trace.open(str(path)) for path in sorted((tmp_path / "buckets" / "bucket" / "traces").iterdir())]
    assert len(traces) >= 2
    seen = replicas(traces[0], "a") + [value for trace in traces[1:] for value in replicas(trace, "a")[1:]]
    assert seen == list(range(16))
    assert len(said) <= 2, "what goes on is told once"
