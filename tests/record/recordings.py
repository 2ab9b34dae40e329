"""Short ways to run the recorder in tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from skel.client.access import Access, Credentials
from skel.record.live.session import Orders, Outcome, Recorded, record
from skel.record.tracked import of_kinds
from skel.trace.codec import decode_object
from skel.trace.model import Trace
from tests.record.watch_server import WatchServer

Json = Any
DEPLOYMENT = "apps/v1.Deployment"


def orders(folder: Path, *kinds: str, target: str = "out.sktrace", **settings: Any) -> Orders:
    tracked = of_kinds(kinds or (DEPLOYMENT,))
    where = str(folder / target) if target else ""
    where += "/" if target.endswith("/") and not where.endswith("/") else ""
    return Orders(where, folder / "journal", tracked, **settings)


async def recording(
    server: WatchServer,
    wanted: Orders,
    meanwhile: Callable[[Recorded], Awaitable[None]],
    *,
    said: list[str] | None = None,
    token: str = "",
    token_file: str = "",
) -> Outcome:
    """Record while `meanwhile` runs, from when all is listed; then stop."""
    stop = asyncio.Event()
    access = Access(server=server.url, context="test", credentials=Credentials(token=token, token_file=token_file))

    @asynccontextmanager
    async def beside(recorded: Recorded) -> Any:
        async def act() -> None:
            try:
                await ready(recorded)
                await meanwhile(recorded)
            finally:
                stop.set()

        task = asyncio.create_task(act())
        try:
            yield
        finally:
            await task

    return await record(access, wanted, stop, tell=(said if said is not None else []).append, around=[beside])


async def ready(recorded: Recorded, seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not recorded.recorder.is_ready:
            await asyncio.sleep(0.01)


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Return when it is so."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def caught_up(recorded: Recorded, server: WatchServer, seconds: float = 20.0) -> None:
    """Return when the recorder has seen all that happened until now."""
    version = server.version
    await until(lambda: all(int(feed.reached or 0) >= version for feed in recorded.recorder.feeds), seconds)


def story(trace: Trace) -> list[tuple[str, str, Json]]:
    """What happened to each object, in order: `applied` or `deleted`, its name, and its spec."""
    found = []
    for event in trace.events:
        for word, raws in (("applied", event.applied_objs), ("deleted", event.deleted_objs)):
            for raw in raws:
                thing = decode_object(raw)
                found.append((word, thing["metadata"]["name"], thing.get("spec")))
    return found


def names(trace: Trace) -> list[tuple[str, str]]:
    return [(word, name) for word, name, _ in story(trace)]


def replicas(trace: Trace, name: str) -> list[int]:
    return [spec["replicas"] for word, own, spec in story(trace) if own == name and word == "applied"]


def objects(trace: Trace) -> Iterator[Json]:
    for event in trace.events:
        yield from map(decode_object, event.applied_objs)
