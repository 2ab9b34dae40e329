"""What is true: every revision of etcd in order, by a watch of our own on etcd itself.

It goes past the API server and its caches, so it has all resources in one order, misses none, and can tell exactly how
far it is. The API server stores JSON in these clusters. https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from base64 import b64decode, b64encode
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from skel.client.tls import Parting
from skel.cluster.state import Home, State
from skel.faults.errors import FaultError
from skel.faults.model import Event
from skel.patch.values import Json

_MARK = b"/skel"
_RENAMED = {
    "minions": "nodes",
    "controllers": "replicationcontrollers",
    "ingress": "ingresses",
    "podsecuritypolicy": "podsecuritypolicies",
}
_SERVICES = {"specs": "services", "endpoints": "endpoints"}
_UNREAD = frozenset({"events", "masterleases"})
"""Of these only the revision counts."""
_KEPT = 4096
"""Changes of each resource that are remembered for watches that lag behind."""
_decode = msgspec.json.decode


@dataclass(frozen=True, slots=True)
class Change:
    """A revision. `object` is that after it, of a deleted one the last; `before` None for a new one."""

    revision: int
    event: Event
    resource: str
    object: Json
    before: Json | None


class Truth:
    """Of one cluster. `listeners` hear of each change in order."""

    def __init__(self, place: Home, state: State) -> None:
        pki = place.pki
        self._tls = ssl.create_default_context(cafile=pki / "ca.crt")
        self._tls.sslobject_class = Parting
        self._tls.load_cert_chain(pki / "etcd-client.crt", pki / "etcd-client.key")
        self._url = f"https://127.0.0.1:{state.ports.etcd}/v3"
        self.listeners: list[Callable[[Change], None]] = []
        self.objects: dict[tuple[str, str, str], Json] = {}
        """By resource, namespace and name."""
        self.changes = 0
        self._recent: dict[str, deque[Change]] = defaultdict(lambda: deque(maxlen=_KEPT))
        self._revision = 0
        self._moved = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when everything that was there is known."""
        connector = aiohttp.TCPConnector(ssl=self._tls)
        self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None))
        self._task = asyncio.create_task(self._follow(self._session))
        await self.sync()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def sync(self) -> int:
        """The revision of this moment; everything up to it has been seen. Raises FaultError if etcd went away."""
        assert self._session is not None
        body = {"key": _encoded(_MARK), "value": ""}
        try:
            async with self._session.post(f"{self._url}/kv/put", json=body) as answer:
                revision = int((await answer.json(content_type=None))["header"]["revision"])
        except (aiohttp.ClientError, KeyError, ValueError) as error:
            raise FaultError(f"etcd does not answer: {error}") from None
        while self._revision < revision:
            if self._task is not None and self._task.done():
                raise FaultError(f"the watch on etcd ended: {self._task.exception() or 'it was closed'}")
            self._moved.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), 1.0)
        return revision

    def last(self, resource: str, after: int, until: int, fits: Callable[[Change], bool]) -> int:
        """The last revision of a resource in (after, until] that fits, 0 if there is none."""
        for change in reversed(self._recent[resource]):
            if change.revision <= after:
                break
            if change.revision <= until and fits(change):
                return change.revision
        return 0

    def of(self, resource: str) -> Iterator[Json]:
        """The objects that exist, oldest first."""
        return (thing for (name, _, _), thing in self.objects.items() if name == resource)

    async def _follow(self, session: aiohttp.ClientSession) -> None:
        everything = {"key": _encoded(b"/"), "range_end": _encoded(b"0"), "prev_kv": True, "start_revision": "1"}
        async with session.post(f"{self._url}/watch", json={"create_request": everything}) as answer:
            rest = b""
            async for data in answer.content.iter_any():
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._take(_decode(line).get("result", {}).get("events") or ())
                self._moved.set()

    def _take(self, events: Iterable[dict[str, Any]]) -> None:
        for event in events:
            revision = int(event["kv"]["mod_revision"])
            change = _change(event, revision)
            if change is not None:
                self._remember(change)
            self._revision = revision

    def _remember(self, change: Change) -> None:
        self.changes += 1
        self._recent[change.resource].append(change)
        if change.object is None:
            return
        meta = change.object["metadata"]
        key = change.resource, meta.get("namespace", ""), meta["name"]
        if change.event is Event.DELETED:
            self.objects.pop(key, None)
        else:
            self.objects[key] = change.object
        for listener in self.listeners:
            listener(change)


def _change(event: dict[str, Any], revision: int) -> Change | None:
    kv = event["kv"]
    resource = resource_of(b64decode(kv["key"]).decode())
    if not resource:
        return None
    before = _object(event.get("prev_kv"), resource)
    if event.get("type") == "DELETE":
        return Change(revision, Event.DELETED, resource, _at(before, revision), before)
    is_new = kv["create_revision"] == kv["mod_revision"]
    now = _object(kv, resource)
    return Change(revision, Event.ADDED if is_new else Event.MODIFIED, resource, now, before)


def resource_of(key: str) -> str:
    """The plural name of what is stored under a key; empty for what is no resource."""
    match key.split("/")[1:]:
        case ["registry", "services", part, *_]:
            return _SERVICES.get(part, "")
        case ["registry", group, plural, *_] if "." in group:
            return plural
        case ["registry", word, _, *_]:
            return _RENAMED.get(word, word)
        case _:
            return ""


def _object(kv: dict[str, Any] | None, resource: str) -> Json | None:
    if kv is None or resource in _UNREAD:
        return None
    try:
        thing = _decode(b64decode(kv["value"]))
        thing["metadata"].pop("managedFields", None)
        if "name" not in thing["metadata"]:
            return None
    except (msgspec.MsgspecError, KeyError, TypeError):
        return None  # allocations of addresses and the like
    return _at(thing, int(kv["mod_revision"]))


def _at(thing: Json | None, revision: int) -> Json | None:
    if thing is None:
        return None
    return {**thing, "metadata": {**thing["metadata"], "resourceVersion": str(revision)}}


def _encoded(text: bytes) -> str:
    return b64encode(text).decode("ascii")
