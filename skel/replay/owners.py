"""Who owns a pod: its ReplicaSet or Job, the Deployment or CronJob behind that, as the cluster tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skel.client.discovery import Discovery, Send
from skel.client.errors import ClientError
from skel.client.request import Request
from skel.kube.gvk import gvk
from skel.patch.values import Json
from skel.replay.pod_marks import ORIGINAL_OWNER, Ours, metadata_of, texts
from skel.replay.requests import ROOTS
from skel.trace.identity import Identity

_DEEPEST = 8
_MOST = 20_000
"""Owners that are remembered; the oldest are asked for again."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of `ownerReferences`."""

    api_version: str
    kind: str
    name: str
    uid: str


class Owners:
    """Follows owner references; each owner is asked for once."""

    def __init__(self, send: Send, ours: Ours) -> None:
        self._send = send
        self._ours = ours
        self._discovery = Discovery(send)
        self._known: dict[str, tuple[Reference, ...]] = {}

    async def chain(self, pod: Mapping[str, Json], namespace: str = "") -> tuple[Identity, ...]:
        """The owners as the trace names them, from the nearest to the farthest, and the pod itself as the last.

        `namespace` is the pod's own, where the pod does not say it yet. What can't be asked for ends the chain.
        """
        metadata = metadata_of(pod)
        namespace = namespace or str(metadata.get("namespace", ""))
        original = self._ours.original(namespace, pod)
        found: list[Identity] = []
        await self._follow(references(pod), namespace, original, found, 0)
        own_name = texts(metadata, "annotations").get(ORIGINAL_OWNER) or metadata.get("name") or ""
        return (*found, (gvk("v1", "Pod"), f"{original}/{own_name}"))

    async def top(self, pod: Mapping[str, Json]) -> str:
        """The farthest owner along the controllers, as `Deployment/web`: API versions differ between releases."""
        metadata = metadata_of(pod)
        namespace = str(metadata.get("namespace", ""))
        kind, name = "Pod", texts(metadata, "annotations").get(ORIGINAL_OWNER) or str(metadata.get("name", ""))
        owners = references(pod)
        for _ in range(_DEEPEST):
            if not owners:
                break
            kind, name = owners[0].kind, owners[0].name
            owners = await self._owners_of(owners[0], namespace)
        return f"{kind}/{name}"

    async def _follow(
        self, owners: tuple[Reference, ...], namespace: str, original: str, found: list[Identity], depth: int
    ) -> None:
        for owner in owners if depth < _DEEPEST else ():
            found.append((gvk(owner.api_version, owner.kind), f"{original}/{owner.name}"))
            await self._follow(await self._owners_of(owner, namespace), namespace, original, found, depth + 1)

    async def _owners_of(self, owner: Reference, namespace: str) -> tuple[Reference, ...]:
        if owner.uid in self._known:
            return self._known[owner.uid]
        try:
            found = await self._ask(owner, namespace)
        except ClientError:
            # Nobody answers now; the next pod asks again.
            return ()
        if len(self._known) >= _MOST:
            self._known.pop(next(iter(self._known)))
        self._known[owner.uid] = found
        return found

    async def _ask(self, owner: Reference, namespace: str) -> tuple[Reference, ...]:
        resource = await self._discovery.find(owner.api_version, owner.kind)
        if resource is None:
            return ()
        response = await self._send(Request("GET", resource.path(namespace, owner.name)))
        if not response.is_success:
            if response.status != 404:
                raise ClientError(f"{owner.kind} {owner.name}: {response.status}")
            return ()
        return references(response.body)


def references(thing: Json) -> tuple[Reference, ...]:
    """Whom an object names as its owners, the controller first; without the root of a replay, which owns everything."""
    rows = metadata_of(thing).get("ownerReferences") if isinstance(thing, dict) else None
    owners = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    owners.sort(key=lambda row: row.get("controller") is not True)
    return tuple(_reference(row) for row in owners if row.get("kind") != ROOTS.kind)


def _reference(row: Mapping[str, Json]) -> Reference:
    return Reference(*(str(row.get(key, "")) for key in ("apiVersion", "kind", "name", "uid")))
