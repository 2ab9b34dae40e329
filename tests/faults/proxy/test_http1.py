from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skel.faults.proxy import http1
from skel.faults.proxy.end import Broken, End
from skel.faults.proxy.http1 import Message

T = TypeVar("T")
Chunks = list[bytes]


@asynccontextmanager
async def ends() -> AsyncIterator[tuple[End, socket.socket]]:
    """An end, and the socket at the other one."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    end = End(ours)
    try:
        yield end, theirs
    finally:
        end.close()
        theirs.close()


def heard(pieces: Sequence[bytes], read: Callable[[End], Awaitable[T]]) -> T:
    """What `read` makes of pieces that come one after the other, and then nothing."""

    async def speak(to: socket.socket) -> None:
        for piece in pieces:
            await asyncio.get_running_loop().sock_sendall(to, piece)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        to.shutdown(socket.SHUT_WR)

    async def whole() -> T:
        async with ends() as (end, other):
            speaking = asyncio.create_task(speak(other))
            try:
                return await asyncio.wait_for(read(end), 10)
            finally:
                speaking.cancel()
                await asyncio.gather(speaking, return_exceptions=True)

    return asyncio.run(whole())


def cut(stream: bytes, data: st.DataObject) -> list[bytes]:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    return [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


async def all_requests(end: End) -> list[Message]:
    found = []
    while (asked := await http1.read_request(end)) is not None:
        found.append(asked)
    return found


def in_chunks(parts: Chunks, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    return b"".join(b"%X%b\r\n%b\r\n" % (len(part), extension, part) for part in parts) + b"0\r\n" + trailer + b"\r\n"


NAMES = {
    b"": "",
    b"User-Agent: kube-controller-manager\r\n": "kube-controller-manager",
    b"uSER-aGENT:kwok  \r\n": "kwok",
}
agents = st.sampled_from(sorted(NAMES))
bodies = st.none() | st.binary(max_size=300) | st.lists(st.binary(min_size=1, max_size=100), max_size=4)
extensions = st.sampled_from([(b"", b""), (b";a=b", b""), (b"", b"Trailer: x\r\n"), (b" ; q", b"A: b\r\nC: d\r\n")])


def request(agent: bytes, body: bytes | Chunks | None, extension: tuple[bytes, bytes]) -> bytes:
    head = b"POST /api/v1/pods HTTP/1.1\r\n" + agent
    match body:
        case None:
            return head + b"\r\n"
        case bytes():
            return head + b"content-Length: %d\r\nAccept: x\r\n\r\n%b" % (len(body), body)
        case _:
            return head + b"Transfer-Encoding: chunked\r\n\r\n" + in_chunks(body, *extension)


@settings(deadline=None)
@given(st.lists(st.tuples(agents, bodies, extensions), max_size=5), st.data())
def test_requests_are_the_same_however_their_bytes_come(
    wanted: list[tuple[bytes, bytes | Chunks | None, tuple[bytes, bytes]]], data: st.DataObject
) -> None:
    stream = b"".join(request(*one) for one in wanted)
    found = heard(cut(stream, data), all_requests)
    assert [it.body for it in found] == [
        b"".join(body) if isinstance(body, list) else body or b"" for _, body, _ in wanted
    ]
    assert [it.head.fields.agent for it in found] == [NAMES[agent] for agent, _, _ in wanted]


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), bodies), min_size=1, max_size=4), st.data())
def test_answers_pass_on_as_they_came(wanted: list[tuple[bool, bytes | Chunks | None]], data: st.DataObject) -> None:
    async def read(end: End) -> list[bytes]:
        return [
            (await http1.read_rest(end, await http1.read_answer_head(end), "HEAD" if is_of_head else "GET")).passed_on
            for is_of_head, _ in wanted
        ]

    raws = [answer(body, is_of_head=is_of_head) for is_of_head, body in wanted]
    early = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    assert heard(cut(early + early.join(raws), data), read) == raws


def answer(body: bytes | Chunks | None, *, is_of_head: bool) -> bytes:
    match body:
        case None:
            return b"HTTP/1.1 204 No Content\r\nAudit-Id: a\r\n\r\n"
        case bytes():
            head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
            return head if is_of_head else head + body
        case _:
            head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            return head if is_of_head else head + in_chunks(body, b"", b"Trailer: x\r\n")


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=200), max_size=8), st.data())
def test_chunks_hold_the_same_however_they_come(parts: Chunks, data: st.DataObject) -> None:
    async def read(end: End) -> Chunks:
        return [part async for part in http1.chunks(end)]

    assert b"".join(heard(cut(in_chunks(parts), data), read)) == b"".join(parts)


def test_what_concerns_one_connection_does_not_pass() -> None:
    async def read(end: End) -> Message:
        return await http1.read_rest(end, await http1.read_answer_head(end), "GET")

    close = heard([b"HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"], read)
    assert close.is_last
    assert close.passed_on == b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\n\r\nhi"
    for_ever = heard([b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nA: b\r\n\r\n", b"hi", b"!"], read)
    assert for_ever.is_last
    assert for_ever.passed_on == b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\n\r\nhi!"


def test_a_body_that_waits_for_a_word_gets_it() -> None:
    async def whole() -> None:
        async with ends() as (end, other):
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(other, b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            asking = asyncio.create_task(http1.read_request(end))
            assert await asyncio.wait_for(loop.sock_recv(other, 100), 5) == b"HTTP/1.1 100 Continue\r\n\r\n"
            await loop.sock_sendall(other, b"hi")
            asked = await asking
            assert asked is not None
            assert asked.body == b"hi"
            assert b"Expect" not in asked.head.fields.for_server

    asyncio.run(whole())


@pytest.mark.parametrize(
    "broken",
    [
        b"GET / HTTP/1.1\r\nA: b\r\n",
        b"GET /\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
        b"x" * (1 << 20) + b"more",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhi",
        b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\nhi",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nhi\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nhi\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno end",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * (1 << 20) + b"more",
    ],
    ids=lambda broken: str(broken[-20:]),
)
def test_what_is_no_http_or_breaks_off_is_broken(broken: bytes) -> None:
    with pytest.raises(Broken):
        heard([broken], all_requests)


def test_what_was_said_has_left_and_a_slow_listener_loses_nothing() -> None:
    async def whole() -> None:
        async with ends() as (end, other):
            said = bytes(range(256)) * (1 << 15)
            saying = asyncio.create_task(end.say(said))
            got = bytearray()
            while len(got) < len(said):
                await asyncio.sleep(0)
                assert saying.done() <= (len(said) - len(got) < 1 << 20), "done only when the rest is in the socket"
                got += await asyncio.get_running_loop().sock_recv(other, 1 << 18)
            await saying
            assert got == said

    asyncio.run(whole())


def test_an_end_that_is_closed_lets_nobody_wait() -> None:
    async def whole() -> None:
        async with ends() as (end, _):
            saying = asyncio.create_task(end.say(bytes(1 << 24)))
            waiting = asyncio.create_task(end.more())
            await asyncio.sleep(0.01)
            assert not saying.done()
            end.close()
            end.close()
            await asyncio.wait_for(waiting, 5)
            assert not await end.more()
            with pytest.raises(Broken):
                await asyncio.wait_for(saying, 5)

    asyncio.run(whole())


def test_nobody_listens_any_more() -> None:
    async def whole() -> None:
        async with ends() as (end, other):
            other.close()
            with pytest.raises(Broken):
                await end.say(b"x")

    asyncio.run(whole())


def test_what_comes_while_somebody_deals_with_a_chunk_is_not_left_lying() -> None:
    async def whole() -> list[bytes]:
        async with ends() as (end, other):
            other.send(b"1\r\na\r\n")
            found = []
            async for data in http1.chunks(end):
                found.append(data)
                if len(found) == 1:
                    other.send(b"1\r\nb\r\n")
                    while not end.came:  # it comes, and nobody waits for it
                        await asyncio.sleep(0)
                if len(found) == 2:
                    return found
            raise AssertionError("it has not ended")

    assert asyncio.run(asyncio.wait_for(whole(), 5)) == [b"a", b"b"]
