"""A recorder by HTTP: how it is, its figures, and any part of its recording as a trace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from skel.language.diagnostic import SkelError
from skel.record.errors import RecordError
from skel.record.live.session import Around, Recorded
from skel.record.server.export import Exported, export, read_request
from skel.record.server.metrics import page, registry
from skel.trace.errors import TraceError

_STALE_SECONDS = 30.0
"""A recorder that did not look at its inbox for so long hangs."""
_LARGEST_REQUEST = 1 << 20


class Desk:
    """Answers whoever asks."""

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        self._recorder = recorded.recorder
        self._metrics = registry(recorded.recorder)

    def application(self) -> web.Application:
        application = web.Application(client_max_size=_LARGEST_REQUEST)
        application.router.add_get("/healthz", self.health)
        application.router.add_get("/readyz", self.readiness)
        application.router.add_get("/metrics", self.metrics)
        application.router.add_post("/export", self.export)
        return application

    async def health(self, _: web.Request) -> web.Response:
        """Whether it lives; a cluster or a disk that is away is no reason to be started anew."""
        idle = self._recorder.idle
        if idle > _STALE_SECONDS:
            return web.Response(status=503, text=f"nothing was recorded or looked at for {idle:.0f} s\n")
        return web.Response(text="ok\n")

    async def readiness(self, _: web.Request) -> web.Response:
        figures = self._recorder.figures()
        if not figures.is_ready:
            return web.Response(status=503, text="what is there is still being listed\n")
        if self._recorder.journal.problem or len(figures.away) == figures.feeds:
            return web.Response(status=503, text="".join(f"{problem}\n" for problem in figures.problems))
        return web.Response(text="ok\n")

    async def metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=page(self._metrics), headers={"Content-Type": "text/plain; version=0.0.4"})

    async def export(self, request: web.Request) -> web.Response:
        """What is on the disk now, in a thread: the recording goes on meanwhile."""
        data = await request.read()
        try:
            exported = await self._export(data)
        except (TraceError, SkelError) as error:
            status = 400 if isinstance(error, RecordError | SkelError) else 502
            return web.Response(status=status, text=f"{error}\n")
        return web.Response(body=exported.data, content_type="application/octet-stream")

    async def _export(self, data: bytes) -> Exported:
        wanted = read_request(data)
        outlet, journal = self._recorded.outlet, self._recorder.journal
        async with outlet.reading:
            await journal.flush()
            entries, begun = journal.since(wanted.start_ts)
            return await asyncio.to_thread(export, wanted, entries, outlet.config, begun)


def serving(host: str, port: int, told: Callable[[int], None]) -> Around:
    """Serve while a recording goes on. `told` hears the port, which matters where 0 was asked for."""

    @asynccontextmanager
    async def around(recorded: Recorded) -> AsyncIterator[None]:
        runner = web.AppRunner(Desk(recorded).application(), access_log=None, shutdown_timeout=5.0)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, host or None, port).start()
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise RecordError(f"{host or '*'}:{port} can't be listened on: {reason}") from None
            told(runner.addresses[0][1])
            yield
        finally:
            await runner.cleanup()

    return around
