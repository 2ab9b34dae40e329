from __future__ import annotations

import asyncio

import aiohttp
import pytest

from skel.faults.actions import (
    Credit,
    Delay,
    Disconnect,
    Drop,
    Expire,
    Fail,
    Hold,
    Lose,
    Release,
    Reorder,
    SlowBody,
    StaleList,
)
from skel.faults.proxy.ranks import Ranks
from tests.faults.proxy.serving import Stage, nothing_comes, played, revision

PODS = "/api/v1/namespaces/shop/pods"


def test_requests_pass_as_they_are_but_for_whose_they_are_and_compression() -> None:
    async def play(stage: Stage) -> None:
        assert await stage.post(PODS) == (201, {"target": PODS, "items": ["x" * 100]})
        [asked] = stage.server.asked
        assert asked.head.first == f"POST {PODS} HTTP/1.1".encode()
        fields = asked.head.fields
        assert fields.get("Authorization") == "Bearer secret"
        assert fields.get("Accept-Encoding") == ""
        assert fields.get("Host") == f"127.0.0.1:{stage.server.port}"
        assert asked.body == b'{"kind": "Pod"}'
        assert stage.seen.calls == ["POST pods", "201"]

    played(play)


def test_a_request_is_under_way_until_it_is_answered() -> None:
    async def play(stage: Stage) -> None:
        stage.seen.gate.clear()
        asking = asyncio.create_task(stage.post(PODS))
        while not stage.seen.calls:
            await asyncio.sleep(0.01)
        assert not stage.proxy.is_delivered
        assert stage.server.asked == [], "the server sees it only when the observer is done with it"
        stage.seen.gate.set()
        await asking
        await asyncio.wait_for(stage.proxy.until(lambda: stage.proxy.is_delivered), 5)

    played(play)


def test_a_lost_answer_is_done_by_the_server_and_an_error_for_the_component() -> None:
    async def play(stage: Stage) -> None:
        stage.proxy.expect(Lose("pods", times=2, status=504))
        for _ in range(2):
            status, body = await stage.post(PODS)
            assert (status, body["reason"], body["code"]) == (504, "Timeout", 504)
        assert stage.proxy.spoiled == 2
        assert (await stage.post(PODS))[0] == 201
        assert len(stage.server.asked) == 3
        stage.proxy.expect(Lose("pods", status=0))
        with pytest.raises(aiohttp.ClientError):
            await stage.post(PODS)
        assert len(stage.server.asked) == 4
        assert stage.proxy.spoiled == 3

    played(play)


def test_a_failed_request_never_comes_to_the_server() -> None:
    async def play(stage: Stage) -> None:
        stage.proxy.expect(Fail("pods", status=429, retry_after=7))
        async with stage.session.post(stage.proxy.url + PODS, json={}) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
            assert (await answer.json())["details"] == {"retryAfterSeconds": 7}
        stage.proxy.expect(Fail("pods", status=0))
        with pytest.raises(aiohttp.ClientError):
            await stage.post(PODS)
        assert stage.server.asked == []
        assert stage.proxy.spoiled == 2
        assert (await stage.post(PODS))[0] == 201
        assert stage.proxy.spoiled == 2

    played(play)


def test_with_ranks_pods_come_and_go_one_after_the_other_and_nothing_else_waits() -> None:
    async def play(stage: Stage) -> None:
        stage.proxy.ranks = Ranks()
        stage.server.may_answer.clear()
        tasks = [asyncio.create_task(stage.post(PODS)), asyncio.create_task(stage.delete(f"{PODS}/web-1"))]
        events = asyncio.create_task(stage.post("/api/v1/namespaces/shop/events"))
        while len(stage.server.asked) < 2:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert len(stage.server.asked) == 2
        stage.server.may_answer.set()
        await asyncio.gather(*tasks, events)
        assert len(stage.server.asked) == 3

    played(play)


def test_a_stale_list_asks_the_server_for_an_old_state() -> None:
    async def play(stage: Stage) -> None:
        stage.proxy.rules.keep_stale(StaleList("pods"), 41)
        _, body = await stage.get("/api/v1/pods?limit=500&resourceVersion=0")
        assert body["target"] == "/api/v1/pods?resourceVersion=41&resourceVersionMatch=Exact"
        _, body = await stage.get("/api/v1/pods?resourceVersion=50")
        assert body["target"] == "/api/v1/pods?resourceVersion=50"

    played(play)


def test_a_slow_body_ends_with_the_next_step_and_nobody_waits_for_it() -> None:
    async def play(stage: Stage) -> None:
        stage.proxy.expect(SlowBody("pods"))
        asking = asyncio.create_task(stage.get("/api/v1/pods"))
        await asyncio.wait_for(stage.proxy.until(lambda: bool(stage.seen.calls[1:]) and stage.proxy.is_delivered), 5)
        assert not asking.done()
        stage.proxy.end_step()
        assert (await asking)[0] == 200

    played(play)


