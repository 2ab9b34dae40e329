"""Connections to the API server: to open one costs both sides more than a request does, so they are used again."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from skel.faults.proxy.http1 import LIMIT

_AT_ONCE = 32
"""Requests under way; a controller that makes 500 pods at once would open as many connections."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """The API server, and as whom the component speaks to it."""

    host: str
    port: int
    tls: ssl.SSLContext
    token: str


@dataclass(frozen=True, slots=True)
class Line:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def is_open(self) -> bool:
        return not (self.reader.at_eof() or self.writer.is_closing())


class Pool:
    """Of one component."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self._free: list[Line] = []
        self._turns = asyncio.Semaphore(_AT_ONCE)

    @asynccontextmanager
    async def for_request(self) -> AsyncIterator[Line]:
        """A connection for a request and its whole answer; what goes wrong meanwhile ends it."""
        async with self._turns:
            line = self._usable() or await self.open()
            try:
                yield line
            except BaseException:
                line.writer.close()
                raise
            self._free.append(line)

    async def open(self) -> Line:
        """A new one, of which the caller takes care."""
        upstream = self.upstream
        return Line(*await asyncio.open_connection(upstream.host, upstream.port, ssl=upstream.tls, limit=LIMIT))

    def close(self) -> None:
        for line in self._free:
            line.writer.close()
        self._free.clear()

    def _usable(self) -> Line | None:
        while self._free:
            line = self._free.pop()
            if line.is_open:
                return line
            line.writer.close()
        return None
