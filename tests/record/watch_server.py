"""An API server on the loopback address that lists and watches, keeps its history, and misbehaves on order."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from skel.kube.release import lookup as served_as
from skel.kube.release import served

Json = Any
MINOR = "1.25"


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` requests whose path ends with `part` and which are watches or are not.

    `status` is answered; `after` is how many changes a watch brings before it is cut; `drop` cuts the connection;
    `expire` says 410 inside of the watch; `delay` comes before anything.
    """

    part: str = ""
    watch: bool | None = None
    times: int = 1
    status: int = 0
    after: int | None = None
    drop: bool = False
    expire: bool = False
    delay: float = 0.0
    torn: bool = False

    def fits(self, path: str, is_watch: bool) -> bool:
        return self.times > 0 and path.endswith(self.part) and self.watch in {None, is_watch}


@dataclass(slots=True)
class Stored:
    """One state of an object in the history of the server."""

    version: int
    type: str
    collection: str
    line: bytes
    labels: dict[str, str]
    namespace: str


class WatchServer:
    """Its state may be changed from any thread."""

    def __init__(self) -> None:
        self.url = ""
        self.version = 100
        self.objects: dict[tuple[str, str], Json] = {}
        """By collection and `namespace/name`."""
        self.history: list[Stored] = []
        self.forgotten = 0
        """Watches from before this version are told 410."""
        self.faults: list[Fault] = []
        self.tokens: set[str] = set()
        self.asked: Counter[str] = Counter()
        self.extra: dict[str, list[Json]] = {}
        self.page = 500
        self.bookmarks = 0.5
        """Seconds between bookmarks."""
        self.longest = 300.0
        """Seconds after which a watch ends."""
        self.lists: dict[str, list[Json]] = {}
        self.gone = False
        """All connections are cut and none is taken."""
        self._news: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._uids = 0

    def apply(self, thing: Json) -> int:
        """Make or change an object; its version."""
        collection, name = _place(thing)
        before = self.objects.get((collection, name))
        metadata = {**thing["metadata"]}
        if before is None:
            self._uids += 1
            metadata["uid"] = thing["metadata"].get("uid") or f"uid-{self._uids}"
        else:
            metadata["uid"] = before["metadata"]["uid"]
        return self._store("ADDED" if before is None else "MODIFIED", collection, name, {**thing, "metadata": metadata})

    def delete(self, thing: Json) -> int:
        collection, name = _place(thing)
        last = self.objects[collection, name]
        return self._store("DELETED", collection, name, last)

    def forget(self) -> None:
        """What happened until now can't be watched any more."""
        self.forgotten = self.version

    def _store(self, type_: str, collection: str, name: str, thing: Json) -> int:
        self.version += 1
        stored = {**thing, "metadata": {**thing["metadata"], "resourceVersion": str(self.version)}}
        if type_ == "DELETED":
            del self.objects[collection, name]
        else:
            self.objects[collection, name] = stored
        line = msgspec.json.encode({"type": type_, "object": stored}) + b"\n"
        labels = thing["metadata"].get("labels") or {}
        namespace = thing["metadata"].get("namespace") or ""
        self.history.append(Stored(self.version, type_, collection, line, labels, namespace))
        for event, loop in tuple(self._news.items()):
            loop.call_soon_threadsafe(event.set)
        return self.version

    async def handle(self, request: web.Request) -> web.StreamResponse:
        is_watch = request.query.get("watch") == "true"
        self.asked[f"{'WATCH' if is_watch else 'GET'} {request.path}"] += 1
        if self.gone:
            return self._cut(request)
        fault = next((fault for fault in self.faults if fault.fits(request.path, is_watch)), None)
        if fault is not None:
            fault.times -= 1
            await asyncio.sleep(fault.delay)
            if fault.drop:
                return self._cut(request)
            if fault.status:
                return web.json_response(_status(fault.status), status=fault.status)
        if self.tokens and request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return web.json_response(_status(401), status=401)
        if is_watch:
            return await self._watch(request, fault or Fault())
        status, body = self._get(request)
        return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")

    def _cut(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        raise ConnectionResetError

    def _get(self, request: web.Request) -> tuple[int, Json]:
        path, parts = request.path, request.path.strip("/").split("/")
        if path == "/version":
            return 200, {"major": "1", "minor": "25", "gitVersion": "v1.25.0"}
        if path == "/apis":
            return 200, {"groups": self._groups()}
        head = 2 if parts[0] == "api" else 3
        if len(parts) == head:
            rows = self._rows("/".join(parts[1:]))
            return (200, {"resources": rows}) if rows else (404, _status(404))
        collection, namespace, name = _split(path)
        if name:
            found = self.objects.get((collection, f"{namespace}/{name}" if namespace else name))
            return (200, found) if found else (404, _status(404))
        return self._list(request, collection, namespace)

    def _list(self, request: web.Request, collection: str, namespace: str) -> tuple[int, Json]:
        token = request.query.get("continue", "")
        if token:
            version, _, start = token.partition(":")
            if int(version) < self.forgotten:
                return 410, _status(410)
            whole = self.lists[version + collection + namespace]
        else:
            version, start = str(self.version), "0"
            whole = [thing for (of, _), thing in sorted(self.objects.items()) if of == collection]
            whole = [thing for thing in whole if _fits(thing, namespace, request)]
            self.lists[version + collection + namespace] = whole
        first = int(start)
        # As a real server lists them: without kind and apiVersion.
        items = [
            {key: value for key, value in thing.items() if key not in {"kind", "apiVersion"}}
            for thing in whole[first : first + self.page]
        ]
        metadata = {"resourceVersion": version}
        if first + self.page < len(whole):
            metadata["continue"] = f"{version}:{first + self.page}"
        return 200, {"metadata": metadata, "items": items}

    def _groups(self) -> list[Json]:
        groups: dict[str, list[str]] = {}
        for version, _ in served(MINOR):
            group, slash, _ = version.rpartition("/")
            if slash and version not in groups.setdefault(group, []):
                groups[group].append(version)
        return [
            {
                "name": name,
                "versions": [{"groupVersion": version} for version in versions],
                "preferredVersion": {"groupVersion": min(versions, key=_stability)},
            }
            for name, versions in groups.items()
        ]

    def _rows(self, api_version: str) -> list[Json]:
        known = [row for (version, _), row in served(MINOR).items() if version == api_version]
        rows = [{"name": row.resource, "kind": row.kind, "namespaced": row.namespaced} for row in known]
        return rows + self.extra.get(api_version, [])

    async def _watch(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        collection, namespace, _ = _split(request.path)
        at = int(request.query["resourceVersion"])
        response = web.StreamResponse()
        await response.prepare(request)
        if at < self.forgotten or fault.expire:
            await response.write(_line("ERROR", _status(410)))
            return response
        loop = asyncio.get_running_loop()
        news = asyncio.Event()
        self._news[news] = loop
        brought, end = 0, loop.time() + self.longest
        place = self._index(at)
        try:
            while loop.time() < end:
                news.clear()
                history = self.history
                while place < len(history):
                    stored = history[place]
                    place += 1
                    at = stored.version
                    if stored.collection != collection or not _shown(stored, namespace, request):
                        continue
                    if fault.after is not None and brought >= fault.after:
                        if fault.torn:
                            await response.write(stored.line[:20])
                        return self._cut(request)
                    await response.write(stored.line)
                    brought += 1
                if self.gone:
                    return self._cut(request)
                try:
                    async with asyncio.timeout(self.bookmarks):
                        await news.wait()
                except TimeoutError:
                    bookmark = {"metadata": {"resourceVersion": str(max(at, self.version))}}
                    if place == len(self.history):
                        await response.write(_line("BOOKMARK", bookmark))
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            del self._news[news]
        return response

    def _index(self, version: int) -> int:
        """The place in the history behind a version."""
        low, high = 0, len(self.history)
        while low < high:
            middle = (low + high) // 2
            if self.history[middle].version <= version:
                low = middle + 1
            else:
                high = middle
        return low


def _fits(thing: Json, namespace: str, request: web.Request) -> bool:
    metadata = thing["metadata"]
    return _selected(metadata.get("namespace") or "", metadata.get("labels") or {}, namespace, request)


def _shown(stored: Stored, namespace: str, request: web.Request) -> bool:
    return _selected(stored.namespace, stored.labels, namespace, request)


def _selected(own: str, labels: dict[str, str], namespace: str, request: web.Request) -> bool:
    if namespace and own != namespace:
        return False
    for term in filter(None, request.query.get("labelSelector", "").split(",")):
        key, _, value = term.partition("=")
        if labels.get(key) != value:
            return False
    fields = request.query.get("fieldSelector", "")
    return f"metadata.namespace!={own}" not in fields.split(",")


def _place(thing: Json) -> tuple[str, str]:
    found = served_as(thing["apiVersion"], thing["kind"], MINOR)
    plural = found.resource if found else thing["kind"].lower() + "s"
    root = "/apis/" if "/" in thing["apiVersion"] else "/api/"
    namespace, name = thing["metadata"].get("namespace"), thing["metadata"]["name"]
    return f"{root}{thing['apiVersion']}/{plural}", f"{namespace}/{name}" if namespace else name


def _split(path: str) -> tuple[str, str, str]:
    """Collection, namespace and name of a path."""
    parts = path.strip("/").split("/")
    head = 2 if parts[0] == "api" else 3
    rest = parts[head:]
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    return "/" + "/".join([*parts[:head], rest[0]]), namespace, rest[1] if len(rest) > 1 else ""


def _stability(version: str) -> tuple[bool, bool, str]:
    word = version.rpartition("/")[2]
    return "alpha" in word, "beta" in word, "".join(chr(255 - ord(char)) for char in word)


def _line(type_: str, thing: Json) -> bytes:
    return msgspec.json.encode({"type": type_, "object": thing}) + b"\n"


def _status(code: int) -> Json:
    return {"kind": "Status", "status": "Failure", "message": f"code {code}", "code": code}


@contextmanager
def running(server: WatchServer | None = None, port: int = 0) -> Iterator[WatchServer]:
    """The server in a thread, until the end of the block."""
    server = server or WatchServer()
    ready, loops = threading.Event(), []
    stop = asyncio.Event()

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", server.handle)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(10)


@dataclass(slots=True)
class Objects:
    """Short ways to make objects."""

    namespace: str = "shop"
    made: int = field(default=0)

    def deployment(self, name: str, replicas: int = 1, **metadata: Json) -> Json:
        spec = {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "i"}]}},
        }
        return self.thing("apps/v1", "Deployment", name, spec, **metadata)

    def thing(self, api_version: str, kind: str, name: str, spec: Json = None, **metadata: Json) -> Json:
        found = {
            "apiVersion": api_version,
            "kind": kind,
            "metadata": {"name": name, "namespace": self.namespace, **metadata},
        }
        return {**found, "spec": spec} if spec is not None else found
