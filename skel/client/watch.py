"""A collection as it changes: list, then watch from there; list again when the server has forgotten where we were.

https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

import msgspec

from skel.client.errors import ClientError, Disconnected, NotServed
from skel.client.request import Query, Request, Response
from skel.patch.values import Json

PAGE = 500
_SERVER_SECONDS = 300
"""After this the server ends a watch, and it begins again at the bookmark."""
_IDLE_SECONDS = 90.0
"""A server sends a bookmark about every minute; after longer silence the watch begins again, on a new connection."""
_GONE = 410


@dataclass(frozen=True, slots=True)
class Listed:
    """Everything that is there, at the beginning and whenever changes were missed."""

    objects: list[Json]


@dataclass(frozen=True, slots=True)
class Changed:
    """One change: `ADDED`, `MODIFIED` or `DELETED`, and the object after it (before it, if it was deleted)."""

    type: str
    object: Json


class Source(Protocol):
    async def send(self, request: Request) -> Response: ...

    def lines(self, request: Request, *, idle: float) -> AsyncIterator[bytes]: ...


class Expired(Exception):
    """The server does not know our place any more."""


async def watch(
    source: Source, path: str, query: Query = (), *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AsyncGenerator[Listed | Changed, None]:
    """Never ends by itself: what breaks is begun again. Raises NotServed where there is no such collection (any
    more), and ClientError if the server refuses to list.
    """
    version = ""
    while True:
        try:
            if not version:
                objects, version = await _list(source, path, query)
                yield Listed(objects)
            async with aclosing(follow(source, path, query, version)) as changes:
                async for change, at in changes:
                    version = at
                    if change is not None:
                        yield change
            await sleep(0.1)
        except Expired:
            version = ""
        except Disconnected:
            await sleep(1.0)


async def _list(source: Source, path: str, query: Query) -> tuple[list[Json], str]:
    """All pages, and the version at which they were true."""
    objects: list[Json] = []
    version = ""
    async with aclosing(pages(source, path, query)) as found:
        async for page, at in found:
            objects += page
            version = at
    return objects, version


async def pages(source: Source, path: str, query: Query = ()) -> AsyncGenerator[tuple[list[Json], str], None]:
    """What is there, some hundred objects at a time, and the version at which all of it is true.

    Raises Expired if that version is forgotten before the last page, Disconnected if the server is busy or away,
    ClientError if it refuses.
    """
    more = ""
    while True:
        step: Query = (*query, ("limit", str(PAGE)), *((("continue", more),) if more else ()))
        response = await source.send(Request("GET", path, step))
        if response.status == _GONE:
            raise Expired
        if not response.is_success:
            raise _refused(path, response)
        metadata = response.body["metadata"]
        yield response.body.get("items") or [], metadata["resourceVersion"]
        more = metadata.get("continue") or ""
        if not more:
            return


def _refused(path: str, response: Response) -> ClientError:
    said = f"{path} can't be listed: {response.status} {response.message}".rstrip()
    if response.status == 404:
        return NotServed(said)
    return Disconnected(said) if response.status >= 500 or response.status == 429 else ClientError(said)


async def follow(
    source: Source, path: str, query: Query, version: str
) -> AsyncGenerator[tuple[Changed | None, str], None]:
    """Changes since a version, and the version after each; a bookmark has a version alone. Ends when the server does,
    or falls silent.

    Raises Expired if the server has forgotten the version, Disconnected if it breaks off, ClientError if the server
    refuses.
    """
    options: Query = (
        ("watch", "true"),
        ("allowWatchBookmarks", "true"),
        ("resourceVersion", version),
        ("timeoutSeconds", str(_SERVER_SECONDS)),
    )
    async with aclosing(_opened(source, Request("GET", path, (*query, *options)))) as lines:
        async for line in lines:
            event = _decoded(line)
            if event.get("type") in {"ADDED", "MODIFIED", "DELETED", "BOOKMARK"}:
                thing = event["object"]
                change = None if event["type"] == "BOOKMARK" else Changed(event["type"], thing)
                yield change, thing["metadata"]["resourceVersion"]
            else:
                _fail(path, event)


async def _opened(source: Source, request: Request) -> AsyncGenerator[bytes, None]:
    async for line in source.lines(request, idle=_IDLE_SECONDS):
        if line.strip():
            yield line


def _decoded(line: bytes) -> dict[str, Json]:
    try:
        event = msgspec.json.decode(line)
    except (msgspec.MsgspecError, ValueError):
        raise Disconnected("a watch broke off in the middle of a line") from None
    return event if isinstance(event, dict) else {}


def _fail(path: str, event: dict[str, Json]) -> None:
    """An event of type ERROR, or the Status of an answer that is no watch."""
    status = event.get("object", event)
    if status.get("code") == _GONE:
        raise Expired
    if status.get("code") == 404:
        raise NotServed(f"{path} is not served any more")
    if status.get("code") in {401, 403}:
        raise ClientError(f"{path} can't be watched: {status.get('message', status['code'])}")
    raise Disconnected(f"{path}: the watch ended: {status.get('message', '')}")