def test_a_held_watch_gets_what_it_has_credit_for_and_then_the_rest_in_order() -> None:
    async def play(stage: Stage) -> None:
        async with stage.watching() as content:
            await stage.server.tell(6)
            assert await revision(content) == 6
            stage.proxy.change_streams(Hold("pods"))
            await stage.server.tell(7, 8, 9)
            assert await nothing_comes(content)
            stage.proxy.change_streams(Credit("pods", 2))
            assert [await revision(content) for _ in range(2)] == [7, 8]
            assert await nothing_comes(content)
            stage.proxy.change_streams(Release("pods"))
            assert await revision(content) == 9
        assert stage.seen.frames == [6, 7, 8, 9]

    played(play)


def test_the_end_of_a_held_watch_and_new_watches_are_held_as_well() -> None:
    async def play(stage: Stage) -> None:
        stage.proxy.change_streams(Hold("pods"))
        async with stage.watching() as content:
            await stage.server.tell(6)
            await stage.server.end_watches()
            assert await nothing_comes(content)
            stage.proxy.change_streams(Release("pods"))
            assert [await revision(content) for _ in range(2)] == [6, 0]

    played(play)


def test_rest_means_that_what_a_watch_has_to_show_has_come_and_gone() -> None:
    async def play(stage: Stage) -> None:
        async with stage.watching() as content:
            [watch] = stage.proxy.watches
            watch.wanted = 8
            waiting = asyncio.create_task(stage.proxy.until(lambda: stage.proxy.is_delivered))
            await stage.server.tell(6, 7)
            assert [await revision(content) for _ in range(2)] == [6, 7]
            assert not waiting.done()
            await stage.server.tell(8)
            await asyncio.wait_for(waiting, 5)

    played(play)


def test_a_gone_component_is_noticed() -> None:
    async def play(stage: Stage) -> None:
        async with stage.watching():
            assert len(stage.proxy.watches) == 1
        await asyncio.wait_for(stage.proxy.until(lambda: not stage.proxy.watches), 5)

    played(play)


def test_a_disconnected_watch_breaks_off_and_the_next_one_begins() -> None:
    async def play(stage: Stage) -> None:
        async with stage.watching() as content:
            stage.proxy.disconnect(Disconnect("*"))
            with pytest.raises(aiohttp.ClientError):
                await content.readline()
        async with stage.watching() as content:
            await stage.server.tell(6)
            assert await revision(content) == 6

    played(play)


def test_an_expired_watch_is_answered_with_gone_once() -> None:
    async def play(stage: Stage) -> None:
        stage.proxy.expect(Expire("pods"))
        status, body = await stage.get("/api/v1/pods?watch=1&resourceVersion=5")
        assert (status, body["reason"]) == (410, "Expired")
        async with stage.watching():
            pass

    played(play)


def test_a_lagging_watch_delivers_each_frame_when_the_next_has_come() -> None:
    async def play(stage: Stage) -> None:
        stage.proxy.change_streams(Delay("pods", 1))
        async with stage.watching() as content:
            await stage.server.tell(6)
            assert await nothing_comes(content)
            await stage.server.tell(7)
            assert await revision(content) == 6
            stage.proxy.lift()
            assert await revision(content) == 7

    played(play)


def test_illegal_faults_lose_and_turn_frames() -> None:
    async def play(stage: Stage) -> None:
        async with stage.watching() as content:
            stage.proxy.change_streams(Drop("pods", 1))
            await stage.server.tell(6, 7)
            assert await revision(content) == 7
            stage.proxy.change_streams(Reorder("pods", 2))
            await stage.server.tell(8, 9)
            assert [await revision(content) for _ in range(2)] == [9, 8]

    played(play)


def test_a_server_that_goes_away_breaks_the_connection_and_nothing_else() -> None:
    async def play(stage: Stage) -> None:
        async with stage.watching() as content:
            for writer in stage.server.watchers:
                writer.transport.abort()
            assert await revision(content) == 0, "a watch that breaks off above ends below"
        assert (await stage.post(PODS))[0] == 201

    played(play)


def test_a_request_that_is_no_http_ends_its_connection() -> None:
    async def play(stage: Stage) -> None:
        host, _, port = stage.proxy.url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"\x16\x03\x01 no http\r\n\r\n")
        await writer.drain()
        await asyncio.wait_for(reader.read(), 10)
        writer.close()
        assert (await stage.post(PODS))[0] == 201

    played(play)
