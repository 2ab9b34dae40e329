"""One connection of the component: its requests, one after the other, each with what the rules make of it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl

from skel.faults.proxy import http1
from skel.faults.proxy.frames import Splitter
from skel.faults.proxy.http1 import Broken, Head
from skel.faults.proxy.pool import Line
from skel.faults.proxy.route import Route, parse_route
from skel.faults.proxy.rules import AsOf, Halve, LoseAnswer, Pass, Refuse
from skel.faults.proxy.traffic import Call, Traffic, Watch

_NOT_OURS = ("host", "accept-encoding")
"""Headers that the API server must not see: a compressed answer has no frames."""


class Connection:
    """Serves until one of the sides has gone."""

    def __init__(self, traffic: Traffic, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._traffic = traffic
        self._reader = reader
        self._writer = writer
        # What was written has left this process when `drain` returns, so that rest is rest.
        writer.transport.set_write_buffer_limits(high=0)

    async def serve(self) -> None:
        """Return when one of the sides has gone, or a fault breaks the connection."""
        try:
            while (head := await http1.read_head(self._reader)) is not None:
                if not await self._exchange(head):
                    return
        except (Broken, ConnectionError, ssl.SSLError):
            return
        finally:
            self._writer.close()

    async def _exchange(self, head: Head) -> bool:
        """One request; whether the connection is good for another one."""
        method, target, _ = head.first
        call = Call(parse_route(method, target), head.get("user-agent"), await http1.read_body(self._reader, head))
        if call.route.is_watch:
            return await self._watch(call, head)
        with self._traffic.under_way():
            return await self._answer(call, head)

    async def _answer(self, call: Call, head: Head) -> bool:
        traffic = self._traffic
        await traffic.observer.asked(call)
        match traffic.rules.decide(call.route):
            case Refuse(status, retry_after):
                traffic.observer.happened("failed", f"{status} for {call.route.method} {call.route.what}")
                return await self._say_status(status, retry_after)
            case LoseAnswer(status):
                await self._forwarded(call, call.route, head)
                traffic.observer.happened("lost", f"{call.route.method} {call.route.what}")
                return await self._say_status(status)
            case AsOf(revision):
                earlier = call.route.asking(
                    resourceVersion=str(revision), resourceVersionMatch="Exact", limit=None, **{"continue": None}
                )
                traffic.observer.happened("stale", call.route.what)
                return await self._say(await self._forwarded(call, earlier, head))
            case Halve():
                return await self._say_slowly(await self._forwarded(call, call.route, head))
            case Pass():
                return await self._say(await self._forwarded(call, call.route, head))

    # --- to the component

    async def _say(self, answer: bytes) -> bool:
        self._writer.write(answer)
        await self._writer.drain()
        return True

    async def _say_status(self, status: int, retry_after: int = 0) -> bool:
        return bool(status) and await self._say(http1.status_answer(status, retry_after))

    async def _say_slowly(self, answer: bytes) -> bool:
        """Half of it now, the rest behind the next step. Meanwhile it is the component that waits, not we for it."""
        half = len(answer) // 2
        await self._say(answer[:half])
        self._traffic.in_flight -= 1
        self._traffic.tell()
        try:
            await self._traffic.next_step()
        finally:
            self._traffic.in_flight += 1
        return await self._say(answer[half:])

    # --- to the server

    async def _forwarded(self, call: Call, route: Route, head: Head) -> bytes:
        """The whole answer. Raises Broken."""
        async with self._traffic.pool.for_request() as line:
            answer = await self._ask(line, call, route, head)
            body = await http1.read_body(line.reader, answer, of_head=route.method == "HEAD")
            if answer.get("connection").lower() == "close":
                line.writer.close()
        await self._traffic.observer.answered(call, answer.status)
        return http1.message(" ".join(answer.first), answer.passed_on(), body)

    async def _ask(self, line: Line, call: Call, route: Route, head: Head) -> Head:
        """Send a request; the head of the answer. Raises Broken."""
        upstream = self._traffic.pool.upstream
        lines = [*head.passed_on(_NOT_OURS), f"Host: {upstream.host}:{upstream.port}"]
        if not head.get("authorization"):
            lines.append(f"Authorization: Bearer {upstream.token}")
        target = head.first[1] if route is call.route else route.target
        has_body = bool(call.body) or route.method in {"POST", "PUT", "PATCH"}
        line.writer.write(http1.message(f"{route.method} {target} HTTP/1.1", lines, call.body if has_body else None))
        await line.writer.drain()
        answer = await http1.read_head(line.reader)
        if answer is None:
            raise Broken("the API server closed the connection")
        return answer

    # --- watches

    async def _watch(self, call: Call, head: Head) -> bool:
        """Whether the connection is good for another request: not behind a watch."""
        traffic = self._traffic
        with traffic.under_way():
            await traffic.observer.asked(call)
            decision = traffic.rules.decide(call.route)
            if isinstance(decision, Refuse):
                traffic.observer.happened("failed", f"{decision.status} for the watch of {call.route.what}")
                return await self._say_status(decision.status, decision.retry_after)
            line = await traffic.pool.open()
            try:
                answer = await self._ask(line, call, call.route, head)
                await traffic.observer.answered(call, answer.status)
                if answer.status != 200:
                    body = await http1.read_body(line.reader, answer)
                    return await self._say(http1.message(" ".join(answer.first), answer.passed_on(), body))
            except BaseException:
                line.writer.close()
                raise
            watch = self._admitted(call)
        try:
            # Nobody else's request is to come on it: it ends with the watch.
            lines = (*answer.passed_on(), "Transfer-Encoding: chunked", "Connection: close")
            await self._say(http1.message(" ".join(answer.first), lines, None))
            await self._go_on(watch, Splitter(answer.get("content-type")), line.reader)
        finally:
            line.writer.close()
            traffic.watches.discard(watch)
            traffic.tell()
        return False

    def _admitted(self, call: Call) -> Watch:
        """A watch, with the faults that hold for it."""
        watch = Watch(call.route, call.agent)
        self._traffic.rules.admit(watch)
        self._traffic.watches.add(watch)
        return watch

    async def _go_on(self, watch: Watch, splitter: Splitter, reader: asyncio.StreamReader) -> None:
        tasks = (
            asyncio.create_task(self._receive(watch, splitter, reader)),
            asyncio.create_task(self._notice_end(watch)),
        )
        try:
            await self._deliver(watch)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self, watch: Watch, splitter: Splitter, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(Broken, ConnectionError, ssl.SSLError):
            async for data in http1.chunks(reader):
                for frame in splitter.feed(data):
                    await self._traffic.observer.came(watch, frame)
                    watch.gate.push(frame)
                    watch.received = max(watch.received, frame.revision)
                    watch.changed.set()
        watch.gate.end()
        watch.changed.set()

    async def _notice_end(self, watch: Watch) -> None:
        """The component says nothing on a connection with a watch, until it closes it."""
        with contextlib.suppress(ConnectionError):
            await self._reader.read(1)
        watch.is_cut = True
        watch.changed.set()

    async def _deliver(self, watch: Watch) -> None:
        while not watch.is_cut:
            watch.changed.clear()
            watch.is_busy = True
            for frame in watch.gate.passing():
                self._writer.write(http1.chunk(frame.raw))
                self._traffic.activity += not frame.is_bookmark
            await self._writer.drain()
            watch.is_busy = False
            self._traffic.tell()
            if watch.gate.is_at_end:
                await self._say(http1.LAST_CHUNK)
                return
            await watch.changed.wait()
