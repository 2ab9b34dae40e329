"""The releases of Helm that a cluster holds: read only, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from skel.client.access import Access
from skel.client.connection import Connection
from skel.client.errors import ClientError
from skel.client.request import Query, Request
from skel.patch.values import Json
from skel.record.imports.reading import Found

_AT_ONCE = 20
"""A Secret may have a megabyte."""


def stored_in_cluster(access: Access, namespaces: frozenset[str]) -> list[Found]:
    """Its Secrets and ConfigMaps of Helm, in these namespaces or in all. Raises ClientError."""
    return asyncio.run(_all(access, namespaces))


async def _all(access: Access, namespaces: frozenset[str]) -> list[Found]:
    within = [f"/namespaces/{name}" for name in sorted(namespaces)] or [""]
    async with Connection(access) as connection:
        return [
            found
            for place in within
            for plural, kind in (("secrets", "Secret"), ("configmaps", "ConfigMap"))
            async for found in _pages(connection, f"/api/v1{place}/{plural}", kind)
        ]


async def _pages(connection: Connection, path: str, kind: str) -> AsyncIterator[Found]:
    more = ""
    while True:
        query: Query = (("labelSelector", "owner=helm"), ("limit", str(_AT_ONCE)))
        answer = await connection.send(Request("GET", path, (*query, ("continue", more)) if more else query))
        if not answer.is_success or not isinstance(answer.body, dict):
            raise ClientError(
                f"{path} can't be listed: {answer.status} {answer.message}".rstrip(),
                "reading releases needs `list` on secrets; -n NAME asks for one namespace only",
            )
        for item in answer.body.get("items") or ():
            yield _slim(item, kind), f"{item['metadata'].get('namespace')}/{item['metadata'].get('name')}"
        more = (answer.body.get("metadata") or {}).get("continue") or ""
        if not more:
            return


def _slim(item: dict[str, Json], kind: str) -> dict[str, Json]:
    """What a release is read from; items of a list do not say their kind."""
    labels = item["metadata"].get("labels")
    return {"kind": kind, "type": item.get("type"), "metadata": {"labels": labels}, "data": item.get("data")}
