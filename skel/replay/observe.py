"""Watches a cluster during a replay and writes what it sees into the run directory (docs/run-folder.md)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from skel.client.connection import Connection
from skel.client.discovery import Discovery, Resource
from skel.client.errors import ClientError, Disconnected, NotServed
from skel.client.request import Query
from skel.client.watch import Changed, Listed, Source, watch
from skel.replay.component_metrics import Component, MetricLines
from skel.replay.line_files import LineFiles
from skel.replay.owners import Owners
from skel.replay.pod_lines import Instant, Line, PodLines, uid_of
from skel.replay.pod_marks import Ours
from skel.replay.virtual import SIMULATION, Simulation
from skel.replay.watchers import EventLines, NodeLines, ObjectLines
from skel.trace.identity import sight
from skel.trace.model import Trace

PODS, EVENTS, NODES, OBJECTS, METRICS = "pods.jsonl", "events.jsonl", "nodes.jsonl", "objects.jsonl", "metrics.jsonl"

_FLUSH_SECONDS = 1.0
_ASK_AGAIN_SECONDS = 2.0
"""Until a kind that is not served is asked for again: its definition may come with the trace."""
_READ_BACK_SECONDS = 30.0
_LAST_METRICS_SECONDS = 10.0
_FAILURES = 3
"""Looks at metrics in a row that may fail before it is told."""
_LAST_LOOK_SECONDS = 0.3
"""What has happened shows in a watch a moment later."""

Kind = tuple[str, str]
"""apiVersion and kind."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is to be observed.

    `interval` is simulated seconds between two looks at metrics, `shortest` seconds of the run, however fast the
    simulated time goes: a look costs an API server some tenths of a second. None for `speed` is as fast as it goes.
    """

    simulation: Simulation
    kinds: tuple[Kind, ...] = ()
    components: tuple[Component, ...] = ()
    interval: float = 15.0
    shortest: float = 5.0
    speed: float | None = 1.0

    @property
    def pause(self) -> float:
        """Seconds of the run between two looks at metrics."""
        return max(self.shortest, self.interval / self.speed if self.speed else 0.0)


class Observation:
    """What goes on, for whoever looks. `problems` are sentences; none of them ends the replay."""

    def __init__(self, connection: Source, files: LineFiles, look: Look, now: Callable[[], Instant]) -> None:
        self._connection = connection
        self._files = files
        self._look = look
        self._now = now
        self._problems: list[str] = []
        ours = Ours(look.simulation.namespaces)
        self._owners = Owners(connection.send, ours)
        self._pods = PodLines(ours)
        self._events = EventLines(ours)
        self._nodes = NodeLines()
        self._objects = {kind: ObjectLines(ours, *kind) for kind in look.kinds}
        self._metrics = MetricLines()
        self._is_over = asyncio.Event()

    @property
    def phases(self) -> Counter[str]:
        """Pods of the simulation by phase, now."""
        return self._pods.phases

    @property
    def problems(self) -> tuple[str, ...]:
        return (*self._problems, *([self._files.problem] if self._files.problem else ()))

    @property
    def lines(self) -> Counter[str]:
        """How many lines each file got."""
        return self._files.lines

    def watches(self) -> Iterator[tuple[str, Awaitable[None]]]:
        """Everything that goes on at the same time until it is cancelled, and what it is called."""
        yield "pods", self._follow_pods()
        yield "events", self._follow("/api/v1/events", (), EVENTS, self._events.take)
        yield "nodes", self._follow("/api/v1/nodes", (), NODES, self._nodes.take)
        for (api_version, kind), lines in self._objects.items():
            # Pods have a file of their own.
            if kind != "Pod":
                yield f"{kind} ({api_version})", self._follow_kind(api_version, kind, lines)

    def meters(self) -> Iterator[tuple[str, Awaitable[None]]]:
        """The same for what ends by itself after `last_look`."""
        for component in self._look.components:
            yield f"metrics of {component.name}", self._measure(component)

    def last_look(self) -> None:
        """Read the metrics once more, then no more."""
        self._is_over.set()

    async def run(self, name: str, work: Awaitable[None]) -> None:
        """What one of them meets is told, and does not disturb the others."""
        try:
            await work
        except ClientError as error:
            self._problems.append(f"{name}: not watched: {error.message}")

    def end(self, results: Iterable[BaseException | None]) -> None:
        """What broke a watch that nobody foresaw must not go unsaid."""
        self._problems += [f"a watch broke: {error!r}" for error in results if isinstance(error, Exception)]

    async def flush_now_and_then(self) -> None:
        while not self._files.problem:
            await asyncio.sleep(_FLUSH_SECONDS)
            self._files.flush()

    async def read_back(self) -> None:
        """Write each object of the replay as it is now."""
        if self._files.problem:
            return
        try:
            async with asyncio.timeout(_READ_BACK_SECONDS):
                for (api_version, kind), lines in self._objects.items():
                    await self._read_back(api_version, kind, lines)
        except (TimeoutError, ClientError) as error:
            why = "it took too long" if isinstance(error, TimeoutError) else str(error)
            self._problems.append(f"the objects could not all be read back at the end: {why}")

    async def _read_back(self, api_version: str, kind: str, lines: ObjectLines) -> None:
        resource = await self._resource(api_version, kind)
        if resource is None:
            return
        lines.api_version = resource.api_version
        async with aclosing(watch(self._connection, resource.collection(), self._labelled())) as changes:
            first = await anext(changes)
        assert isinstance(first, Listed)
        self._put(OBJECTS, (lines.last(thing, self._now()) for thing in first.objects))

    async def _follow(
        self, path: str, query: Query, file: str, take: Callable[[Listed | Changed, Instant], Iterator[Line]]
    ) -> None:
        async with aclosing(watch(self._connection, path, query)) as changes:
            async for change in changes:
                self._put(file, take(change, self._now()))

    async def _follow_kind(self, api_version: str, kind: str, lines: ObjectLines) -> None:
        """Wherever it is served: its version may come with the trace, and be gone behind an upgrade."""
        while True:
            resource = await self._resource(api_version, kind)
            if resource is not None:
                lines.api_version = resource.api_version
                with suppress(NotServed):
                    await self._follow(resource.collection(), self._labelled(), OBJECTS, lines.take)
            await asyncio.sleep(_ASK_AGAIN_SECONDS)

    async def _resource(self, api_version: str, kind: str) -> Resource | None:
        """How a kind is served, in another version if need be; None if it is not served (yet)."""
        try:
            return await Discovery(self._connection.send).find_any(api_version, kind)
        except Disconnected:
            return None

    def _labelled(self) -> Query:
        return (("labelSelector", f"{SIMULATION}={self._look.simulation.name}"),)

    async def _follow_pods(self) -> None:
        async with aclosing(watch(self._connection, "/api/v1/pods")) as changes:
            async for change in changes:
                if isinstance(change, Listed):
                    for uid in self._pods.missing({uid_of(pod) for pod in change.objects}):
                        self._put(PODS, self._pods.gone(uid, self._now()))
                    for pod in change.objects:
                        await self._see_pod(pod)
                elif change.type == "DELETED":
                    self._put(PODS, self._pods.gone(uid_of(change.object), self._now()))
                else:
                    await self._see_pod(change.object)

    async def _see_pod(self, pod: Line) -> None:
        now = self._now()
        owner = await self._owners.top(pod) if self._pods.is_new(pod) else ""
        self._put(PODS, self._pods.seen(pod, now, owner))

    async def _measure(self, component: Component) -> None:
        async with Connection(component.access, at_once=1, timeout=10.0) as connection:
            failures = 0
            while True:
                is_last = self._is_over.is_set()
                try:
                    page = await connection.text(component.path)
                    self._put(METRICS, self._metrics.take(component.name, page, self._now()))
                    failures = 0
                except ValueError as error:
                    raise ClientError(f"{component.path} can't be understood: {error}") from None
                except ClientError as error:
                    # It may be on its way from one release to the next.
                    failures += 1
                    if failures == _FAILURES:
                        self._give_up(component, error)
                if is_last:
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._look.pause):
                        await self._is_over.wait()

    def _give_up(self, component: Component, error: ClientError) -> None:
        """Who does not answer may do so later; who refuses will go on refusing."""
        if not isinstance(error, Disconnected):
            raise error
        self._problems.append(f"metrics of {component.name}: no answer until {self._now().t:.0f} s")

    def _put(self, file: str, lines: Iterable[Line]) -> None:
        for line in lines:
            self._files.put(file, line)


@asynccontextmanager
async def observing(
    connection: Source, folder: Path, look: Look, now: Callable[[], Instant]
) -> AsyncIterator[Observation]:
    """Observe while the block runs; when it ends as it should, read the objects back.

    `folder` is the run directory, `now` gives the simulated time. Nothing that goes wrong here ends the block.
    """
    files = LineFiles(folder)
    files.begin(PODS, EVENTS, NODES, OBJECTS, *((METRICS,) if look.components else ()))
    observation = Observation(connection, files, look, now)
    meters = [asyncio.create_task(observation.run(name, work)) for name, work in observation.meters()]
    tasks = [asyncio.create_task(observation.run(name, work)) for name, work in observation.watches()]
    tasks += [asyncio.create_task(observation.flush_now_and_then()), *meters]
    try:
        yield observation
        await asyncio.sleep(_LAST_LOOK_SECONDS)
        observation.last_look()
        await observation.read_back()
        if meters:
            await asyncio.wait(meters, timeout=_LAST_METRICS_SECONDS)
    finally:
        for task in tasks:
            task.cancel()
        observation.end(await asyncio.gather(*tasks, return_exceptions=True))
        files.close()


def kinds_of(trace: Trace) -> tuple[Kind, ...]:
    """Everything that a trace applies, in order of first appearance; a kind in several versions is one."""
    found: dict[Kind, Kind] = {}
    for event in trace.events:
        for raw in event.applied_objs:
            seen = sight(raw)
            if seen is not None:
                group = seen.apiVersion.rpartition("/")[0]
                found.setdefault((group, seen.kind), (seen.apiVersion, seen.kind))
    return tuple(found.values())
