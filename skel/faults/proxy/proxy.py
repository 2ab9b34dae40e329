"""Serves one component: plain HTTP on the loopback address here, TLS to the API server."""

from __future__ import annotations

import asyncio
import socket

from skel.faults.proxy.connection import Connection
from skel.faults.proxy.end import End
from skel.faults.proxy.traffic import Traffic

LOOPBACK = "127.0.0.1"
_BACKLOG = 1024
"""A controller that makes 500 pods at once opens as many connections at once."""
_PATIENCE = 1.0
"""Seconds until the next try where there are too many connections for this process."""


class Proxy(Traffic):
    """What it does to the component, it does by its rules."""

    _listening: socket.socket | None = None

    @property
    def url(self) -> str:
        """Where the component finds it."""
        assert self._listening is not None
        return f"http://{LOOPBACK}:{self._listening.getsockname()[1]}"

    async def start(self) -> None:
        self._connections: set[asyncio.Task[None]] = set()
        self._listening = socket.create_server((LOOPBACK, 0), backlog=_BACKLOG)
        self._listening.setblocking(False)
        # Connections have it from here.
        self._listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self._listen()

    async def close(self) -> None:
        """Break all connections."""
        if self._listening is None:
            return
        asyncio.get_running_loop().remove_reader(self._listening)
        self._listening.close()
        self.pool.close()
        tasks = tuple(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _listen(self) -> None:
        assert self._listening is not None
        if self._listening.fileno() >= 0:
            asyncio.get_running_loop().add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        """All that wait."""
        assert self._listening is not None
        try:
            for _ in range(_BACKLOG):
                connected, _ = self._listening.accept()
                connected.setblocking(False)
                self._serve(End(connected))
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._listening)
            loop.call_later(_PATIENCE, self._listen)

    def _serve(self, component: End) -> None:
        task = asyncio.get_running_loop().create_task(Connection(self, component).serve())
        self._connections.add(task)

        def over(_: asyncio.Task[None]) -> None:
            self._connections.discard(task)
            component.close()

        task.add_done_callback(over)
