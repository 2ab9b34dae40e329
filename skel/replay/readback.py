"""Reads a whole cluster back: what it serves, and every object of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from skel.client.discovery import group_path
from skel.client.errors import ClientError
from skel.client.request import Query, Request, Response
from skel.patch.values import Json
from skel.replay.pod_marks import Ours
from skel.replay.snapshot import (
    KindKey,
    ObjectKey,
    Seen,
    ServedKind,
    Snapshot,
    group_versions,
    seen_objects,
    served_kinds,
)
from skel.replay.virtual import Simulation

Send = Callable[[Request], Awaitable[Response]]
_PAGE = 500
_AT_ONCE = 8
_GONE = 410


class Reader:
    """Reads through `send`, which asks again by itself where that makes sense."""

    def __init__(self, send: Send, simulation: Simulation) -> None:
        self._send = send
        self._simulation = simulation
        self._ours = Ours(simulation.namespaces)
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def read(self) -> Snapshot:
        """Raises ClientError if the server does not even say what it serves; what it refuses to list is `unread`."""
        core, groups = await asyncio.gather(self._get(Request("GET", "/api")), self._get(Request("GET", "/apis")))
        versions = group_versions(core, groups)
        bodies = await asyncio.gather(*(self._try(Request("GET", group_path(version))) for version in versions))
        kinds = served_kinds((version, body) for version, body in zip(versions, bodies, strict=True) if body)
        mute = {version for version, body in zip(versions, bodies, strict=True) if not body}
        lists = await asyncio.gather(*(self._list(key, row) for key, row in kinds.items()))
        objects = {key: seen for found in lists if found for key, seen in found.items()}
        unread = [key for key, found in zip(kinds, lists, strict=True) if found is None]
        unread += [(version.rpartition("/")[0], "") for version in mute]
        return Snapshot(kinds, objects, frozenset(unread))

    async def _list(self, key: KindKey, row: ServedKind) -> Mapping[ObjectKey, Seen] | None:
        """None if it can't be listed. Pages that grew old while they were read are read again."""
        path = f"{group_path(row.versions[0])}/{row.plural}"
        found: dict[ObjectKey, Seen] = {}
        more = ""
        while True:
            query: Query = (("limit", str(_PAGE)), *((("continue", more),) if more else ()))
            async with self._free:
                response = await self._patiently(Request("GET", path, query))
            if response is not None and response.status == _GONE and more:
                found, more = {}, ""
                continue
            if response is None or not response.is_success:
                return None
            items = response.body.get("items") or ()
            found |= seen_objects(key, row.versions[0], items, self._ours, self._simulation.name)
            more = (response.body.get("metadata") or {}).get("continue") or ""
            if not more:
                return found

    async def _get(self, request: Request) -> Json:
        response = await self._send(request)
        if not response.is_success or not isinstance(response.body, dict):
            raise ClientError(f"{request.path} can't be read: {response.status} {response.message}".rstrip())
        return response.body

    async def _try(self, request: Request) -> Json:
        """The body, None if the server does not answer for a part that another program serves."""
        async with self._free:
            response = await self._patiently(request)
        return response.body if response is not None and response.is_success else None

    async def _patiently(self, request: Request) -> Response | None:
        try:
            return await self._send(request)
        except ClientError:
            return None
