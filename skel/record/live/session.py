"""A recording from its beginning to its end: reach the cluster, take up the journal, record, write the trace."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from skel.client.access import Access
from skel.client.connection import Connection
from skel.client.request import Request
from skel.record.assemble import Assembled
from skel.record.errors import RecordError
from skel.record.live.choosing import Choice, Scope, choose
from skel.record.live.journal import Journal
from skel.record.live.outlet import Outlet, Tell
from skel.record.live.recorder import Recorder, Rule, Turn
from skel.record.live.status import Figures
from skel.record.noise import Noise
from skel.record.tracked import Tracked

_CONNECTIONS = 1024
"""A watch holds one for itself."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What is to be recorded and where it goes. Times are in seconds.

    `tracked` is None for the usual kinds; `extra` are kinds besides, by gvk. `target` is empty if nothing is written by
    itself. `length`: how long, None until somebody says stop.
    """

    target: str
    journal: Path
    tracked: Tracked | None = None
    extra: Sequence[str] = ()
    scope: Scope = field(default_factory=Scope)
    every_change: bool = False
    noise: Noise = field(default_factory=Noise)
    secrets: bool = False
    length: float | None = None
    turn: Turn = field(default_factory=Turn)
    keep: float = 0.0

    @property
    def is_folder(self) -> bool:
        return self.target.endswith("/")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `trace` is what was written last, None if nothing was to be written."""

    figures: Figures
    trace: Assembled | None
    not_recorded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What goes on, for those who look at it: a terminal, a server."""

    recorder: Recorder
    outlet: Outlet


Around = Callable[[Recorded], AbstractAsyncContextManager[None]]


async def record(
    access: Access, orders: Orders, stop: asyncio.Event, *, tell: Tell, around: Sequence[Around] = ()
) -> Outcome:
    """Record until `stop` is set or the time is over. Raises RecordError, ClientError and TraceError.

    Whatever ends it, the journal stays until all of it is in a trace: the same orders go on from there.
    """
    async with Connection(access, at_once=_CONNECTIONS) as connection:
        choice = await choose(connection.send, orders.tracked, orders.extra, orders.scope)
        for problem in choice.problems:
            tell(f"not recorded: {problem}")
        journal = Journal(orders.journal)
        if journal.cut:
            tell(f"the last {journal.cut:,} bytes of the journal were torn; the recording goes on before them")
        try:
            await _claim(journal, connection, access)
            rule = Rule(choice.tracked, orders.every_change, orders.noise, orders.secrets)
            recorder = Recorder(connection, journal, rule, choice.feeds, turn=orders.turn)
            outlet = Outlet(orders.target, choice.tracked.as_config(), orders.keep, tell)
            await recorder.begin()
            try:
                await _run(Recorded(recorder, outlet), orders, stop, around)
            finally:
                end = recorder.end()
        finally:
            await journal.close()
    trace = await asyncio.to_thread(outlet.finish, orders.journal, end) if orders.target else None
    if trace is not None and not orders.is_folder:
        # What it held is in the trace now.
        shutil.rmtree(orders.journal)
    return Outcome(recorder.figures(), trace, (*choice.problems, *_never_seen(choice)))


async def _run(recorded: Recorded, orders: Orders, stop: asyncio.Event, around: Sequence[Around]) -> None:
    recorder, outlet = recorded.recorder, recorded.outlet
    left = None if orders.length is None else max(0.0, recorder.started + orders.length - recorder.clock.now())
    async with AsyncExitStack() as stack:
        for enter in around:
            await stack.enter_async_context(enter(recorded))
        work = [asyncio.create_task(task) for task in (recorder.run(), outlet.run(recorder), stop.wait())]
        try:
            await asyncio.wait(work, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in work:
                task.cancel()
            results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise _first(result)


def _first(error: Exception) -> Exception:
    """Tasks that run side by side wrap what goes wrong in one of them."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


async def _claim(journal: Journal, connection: Connection, access: Access) -> None:
    """Make sure that a journal which is there is of this cluster, and say so in a new one."""
    uid = await _cluster(connection)
    info = journal.read_info()
    if info is None:
        journal.write_info({"server": access.server, "cluster": uid})
    elif (info["cluster"] != uid) if info.get("cluster") and uid else (info.get("server") != access.server):
        raise RecordError(
            f"the journal {journal.folder} is of another cluster, {info.get('server')}",
            "name another one with --journal, or remove it",
        )


async def _cluster(connection: Connection) -> str:
    """What tells this cluster from all others, empty if one may not see it."""
    response = await connection.send(Request("GET", "/api/v1/namespaces/kube-system"))
    body = response.body if response.is_success and isinstance(response.body, dict) else {}
    return str((body.get("metadata") or {}).get("uid") or "")


def _never_seen(choice: Choice) -> tuple[str, ...]:
    return tuple(feed.problem for feed in choice.feeds if feed.problem and not feed.reached)
