"""Serves one component: plain HTTP on the loopback address here, TLS to the API server."""

from __future__ import annotations

import asyncio

from skel.faults.proxy import http1
from skel.faults.proxy.connection import Connection
from skel.faults.proxy.traffic import Traffic

LOOPBACK = "127.0.0.1"


class Proxy(Traffic):
    """What it does to the component, it does by its rules."""

    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where the component finds it."""
        assert self._server is not None
        return f"http://{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        self._connections: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._connected, LOOPBACK, 0, limit=http1.LIMIT)

    async def close(self) -> None:
        """Break all connections."""
        if self._server is None:
            return
        self._server.close()
        self.pool.close()
        tasks = tuple(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await Connection(self, reader, writer).serve()
        except asyncio.CancelledError:
            return  # the proxy closes; asyncio would complain about a cancelled connection
        finally:
            self._connections.discard(task)
