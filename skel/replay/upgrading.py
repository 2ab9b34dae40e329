"""Upgrades the control plane in the middle of a replay, while it goes on, and keeps what that changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from msgspec.structs import replace

from skel.client.errors import ClientError, Disconnected
from skel.client.request import Request, Response
from skel.cluster.versions import Product
from skel.replay.absence import SERVER, Absences, ControlPlane
from skel.replay.clock import Clock, Pace
from skel.replay.errors import ReplayError
from skel.replay.hop_changes import Hopped
from skel.replay.hops import Hop
from skel.replay.pod_marks import Ours
from skel.replay.readback import Reader, Send
from skel.replay.retry import Patience, Sender
from skel.replay.schedule import Window
from skel.replay.snapshot import ObjectKey, Snapshot
from skel.replay.target import Target
from skel.replay.upgrade_lines import HopLine, Upgrade, write_upgrade
from skel.replay.virtual import Simulation

SETTLE = 5.0
"""Seconds until controllers of a new release have looked at everything that is there."""
_READING = Patience(total=20.0)


@dataclass(frozen=True, slots=True)
class Ascent:
    """What is to be done: `source` is the patch that runs first, `folder` the directory of the run."""

    source: str
    hops: tuple[Hop, ...]
    window: Window
    folder: Path
    settle: float = SETTLE


class ChangingTarget:
    """A target whose release changes. What went wrong with an upgrade ends the run: nobody will answer any more."""

    def __init__(self, inner: Target) -> None:
        self._inner = inner
        self.kubernetes = ""
        """The patch that runs now, once it is another than in the beginning."""
        self.broken: ReplayError | None = None
        self.lost = 0
        """Requests without an answer, and those that a server refused because it came or went."""
        self.deleted: set[str] = set()
        """Paths of what the replay deleted."""

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def version(self) -> str:
        return Product("kubernetes", self.kubernetes).minor if self.kubernetes else self._inner.version

    @property
    def is_dry(self) -> bool:
        return self._inner.is_dry

    async def send(self, request: Request) -> Response:
        if self.broken is not None:
            raise self.broken
        try:
            response = await self._inner.send(request)
        except Disconnected:
            self.lost += 1
            raise
        self.lost += response.status in {429, 502, 503, 504}
        if request.method == "DELETE" and response.is_success:
            self.deleted.add(request.path)
        return response

    async def close(self) -> None:
        await self._inner.close()


class Upgrading:
    """Of one run. `around` goes around its only round."""

    def __init__(
        self,
        ascent: Ascent,
        plane: ControlPlane,
        target: ChangingTarget,
        clock: Clock,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._ascent = ascent
        self._plane = plane
        self._target = target
        self._clock = clock
        self._tell = tell
        self._release = ascent.source
        self.upgrade = Upgrade(tuple((hop.at, hop.version) for hop in ascent.hops))

    @asynccontextmanager
    async def around(self, simulation: Simulation, pace: Pace, _round: int = 0) -> AsyncIterator[None]:
        """The block ends when the last hop is done; a hop that fails ends it with a ReplayError."""
        write_upgrade(self._ascent.folder, self.upgrade)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._climb(simulation, pace))
                yield
        except BaseExceptionGroup as errors:
            # The block alone, or the hops alone, or both for the same reason: one error says it.
            raise errors.exceptions[0] from None

    async def _climb(self, simulation: Simulation, pace: Pace) -> None:
        await pace.begun()
        for hop in self._ascent.hops:
            await pace.wait_until(self._ascent.window.wall(hop.at))
            await self._hop(hop, simulation, pace)

    async def _hop(self, hop: Hop, simulation: Simulation, pace: Pace) -> None:
        reader = Reader(_patient(self._target, self._clock), simulation)
        before = await reader.read()
        line = self._begin(hop, pace)
        self._tell(f"upgrading the control plane from {line.source} to {line.target} ...")
        try:
            line = await self._carry_out(line, pace)
            if self._target.broken is not None:
                raise self._target.broken
            await self._clock.sleep(self._ascent.settle)
            line = await self._compared(line, before, reader, simulation)
        except asyncio.CancelledError:
            line = replace(line, error="the run ended meanwhile; what it changed is not known")
            raise
        finally:
            self._keep(line)
        self._tell(f"the control plane runs {line.target} after {line.seconds:.1f} s")

    def _begin(self, hop: Hop, pace: Pace) -> HopLine:
        wall = pace.elapsed()
        return HopLine(
            source=self._release,
            target=hop.version,
            asked=hop.at,
            t=round(self._simulated(wall), 3),
            wall=round(wall, 3),
        )

    async def _carry_out(self, line: HopLine, pace: Pace) -> HopLine:
        """The line with what came of it; the target is broken if there is no control plane any more."""
        lost, began = self._target.lost, self._clock.now()
        # Whatever is refused from now on, the new release explains.
        self._target.kubernetes = line.target
        absences = Absences(self._plane, self._clock)
        watching = asyncio.create_task(absences.watch())
        error: ClientError | None = None
        try:
            # An upgrade that is under way can't be called back; who is told to stop waits for it.
            self._release = await _uninterrupted(asyncio.to_thread(self._plane.upgrade, line.target))
        except ClientError as failure:
            error = failure
        finally:
            with suppress(TimeoutError):
                await asyncio.wait_for(watching, 0.0 if error else 1.0)
        if error is not None:
            self._target.broken = ReplayError(f"the upgrade to {line.target} failed: {error.message}", error.hint)
        return replace(
            line,
            seconds=round(self._clock.now() - began, 3),
            gone=self._of_the_run(absences.gone(SERVER), pace),
            answered=self._of_the_run(absences.back(SERVER), pace),
            away=absences.found(),
            refused=self._target.lost - lost,
            error=error.message if error else "",
        )

    async def _compared(self, line: HopLine, before: Snapshot, reader: Reader, simulation: Simulation) -> HopLine:
        try:
            after = await reader.read()
        except ClientError as error:
            return replace(line, error=f"what it changed is not known: {error.message}")
        hopped = Hopped(before, after, Ours(simulation.namespaces))
        return replace(line, changes=hopped.changes(self._is_deleted(before)))

    def _is_deleted(self, before: Snapshot) -> Callable[[ObjectKey], bool]:
        """Whether the replay deleted an object, or the namespace that it was in."""
        gone = {deleted_place(path) for path in self._target.deleted}

        def is_deleted(key: ObjectKey) -> bool:
            group, _, namespace, name = key
            place = (group, before.kinds[key[0], key[1]].plural, namespace, name)
            return place in gone or ("", "namespaces", "", namespace) in gone

        return is_deleted

    def _keep(self, line: HopLine) -> None:
        self.upgrade = replace(self.upgrade, hops=(*self.upgrade.hops, line))
        write_upgrade(self._ascent.folder, self.upgrade)

    def _of_the_run(self, moment: float | None, pace: Pace) -> float | None:
        """A moment on the clock as seconds of the run."""
        return None if moment is None else round(pace.elapsed() - (self._clock.now() - moment), 3)

    def _simulated(self, wall: float) -> float:
        window = self._ascent.window
        return window.start + wall * (window.speed or 1.0)


def deleted_place(path: str) -> tuple[str, str, str, str]:
    """Group, plural, namespace and name of a path such as `/apis/apps/v1/namespaces/shop/deployments/web`."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    group, rest = ("", parts[2:]) if parts[0] == "api" else (parts[1], parts[3:])
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    return group, rest[0], namespace, rest[1]


def _patient(target: Target, clock: Clock) -> Send:
    sender = Sender(target, clock, _READING)

    async def send(request: Request) -> Response:
        return (await sender.send(request)).response

    return send


async def _uninterrupted(work: Awaitable[str]) -> str:
    """What it gives; who is cancelled meanwhile waits until it is done."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(ClientError):
            await task
        raise
