"""Watches pods and writes on them what the webhook would: for clusters that can't call us, and for what it missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime

from skel.client.errors import Disconnected
from skel.client.request import Request, Response
from skel.client.watch import Changed, Listed
from skel.patch.values import Json
from skel.replay.births import Births
from skel.replay.pod_marks import Marks, Ours, end_marks, in_order, is_born, metadata_of, phase_of

Send = Callable[[Request], Awaitable[Response]]
Changes = AsyncGenerator[Listed | Changed, None]
MERGE = "application/merge-patch+json"
_AT_ONCE = 16
_ATTEMPTS = 6
_ENDED = frozenset({"Succeeded", "Failed"})


class Patcher:
    """Follows the pods of a simulation. `patched` counts what was written, `failed` what could not be."""

    def __init__(
        self, send: Send, births: Births, ours: Ours, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._send = send
        self._births = births
        self._ours = ours
        self._now = now
        self._free = asyncio.Semaphore(_AT_ONCE)
        # By uid, for pods that are there: what they are to get but do not bear yet, and whose end was sent.
        self._due: dict[str, Marks] = {}
        self._ending: set[str] = set()
        self.patched = 0
        self.failed = 0

    async def follow(self, changes: Changes) -> None:
        """Goes on for as long as there are changes."""
        async with asyncio.TaskGroup() as tasks, aclosing(changes):
            async for change in changes:
                await self._take(change, tasks)

    async def _take(self, change: Listed | Changed, tasks: asyncio.TaskGroup) -> None:
        if isinstance(change, Changed):
            if change.type == "DELETED":
                self._forget(_uid(change.object))
            elif self._ours.has(change.object):
                await self._see(change.object, tasks)
            return
        pods = in_order(pod for pod in change.objects if self._ours.has(pod))
        for uid in {*self._due, *self._ending} - {_uid(pod) for pod in pods}:
            self._forget(uid)
        for pod in pods:
            await self._births.recall(pod)
        for pod in pods:
            await self._see(pod, tasks)

    async def _see(self, pod: dict[str, Json], tasks: asyncio.TaskGroup) -> None:
        """One patch for a pod, when it runs; delays must stand there before."""
        uid = _uid(pod)
        if phase_of(pod) in _ENDED or metadata_of(pod).get("deletionTimestamp"):
            self._forget(uid)
            return
        if not is_born(pod) and uid not in self._due:
            self._due[uid] = await self._births.marks(pod)
        marks = self._due.get(uid, Marks())
        if phase_of(pod) == "Running" and uid not in self._ending:
            marks |= end_marks(marks.on(pod), self._now())
            self._ending.add(uid)
        elif not marks.has_delays:
            return
        if marks:
            self._due[uid] = Marks()
            tasks.create_task(self._patch(pod, marks))

    def _forget(self, uid: str) -> None:
        self._due.pop(uid, None)
        self._ending.discard(uid)

    async def _patch(self, pod: dict[str, Json], marks: Marks) -> None:
        metadata = metadata_of(pod)
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        async with self._free:
            if await self._is_done(Request("PATCH", path, (), marks.merge_patch(), MERGE)):
                self.patched += 1

    async def _is_done(self, request: Request) -> bool:
        for attempt in range(_ATTEMPTS):
            try:
                response = await self._send(request)
            except Disconnected:
                response = Response(503, None)
            if response.is_success:
                return True
            if response.status == 404:
                return False
            if response.status < 500 and response.status not in {409, 429}:
                break
            await asyncio.sleep(response.retry_after or 0.1 * 2**attempt)
        self.failed += 1
        return False


def _uid(pod: dict[str, Json]) -> str:
    return str(metadata_of(pod).get("uid", ""))
