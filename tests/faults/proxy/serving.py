"""An API server that says what a test tells it, behind TLS, and a proxy before it."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import trustme

from skel.faults.proxy import http1
from skel.faults.proxy.end import End
from skel.faults.proxy.frames import Frame
from skel.faults.proxy.http1 import Message
from skel.faults.proxy.pool import Upstream
from skel.faults.proxy.proxy import Proxy
from skel.faults.proxy.traffic import Call, Watch


@dataclass
class Seen:
    """An observer that writes down; a request waits for `gate`, and the frame `waits_at` for `goes_on`."""

    calls: list[str] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    happenings: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    waits_at: int = 0

    async def asked(self, call: Call) -> None:
        self.calls.append(f"{call.route.method} {call.route.what}")
        await self.gate.wait()

    async def answered(self, call: Call, status: int) -> None:
        self.calls.append(f"{status}")

    async def came(self, watch: Watch, frame: Frame) -> None:
        self.frames.append(frame.revision)
        if frame.revision == self.waits_at:
            await self.goes_on.wait()

    def happened(self, what: str, text: str) -> None:
        self.happenings.append(what)


class _Streamed(End):
    """The end of a server that is made of streams."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came = bytearray()
        self._reader = reader
        self._writer = writer

    async def more(self) -> bool:
        data = await self._reader.read(1 << 16)
        self.came += data
        return bool(data)

    async def say(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()


JSON = http1.block("Content-Type: application/json")


@dataclass
class Server:
    """A watch gets the revisions that `tell` adds. What it was asked stands in `asked`.

    `answers` are said instead of its own, as they are, the first one first; an empty one breaks the connection.
    """

    asked: list[Message] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    watchers: list[asyncio.StreamWriter] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        end = _Streamed(reader, writer)
        try:
            while (asked := await http1.read_request(end)) is not None:
                self.asked.append(asked)
                await self.may_answer.wait()
                if self.answers:
                    await end.say(self.answers[0])
                    if not self.answers.pop(0).startswith(b"HTTP/1.1 200 Kept"):
                        return
                elif "watch=" in asked.target:
                    block = http1.block("Content-Type: application/json", "Transfer-Encoding: chunked")
                    await end.say(http1.message(b"HTTP/1.1 200 OK", block, None))
                    self.watchers.append(writer)
                else:
                    await end.say(_echo(asked))
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            self.watchers = [it for it in self.watchers if it is not writer]
            writer.close()

    @property
    def connections(self) -> int:
        """That there have been."""
        return len(self.writers)

    def end_connections(self) -> None:
        for writer in self.writers:
            writer.close()

    async def tell(self, *revisions: int, event: str = "ADDED") -> None:
        for writer in self.watchers:
            for revision in revisions:
                thing = {"type": event, "object": {"metadata": {"name": "p", "resourceVersion": str(revision)}}}
                writer.write(http1.chunk(json.dumps(thing).encode() + b"\n"))
            await writer.drain()

    async def end_watches(self) -> None:
        for writer in self.watchers:
            writer.write(http1.LAST_CHUNK)
            await writer.drain()
        self.watchers.clear()


def _echo(asked: Message) -> bytes:
    status = b"201 Created" if asked.head.first.startswith(b"POST") else b"200 OK"
    answer = json.dumps({"target": asked.target, "items": ["x" * 100]}).encode()
    return http1.message(b"HTTP/1.1 " + status, JSON, answer)


@dataclass
class Stage:
    server: Server
    proxy: Proxy
    seen: Seen
    session: aiohttp.ClientSession

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.session.get(self.proxy.url + path) as answer:
            return answer.status, await answer.json()

    async def post(self, path: str) -> tuple[int, Any]:
        async with self.session.post(self.proxy.url + path, json={"kind": "Pod"}) as answer:
            return answer.status, await answer.json()

    async def delete(self, path: str) -> tuple[int, Any]:
        async with self.session.delete(self.proxy.url + path) as answer:
            return answer.status, await answer.json()

    @asynccontextmanager
    async def watching(
        self, path: str = "/api/v1/pods?watch=1&resourceVersion=5"
    ) -> AsyncIterator[aiohttp.StreamReader]:
        async with self.session.get(self.proxy.url + path) as answer:
            assert answer.status == 200
            yield answer.content


async def revision(content: aiohttp.StreamReader) -> int:
    """Of the next frame; 0 at the end of the stream."""
    line = await asyncio.wait_for(content.readline(), 10)
    return int(json.loads(line)["object"]["metadata"]["resourceVersion"]) if line else 0


async def nothing_comes(content: aiohttp.StreamReader) -> bool:
    try:
        await asyncio.wait_for(content.readline(), 0.2)
    except TimeoutError:
        return True
    return False


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    authority = trustme.CA()
    here = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(here)
    there = ssl.create_default_context()
    authority.configure_trust(there)
    server, seen = Server(), Seen()
    seen.gate.set()
    server.may_answer.set()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=here)
    server.port = listening.sockets[0].getsockname()[1]
    proxy = Proxy(Upstream("127.0.0.1", server.port, there, "secret"), seen)
    await proxy.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Stage(server, proxy, seen, session)
    finally:
        await proxy.close()
        listening.close()
        await asyncio.sleep(0.05)  # what the other ends have to say to it


def played(play: Callable[[Stage], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with staged() as stage:
            await asyncio.wait_for(play(stage), 30)

    asyncio.run(whole())
