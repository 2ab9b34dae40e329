"""What a proxy makes of bytes and connections, where no fault is meant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from skel.faults.proxy import http1
from tests.faults.proxy.serving import JSON, Stage, played

PODS = "/api/v1/namespaces/shop/pods"
POST = f"POST {PODS} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}".encode()
LIST = f"GET {PODS} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


@asynccontextmanager
async def spoken_to(stage: Stage) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, _, port = stage.proxy.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


async def answered(reader: asyncio.StreamReader) -> str:
    """The status of the next answer, which says how long it is."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next(line for line in head.splitlines() if line.startswith("Content-Length"))
    await reader.readexactly(int(length.split()[1]))
    return head.split()[1]


def test_requests_that_come_together_are_answered_in_their_order() -> None:
    async def play(stage: Stage) -> None:
        async with spoken_to(stage) as (reader, writer):
            writer.write(POST + LIST + POST)
            assert [await answered(reader) for _ in range(3)] == ["201", "200", "201"]
        assert stage.seen.calls == ["POST pods", "201", "GET pods", "200", "POST pods", "201"]

    played(play)


def test_a_request_may_come_in_pieces() -> None:
    async def play(stage: Stage) -> None:
        async with spoken_to(stage) as (reader, writer):
            for at in range(0, len(POST), 7):
                writer.write(POST[at : at + 7])
                await writer.drain()
                await asyncio.sleep(0.001)
            assert await answered(reader) == "201"
        assert stage.server.asked[0].body == b"{}"

    played(play)


def test_who_says_nothing_more_gets_the_answer() -> None:
    async def play(stage: Stage) -> None:
        async with spoken_to(stage) as (reader, writer):
            writer.write(POST)
            writer.write_eof()
            assert await answered(reader) == "201"
            assert await reader.read() == b""

    played(play)


def test_the_request_of_who_has_gone_is_done_all_the_same() -> None:
    async def play(stage: Stage) -> None:
        stage.seen.gate.clear()
        async with spoken_to(stage) as (_, writer):
            writer.write(POST)
            while not stage.seen.calls:
                await asyncio.sleep(0.001)
        stage.seen.gate.set()
        await stage.proxy.until(lambda: stage.proxy.in_flight == 0)
        assert stage.seen.calls == ["POST pods", "201"]
        assert len(stage.server.asked) == 1

    played(play)


def test_as_many_connections_as_a_controller_opens_need_few_to_the_server() -> None:
    async def play(stage: Stage) -> None:
        async def one() -> str:
            async with spoken_to(stage) as (reader, writer):
                writer.write(POST)
                return await answered(reader)

        assert await asyncio.gather(*(one() for _ in range(300))) == ["201"] * 300
        assert stage.server.connections <= 32
        assert stage.proxy.in_flight == 0

    played(play)


@pytest.mark.parametrize("is_length_known", [True, False])
def test_an_answer_passes_as_it_came(is_length_known: bool) -> None:
    answer = b"HTTP/1.1 200 Kept\r\nAudit-Id: a\r\n"
    if is_length_known:
        answer += b"content-length: 4\r\n\r\nabcd"
    else:
        answer += b"transfer-encoding: chunked\r\n\r\n1;q\r\na\r\n3\r\nbcd\r\n0\r\n\r\n"

    async def play(stage: Stage) -> None:
        stage.server.answers = [answer]
        async with spoken_to(stage) as (reader, writer):
            writer.write(LIST)
            assert await reader.readexactly(len(answer)) == answer

    played(play)


def test_the_answer_to_a_head_has_a_length_and_no_body() -> None:
    async def play(stage: Stage) -> None:
        stage.server.answers = [b"HTTP/1.1 200 Kept\r\nContent-Length: 400\r\n\r\n"]
        async with stage.session.head(stage.proxy.url + PODS) as answer:
            assert answer.headers["Content-Length"] == "400"
        assert (await stage.get(PODS))[0] == 200

    played(play)


def test_a_server_that_closes_behind_its_answer_is_asked_on_another_connection() -> None:
    async def play(stage: Stage) -> None:
        closing = http1.message(b"HTTP/1.1 200 OK", JSON + b"Connection: close\r\n", b"[]")
        stage.server.answers = [closing]
        async with spoken_to(stage) as (reader, writer):
            writer.write(LIST + POST)
            assert [await answered(reader) for _ in range(2)] == ["200", "201"]
        assert stage.server.connections == 2

    played(play)


def test_a_list_on_a_connection_that_had_broken_is_asked_again_and_told_once() -> None:
    async def play(stage: Stage) -> None:
        await stage.get(PODS)
        stage.server.answers = [b""]
        assert (await stage.get(PODS))[0] == 200
        assert len(stage.server.asked) == 3
        assert stage.seen.calls == ["GET pods", "200"] * 2

    played(play)


def test_a_write_on_a_connection_that_had_broken_is_never_repeated() -> None:
    async def play(stage: Stage) -> None:
        await stage.get(PODS)
        stage.server.answers = [b""]
        with pytest.raises(aiohttp.ClientError):
            await stage.post(PODS)
        assert len(stage.server.asked) == 2
        assert (await stage.post(PODS))[0] == 201

    played(play)


def test_a_connection_that_is_idle_and_ends_is_not_used_again() -> None:
    async def play(stage: Stage) -> None:
        await stage.get(PODS)
        stage.server.end_connections()
        await asyncio.sleep(0.05)
        assert (await stage.post(PODS))[0] == 201
        assert stage.server.connections == 2

    played(play)


def test_frames_that_come_together_and_in_pieces_are_all_delivered() -> None:
    async def play(stage: Stage) -> None:
        async with stage.watching() as content:
            await stage.server.tell(*range(6, 306))
            lines = [await asyncio.wait_for(content.readline(), 10) for _ in range(300)]
            assert [int(line.rpartition(b'": "')[2].split(b'"')[0]) for line in lines] == list(range(6, 306))
        assert stage.seen.frames == list(range(6, 306))
        assert stage.proxy.activity == 301

    played(play)


def test_what_came_before_a_frame_that_is_looked_at_is_delivered_meanwhile() -> None:
    async def play(stage: Stage) -> None:
        async with stage.watching() as content:
            stage.seen.waits_at = 8
            await stage.server.tell(6, 7, 8, 9)
            assert [b'"6"' in await content.readline(), b'"7"' in await content.readline()] == [True, True]
            await stage.proxy.until_delivered()
            assert stage.seen.frames == [6, 7, 8]
            stage.seen.waits_at = 0
            stage.seen.goes_on.set()
            assert [b'"8"' in await content.readline(), b'"9"' in await content.readline()] == [True, True]

    played(play)


def test_a_word_on_the_connection_of_a_watch_ends_it() -> None:
    async def play(stage: Stage) -> None:
        async with spoken_to(stage) as (reader, writer):
            writer.write(b"GET /api/v1/pods?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n" + LIST)
            assert b"Connection: close" in await asyncio.wait_for(reader.read(), 10)
        assert not stage.proxy.watches

    played(play)
