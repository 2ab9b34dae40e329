"""A server in this process that keeps one kind of objects and its history: it can cut, forget, and be asked at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from skel.client.errors import Disconnected
from skel.client.request import Request, Response

Json = Any
PATH = "/apis/apps/v1/deployments"


class MemoryServer:
    """A source for one feed. `truth` is what happened to each object: its values in order, None where it went."""

    def __init__(self) -> None:
        self.version = 1
        self.objects: dict[str, Json] = {}
        self.truth: dict[str, list[int | None]] = {}
        self.page = 2
        self._history: list[tuple[int, bytes]] = []
        self._forgotten = 0
        self._cuts = 0
        self._uid = 0
        self._news = asyncio.Condition()
        self._pages: dict[str, list[Json]] = {}

    async def apply(self, name: str, value: int) -> None:
        before = self.objects.get(name)
        self._uid += before is None
        uid = before["metadata"]["uid"] if before else f"u{self._uid}"
        changes = self.truth.setdefault(name, [])
        if not changes or changes[-1] != value:
            changes.append(value)
        thing = {"metadata": {"name": name, "namespace": "n", "uid": uid}, "spec": {"replicas": value}}
        await self._tell("MODIFIED" if before else "ADDED", name, thing)

    async def delete(self, name: str) -> None:
        if name in self.objects:
            self.truth[name].append(None)
            await self._tell("DELETED", name, self.objects[name])

    async def cut(self, *, forget: bool = False) -> None:
        """End all watches; `forget`: their places are not known any more."""
        self._cuts += 1
        if forget:
            self._forgotten = self.version
        async with self._news:
            self._news.notify_all()

    async def _tell(self, type_: str, name: str, thing: Json) -> None:
        self.version += 1
        thing = {**thing, "metadata": {**thing["metadata"], "resourceVersion": str(self.version)}}
        self.objects[name] = thing
        if type_ == "DELETED":
            del self.objects[name]
        self._history.append((self.version, msgspec.json.encode({"type": type_, "object": thing})))
        async with self._news:
            self._news.notify_all()

    async def send(self, request: Request) -> Response:
        assert request.path == PATH
        query = dict(request.query)
        token = query.get("continue", f"{self.version}:0")
        version, _, first = token.partition(":")
        if int(version) < self._forgotten:
            return Response(410, {"code": 410})
        whole = self._pages.setdefault(version, list(self.objects.values()))
        start = int(first)
        metadata = {"resourceVersion": version}
        if start + self.page < len(whole):
            metadata["continue"] = f"{version}:{start + self.page}"
        await asyncio.sleep(0)
        return Response(200, {"metadata": metadata, "items": whole[start : start + self.page]})

    async def lines(self, request: Request, *, idle: float) -> AsyncIterator[bytes]:
        at, cuts = int(dict(request.query)["resourceVersion"]), self._cuts
        if at < self._forgotten:
            yield msgspec.json.encode({"type": "ERROR", "object": {"code": 410}})
            return
        while True:
            for version, line in self._history:
                if version > at:
                    at = version
                    yield line
                    if cuts != self._cuts:
                        raise Disconnected("cut")
            if cuts != self._cuts:
                raise Disconnected("cut")
            if at < self.version:
                continue
            async with self._news:
                await self._news.wait()
