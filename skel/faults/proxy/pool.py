"""Connections to the API server: to open one costs both sides more than a request does, so they are used again."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

from skel.faults.proxy import http1
from skel.faults.proxy.end import Broken, End, connect
from skel.faults.proxy.http1 import Message

_AT_ONCE = 32
"""Requests under way; a controller that makes 500 pods at once would open as many connections."""
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_REPEATABLE = frozenset({"GET", "HEAD"})
"""What may be asked again without harm; of a write nobody knows whether the server has done it."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """The API server, and as whom the component speaks to it."""

    host: str
    port: int
    tls: ssl.SSLContext
    token: str


class Pool:
    """Of one component."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._host = f"Host: {upstream.host}:{upstream.port}\r\n".encode()
        self._name = f"Authorization: Bearer {upstream.token}\r\n".encode()
        self._free: list[End] = []
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def request(self, method: str, target: str, asked: Message, body: bytes) -> bytes:
        """What the server gets for what the component asked, with this body."""
        fields = asked.head.fields
        first = f"{method} {target} HTTP/1.1".encode("latin-1")
        block = fields.for_server + self._host + (self._name if fields.is_anonymous else b"")
        return http1.message(first, block, body if body or method in _WITH_BODY else None)

    async def ask(self, request: bytes, method: str) -> Message:
        """The whole answer. Raises Broken and OSError; then nobody knows whether a write was done."""
        async with self._turns:
            line = self._usable()
            if line is None:
                return await self._exchange(await self.open(), request, method)
            try:
                return await self._exchange(line, request, method)
            except Broken:
                # The server ends what was idle for long, maybe at the moment at which we asked.
                if method not in _REPEATABLE:
                    raise
            return await self._exchange(await self.open(), request, method)

    async def open(self) -> End:
        """A new one, of which the caller takes care. Raises OSError."""
        return await connect(self._upstream.host, self._upstream.port, self._upstream.tls)

    def close(self) -> None:
        for line in self._free:
            line.close()
        self._free.clear()

    async def _exchange(self, line: End, request: bytes, method: str) -> Message:
        """What goes wrong meanwhile ends the connection."""
        try:
            await line.say(request)
            answer = await http1.read_rest(line, await http1.read_answer_head(line), method)
        except BaseException:
            line.close()
            raise
        if answer.is_last:
            line.close()
        else:
            self._free.append(line)
        return answer

    def _usable(self) -> End | None:
        while self._free:
            line = self._free.pop()
            if not (line.is_over or line.came):
                return line
            line.close()
        return None
