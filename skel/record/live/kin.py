"""Asks the cluster for owners that no watch has shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from skel.client.discovery import Discovery, Send
from skel.client.errors import ClientError, Disconnected
from skel.client.request import Request
from skel.patch.values import Json
from skel.record.families import Families, Owner, owners_of
from skel.record.tracked import Tracked

_AT_ONCE = 8
_DEEPEST = 8


class Kin:
    """Fills in families. Each owner is asked for once; what is refused or gone counts as owned by nobody."""

    def __init__(self, send: Send, families: Families, tracked: Tracked) -> None:
        self._send = send
        self._families = families
        self._tracked = tracked
        self._discovery = Discovery(send)
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def meet(self, things: Iterable[Mapping[str, Json]], *, pods: bool) -> None:
        """Have the owners of these objects known. Raises Disconnected if the server is away.

        Of pods all owners matter; of other objects a tracked one says enough, and a watch will show it.
        """
        wanted = {
            (owner.uid, _namespace(thing)): owner
            for thing in things
            for owner in owners_of(thing)
            if pods or self._tracked.owner(owner.gvk) is None
        }
        for _ in range(_DEEPEST):
            unknown = {key: owner for key, owner in wanted.items() if not self._families.knows(key[0])}
            if not unknown:
                return
            above = await asyncio.gather(*(self._ask(owner, namespace) for (_, namespace), owner in unknown.items()))
            wanted = {
                (owner.uid, namespace): owner
                for (_, namespace), owners in zip(unknown, above, strict=True)
                for owner in owners
            }

    async def _ask(self, owner: Owner, namespace: str) -> tuple[Owner, ...]:
        async with self._turns:
            owners = owners_of(await self._get(owner, namespace))
            self._families.set(owner.uid, owners)
            return owners

    async def _get(self, owner: Owner, namespace: str) -> Mapping[str, Json]:
        try:
            resource = await self._discovery.find(owner.api_version, owner.kind)
        except Disconnected:
            raise
        except ClientError:
            return {}
        if resource is None:
            return {}
        response = await self._send(Request("GET", resource.path(namespace, owner.name)))
        if response.status >= 500 or response.status in {401, 429}:
            raise Disconnected(f"{owner.kind} {namespace}/{owner.name}: {response.status}")
        return response.body if response.is_success and isinstance(response.body, dict) else {}


def _namespace(thing: Mapping[str, Json]) -> str:
    metadata = thing.get("metadata")
    return str(metadata.get("namespace") or "") if isinstance(metadata, dict) else ""
