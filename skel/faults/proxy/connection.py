"""One connection of the component: its requests, one after the other, each with what the rules make of it."""

from __future__ import annotations

import asyncio
import contextlib

from skel.faults.proxy import http1
from skel.faults.proxy.end import Broken, End
from skel.faults.proxy.frames import Splitter
from skel.faults.proxy.http1 import Message
from skel.faults.proxy.route import Route, parse_route
from skel.faults.proxy.rules import AsOf, Halve, LoseAnswer, Pass, Refuse
from skel.faults.proxy.traffic import Call, Traffic, Watch

_HEAD_OF_WATCH = b"Transfer-Encoding: chunked\r\nConnection: close\r\n"
"""Nobody else's request is to come on its connection, which ends with it."""


class Connection:
    """What it says to the component has left this process when it goes on, so that rest is rest."""

    def __init__(self, traffic: Traffic, component: End) -> None:
        self._traffic = traffic
        self._component = component

    async def serve(self) -> None:
        """Return when one of the sides has gone, or a fault breaks the connection."""
        with contextlib.suppress(OSError):
            while (asked := await http1.read_request(self._component)) is not None:
                if not await self._exchange(asked):
                    return

    async def _exchange(self, asked: Message) -> bool:
        """One request; whether the connection is good for another one."""
        method, target, _ = asked.head.first.decode("latin-1").split(" ")
        call = Call(parse_route(method, target), asked.head.fields.agent, asked.body)
        if call.route.is_watch:
            return await self._watch(call, asked)
        with self._traffic.under_way():
            return await self._answer(call, asked)

    async def _answer(self, call: Call, asked: Message) -> bool:
        traffic = self._traffic
        await traffic.observer.asked(call)
        match traffic.rules.decide(call.route):
            case Pass():
                return await self._say(await self._forwarded(call, call.route, asked))
            case Refuse(status, retry_after):
                traffic.spoiled += 1
                traffic.observer.happened("failed", f"{status} for {call.route.method} {call.route.what}")
                return await self._say_status(status, retry_after)
            case LoseAnswer(status):
                await self._forwarded(call, call.route, asked)
                traffic.spoiled += 1
                traffic.observer.happened("lost", f"{call.route.method} {call.route.what}")
                return await self._say_status(status)
            case AsOf(revision):
                earlier = call.route.asking(
                    resourceVersion=str(revision), resourceVersionMatch="Exact", limit=None, **{"continue": None}
                )
                traffic.observer.happened("stale", call.route.what)
                return await self._say(await self._forwarded(call, earlier, asked))
            case Halve():
                return await self._say_slowly(await self._forwarded(call, call.route, asked))

    async def _forwarded(self, call: Call, route: Route, asked: Message) -> bytes:
        """The whole answer. Raises OSError."""
        ranks = self._traffic.ranks
        if ranks is None or not ranks.concerns(route) or not self._traffic.rules.in_scope(route):
            return await self._exchanged(call, route, asked, call.body)
        async with ranks.turn:
            return await self._exchanged(call, route, asked, ranks.ranked(route, call.body))

    async def _exchanged(self, call: Call, route: Route, asked: Message, body: bytes) -> bytes:
        pool = self._traffic.pool
        target = asked.target if route is call.route else route.target
        answer = await pool.ask(pool.request(route.method, target, asked, body), route.method)
        await self._traffic.observer.answered(call, answer.head.status)
        return answer.passed_on

    # --- to the component

    async def _say(self, answer: bytes) -> bool:
        await self._component.say(answer)
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

    # --- watches

    async def _watch(self, call: Call, asked: Message) -> bool:
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
                await line.say(traffic.pool.request(call.route.method, asked.target, asked, call.body))
                head = await http1.read_answer_head(line)
                await traffic.observer.answered(call, head.status)
                if head.status != 200:
                    answer = await http1.read_rest(line, head, call.route.method)
                    line.close()
                    return await self._say(answer.passed_on)
            except BaseException:
                line.close()
                raise
            watch = self._admitted(call)
        try:
            await self._say(http1.message(head.first, head.fields.without_form + _HEAD_OF_WATCH, None))
            await self._go_on(watch, Splitter(head.fields.get("Content-Type")), line)
        finally:
            line.close()
            traffic.watches.discard(watch)
            traffic.tell()
        return False

    def _admitted(self, call: Call) -> Watch:
        """A watch, with the faults that hold for it."""
        watch = Watch(call.route, call.agent)
        self._traffic.rules.admit(watch)
        self._traffic.watches.add(watch)
        return watch

    async def _go_on(self, watch: Watch, splitter: Splitter, line: End) -> None:
        tasks = (
            asyncio.create_task(self._receive(watch, splitter, line)),
            asyncio.create_task(self._notice_end(watch)),
        )
        try:
            await self._deliver(watch)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self, watch: Watch, splitter: Splitter, line: End) -> None:
        with contextlib.suppress(Broken):
            async for data in http1.chunks(line):
                for frame in splitter.feed(data):
                    await self._traffic.observer.came(watch, frame)
                    watch.gate.push(frame)
                    watch.received = max(watch.received, frame.revision)
                    watch.changed.set()
        watch.gate.end()
        watch.changed.set()

    async def _notice_end(self, watch: Watch) -> None:
        """The component says nothing on a connection with a watch, until it closes it."""
        if not self._component.came:
            await self._component.more()
        watch.is_cut = True
        watch.changed.set()

    async def _deliver(self, watch: Watch) -> None:
        while not watch.is_cut:
            watch.changed.clear()
            frames = tuple(watch.gate.passing())
            if frames:
                watch.is_busy = True
                self._traffic.activity += sum(not frame.is_bookmark for frame in frames)
                await self._component.say(http1.chunk(b"".join([frame.raw for frame in frames])))
                watch.is_busy = False
            self._traffic.tell()
            if watch.gate.is_at_end:
                await self._say(http1.LAST_CHUNK)
                return
            await watch.changed.wait()
