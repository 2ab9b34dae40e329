"""A connection that is closed is gone, even if the server does not say goodbye."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import threading
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, suppress

import pytest
import trustme

from skel.client.access import Access
from skel.client.connection import Connection
from skel.client.request import Request

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n"
Break = Callable[[Connection], Awaitable[None]]


@pytest.fixture
def silent() -> Iterator[Access]:
    """A server that begins an answer without end and then neither speaks nor listens."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    over = threading.Event()

    def serve(listening: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(listening.accept()[0], server_side=True) as line:
            asked = line.recv(65_536)
            if b"/quiet" not in asked:
                line.sendall(ANSWER)
            over.wait(30.0)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        yield Access(f"https://127.0.0.1:{listening.getsockname()[1]}", ca=authority.cert_pem.bytes())
        over.set()
        thread.join()


async def watched(connection: Connection) -> AsyncIterator[bytes]:
    async for line in connection.lines(Request("GET", "/watch"), idle=30.0):
        yield line


async def cancelled_in_a_watch(connection: Connection) -> None:
    begun = asyncio.Event()

    async def follow() -> None:
        async for _ in watched(connection):
            begun.set()

    await _cancelled(follow(), begun.wait())


async def cancelled_before_an_answer(connection: Connection) -> None:
    await _cancelled(connection.send(Request("GET", "/quiet")), asyncio.sleep(0.3))


async def left_in_the_middle(connection: Connection) -> None:
    async with aclosing(connection.lines(Request("GET", "/watch"), idle=30.0)) as lines:  # type: ignore[type-var]
        async for _ in lines:
            break


async def _cancelled(work: Awaitable[object], when: Awaitable[object]) -> None:
    task = asyncio.ensure_future(work)
    await when
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("broken_off", [cancelled_in_a_watch, cancelled_before_an_answer, left_in_the_middle])
def test_nothing_is_left_open(silent: Access, broken_off: Break) -> None:
    async def main() -> None:
        async with Connection(silent) as connection:
            await broken_off(connection)

    with warnings.catch_warnings(record=True) as left:
        warnings.simplefilter("always")
        asyncio.run(main())
        gc.collect()
    assert [str(one.message) for one in left] == []
