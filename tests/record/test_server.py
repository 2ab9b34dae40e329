"""A recorder by HTTP: as the reference's `skctl export` asks it, and as a cluster looks after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from skel.client.access import Access
from skel.record.live.recorder import Turn
from skel.record.live.session import Orders, Recorded, record
from skel.record.server.app import serving
from skel.record.tracked import of_kinds
from skel.trace.model import Trace
from tests.record.recordings import caught_up, names, orders, ready, replicas
from tests.record.watch_server import Fault, Objects, WatchServer

Json = Any
SHOP, OTHER = Objects(), Objects("other")
Act = Callable[[Recorded, aiohttp.ClientSession], Awaitable[None]]


def served(server: WatchServer, wanted: Orders, act: Act, *, wait: bool = True) -> None:
    """Record and serve while `act` asks."""
    stop, port = asyncio.Event(), [0]

    async def run() -> None:
        @asynccontextmanager
        async def beside(recorded: Recorded) -> Any:
            async def ask() -> None:
                try:
                    if wait:
                        await ready(recorded)
                    async with aiohttp.ClientSession(f"http://127.0.0.1:{port[0]}") as session:
                        await act(recorded, session)
                finally:
                    stop.set()

            task = asyncio.create_task(ask())
            try:
                yield
            finally:
                await task

        around = [serving("127.0.0.1", 0, lambda found: port.__setitem__(0, found)), beside]
        await record(Access(server=server.url), wanted, stop, tell=lambda _: None, around=around)

    asyncio.run(run())


async def exported(session: aiohttp.ClientSession, start: int, end: int, **more: Json) -> Trace:
    """What `skctl export` does: POST, and the trace is in the answer."""
    filters = {"excluded_namespaces": more.pop("namespaces", []), "excluded_labels": more.pop("labels", [])}
    body = {"start_ts": start, "end_ts": end, "export_path": "output.sktrace", "filters": filters, **more}
    async with session.post("/export", json=body) as answer:
        assert answer.status == 200, await answer.text()
        return Trace.from_bytes(await answer.read())


def test_a_part_of_a_recording(server: WatchServer, tmp_path: Path) -> None:
    server.apply(SHOP.deployment("a", 0))
    server.apply(SHOP.deployment("gone", 0))

    async def act(recorded: Recorded, session: aiohttp.ClientSession) -> None:
        begun = recorded.recorder.recording.now
        await asyncio.sleep(1.1)
        server.apply(SHOP.deployment("a", 1))
        server.delete(SHOP.deployment("gone"))
        await caught_up(recorded, server)
        middle = recorded.recorder.recording.now + 1
        await asyncio.sleep(1.1)
        server.apply(SHOP.deployment("a", 2))
        server.apply(SHOP.deployment("b", 0))
        await caught_up(recorded, server)
        end = recorded.recorder.recording.now + 1
        whole = await exported(session, begun - 60, end)
        assert sorted(names(whole)) == sorted(
            [("applied", "a")] * 3 + [("applied", "b"), ("applied", "gone"), ("deleted", "gone")]
        )
        late = await exported(session, middle, end)
        assert late.events[0].ts == middle
        assert [name for _, name in names(late)] == ["a", "a", "b"], "what is gone is not in the state at the start"
        assert replicas(late, "a") == [1, 2]
        assert sorted(late.index["apps/v1.Deployment"]) == ["shop/a", "shop/b"]
        early = await exported(session, begun, middle)
        assert replicas(early, "a") == [0, 1]
        assert ("deleted", "gone") in names(early)
        assert "shop/gone" in early.index["apps/v1.Deployment"], "pods of what was deleted keep their owner"

    served(server, orders(tmp_path, target=""), act)


def test_filters(server: WatchServer, tmp_path: Path) -> None:
    daemon = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "d", "uid": "d"}
    server.apply(SHOP.deployment("a"))
    server.apply(SHOP.deployment("canary", labels={"track": "canary"}))
    server.apply(SHOP.deployment("owned", ownerReferences=[daemon]))
    server.apply(OTHER.deployment("elsewhere"))

    async def act(recorded: Recorded, session: aiohttp.ClientSession) -> None:
        server.delete(SHOP.deployment("canary"))
        await caught_up(recorded, server)
        now = recorded.recorder.recording.now + 1
        labels: Json = [{"matchExpressions": [{"key": "track", "operator": "In", "values": ["canary"]}]}]
        trace = await exported(session, 0, now, namespaces=["other"], labels=labels)
        assert names(trace) == [("applied", "a")], "what is left out does not go either"
        labels = [{"matchLabels": {"track": "canary"}}]
        assert len(names(await exported(session, 0, now, labels=labels))) == 2

    served(server, orders(tmp_path, target=""), act)


def test_a_program_in_the_request(server: WatchServer, tmp_path: Path) -> None:
    server.apply(SHOP.deployment("a", 1))

    async def act(recorded: Recorded, session: aiohttp.ClientSession) -> None:
        now = recorded.recorder.recording.now + 1
        program = 'modify(kind == "Deployment", spec.replicas = 7);'
        assert replicas(await exported(session, 0, now, transform=program), "a") == [7]
        body = {"start_ts": 0, "end_ts": now, "export_path": "x", "filters": {}, "transform": "modify("}
        async with session.post("/export", json=body) as answer:
            assert answer.status == 400

    served(server, orders(tmp_path, target=""), act)


def test_requests_that_mean_nothing(server: WatchServer, tmp_path: Path) -> None:
    async def act(_: Recorded, session: aiohttp.ClientSession) -> None:
        nothing: list[Json] = [{}, {"start_ts": "now", "end_ts": 1}, {"start_ts": 5, "end_ts": 5}, []]
        for body in nothing:
            async with session.post("/export", json=body) as answer:
                assert answer.status == 400, await answer.text()
        bad = {
            "start_ts": 0,
            "end_ts": 1,
            "filters": {"excluded_labels": [{"matchExpressions": [{"key": "a", "operator": "Near"}]}]},
        }
        async with session.post("/export", json=bad) as answer:
            assert (answer.status, "no operator `Near`" in await answer.text()) == (400, True)
        path = {"start_ts": 0, "end_ts": 1, "export_path": "ftp://x/y"}
        async with session.post("/export", json=path) as answer:
            assert answer.status in {200, 502}

    served(server, orders(tmp_path, target=""), act)


def test_what_goes_on_while_it_is_recorded_again(server: WatchServer, tmp_path: Path) -> None:
    """Segments come and go; what /export knows reaches over all that are kept."""
    server.apply(SHOP.deployment("a", 0))
    wanted = Orders("", tmp_path / "journal", of_kinds(["apps/v1.Deployment"]), turn=Turn(seconds=1.0), keep=3600)

    async def act(recorded: Recorded, session: aiohttp.ClientSession) -> None:
        begun = recorded.recorder.recording.now
        for number in range(1, 36):
            server.apply(SHOP.deployment("a", number))
            await asyncio.sleep(0.1)
        await caught_up(recorded, server)
        assert recorded.recorder.journal.current.number > 2
        now = recorded.recorder.recording.now
        assert replicas(await exported(session, begun, now + 1), "a") == list(range(36))
        part = replicas(await exported(session, now - 1, now + 1), "a")
        assert part == list(range(part[0], 36))

    served(server, wanted, act)


def test_health_and_figures(server: WatchServer, tmp_path: Path) -> None:
    server.apply(SHOP.deployment("a"))

    async def act(recorded: Recorded, session: aiohttp.ClientSession) -> None:
        for path in ("/healthz", "/readyz"):
            async with session.get(path) as answer:
                assert (answer.status, await answer.text()) == (200, "ok\n")
        async with session.get("/metrics") as answer:
            families = {family.name: family for family in text_string_to_metric_families(await answer.text())}
        assert families["skel_record_objects"].samples[0].value == 1
        events = {sample.labels["change"]: sample.value for sample in families["skel_record_events"].samples}
        assert events == {"applied": 1, "deleted": 0}
        assert families["skel_record_feed_up"].samples[0].labels == {"feed": "apps/v1.Deployment"}
        assert "process_resident_memory_bytes" in families

    served(server, orders(tmp_path, target=""), act)


def test_not_ready_before_all_is_listed(server: WatchServer, tmp_path: Path) -> None:
    server.faults.append(Fault("deployments", watch=False, times=1, delay=0.5))

    async def act(recorded: Recorded, session: aiohttp.ClientSession) -> None:
        async with session.get("/readyz") as answer:
            assert (answer.status, await answer.text()) == (503, "what is there is still being listed\n")
        await ready(recorded)
        async with session.get("/readyz") as answer:
            assert answer.status == 200

    served(server, orders(tmp_path, target=""), act, wait=False)
