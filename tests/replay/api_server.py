"""A small API server on the loopback address, in a thread: it keeps objects, counts writes, and misbehaves on order."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import web

from skel.kube.release import served

Json = Any
STEP = "simkube.io/replay-step"
MARK = "/api/v1/namespaces/kube-system/configmaps/skel-simulation"


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` requests of a method whose path holds `part`.

    `drop`: the connection is cut, `late` after the write; `status` is answered instead; `delay` comes before anything.
    """

    method: str = ""
    part: str = ""
    times: int = 1
    status: int = 0
    body: Json = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    late: bool = False
    delay: float = 0.0

    def fits(self, request: web.Request) -> bool:
        return self.times > 0 and self.method in {"", request.method} and self.part in request.path


class ApiServer:
    """Its state may be read, and `faults` be given, from any thread."""

    def __init__(self, minor: str = "1.25") -> None:
        self.minor = minor
        self.url = ""
        self.faults: list[Fault] = []
        self.tokens: set[str] = set()
        self.objects: dict[str, Json] = {MARK: {"metadata": {"name": "skel-simulation"}}}
        self.writes: list[tuple[str, str, str]] = []
        self.seen: Counter[str] = Counter()
        self.users: Counter[str] = Counter()
        """Whom requests wanted to be."""
        self.linger = 0
        """How many looks the root object outlives its deletion."""
        self.at_once = 0
        self.most_at_once = 0
        self.extra: dict[str, list[Json]] = {}

    def applied(self) -> list[str]:
        """Paths of the trace's objects in the order in which they were written."""
        return [path for method, path, step in self.writes if method == "PATCH" and step]

    def twice(self) -> list[tuple[str, str]]:
        """Steps that were written more than once: there must be none."""
        counts = Counter((path, step) for method, path, step in self.writes if method == "PATCH" and step)
        return [key for key, count in counts.items() if count > 1]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen[f"{request.method} {request.path}"] += 1
        self.users[request.headers.get("Impersonate-User", "")] += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self._handle(request)
        finally:
            self.at_once -= 1

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        fault = next((fault for fault in self.faults if fault.fits(request)), None)
        if fault is not None:
            fault.times -= 1
            await asyncio.sleep(fault.delay)
            if fault.late:
                self._answer(request, body)
            if fault.drop:
                assert request.transport is not None
                request.transport.abort()
                raise ConnectionResetError
            if fault.status:
                return web.json_response(
                    fault.body or _status(fault.status), status=fault.status, headers=fault.headers
                )
        if self.tokens and request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return web.json_response(_status(401, "Unauthorized"), status=401)
        code, answer = self._answer(request, body)
        return web.json_response(answer, status=code)

    def _answer(self, request: web.Request, body: Json) -> tuple[int, Json]:
        path, parts = request.path, request.path.strip("/").split("/")
        if path == "/version":
            major, minor = self.minor.split(".")
            return 200, {"major": major, "minor": minor, "gitVersion": f"v{self.minor}.0"}
        head = 2 if parts[0] == "api" else 3
        if len(parts) == head:
            return self._resources("/".join(parts[1:]))
        if not self._serves("/".join(parts[1:head]), parts[head:]):
            return 404, {
                "kind": "Status",
                "status": "Failure",
                "reason": "NotFound",
                "details": {},
                "code": 404,
                "message": "the server could not find the requested resource",
            }
        match request.method:
            case "GET":
                return self._get(path)
            case "POST":
                return self._write(request, f"{path}/{body['metadata']['name']}", body, create=True)
            case "PATCH":
                return self._write(request, path, body, create=False)
            case _:
                return self._delete(request, path, body or {})

    def _rows(self, api_version: str) -> list[Json]:
        known = [row for (version, _), row in served(self.minor).items() if version == api_version]
        rows = [{"name": row.resource, "kind": row.kind, "namespaced": row.namespaced} for row in known]
        return rows + self.extra.get(api_version, [])

    def _resources(self, api_version: str) -> tuple[int, Json]:
        rows = self._rows(api_version)
        return (200, {"kind": "APIResourceList", "resources": rows}) if rows else (404, _status(404, "NotFound"))

    def _serves(self, api_version: str, parts: list[str]) -> bool:
        plural = parts[2] if parts[0] == "namespaces" and len(parts) > 2 else parts[0]
        return any(row["name"] == plural for row in self._rows(api_version))

    def _get(self, path: str) -> tuple[int, Json]:
        there = self.objects.get(path)
        if there is None and path.rpartition("/")[2] in {"nodes", "pods"}:
            items = [thing for key, thing in self.objects.items() if key.startswith(f"{path}/")]
            return 200, {"metadata": {"resourceVersion": "1"}, "items": items}
        if there is not None and there["metadata"].get("deletionTimestamp"):
            self.linger -= 1
            if self.linger < 0:
                del self.objects[path]
                there = None
        return (200, there) if there is not None else (404, _missing(path))

    def _write(self, request: web.Request, path: str, body: Json, *, create: bool) -> tuple[int, Json]:
        there = self.objects.get(path)
        parts = path.split("/namespaces/")
        if len(parts) == 2 and "/" in parts[1]:
            namespace = f"/api/v1/namespaces/{parts[1].partition('/')[0]}"
            if namespace not in self.objects and "kube-system" not in namespace:
                return 404, _missing(namespace)
        if create and there is not None:
            return 409, {**_status(409, "AlreadyExists"), "details": {"name": path.rpartition("/")[2]}}
        uid = there["metadata"]["uid"] if there else str(uuid4())
        stored = {**body, "metadata": {**body["metadata"], "uid": uid}}
        if "dryRun" not in request.query:
            step = (body["metadata"].get("annotations") or {}).get(STEP, "")
            self.writes.append((request.method, path, step))
            self.objects[path] = stored
        return (200 if there else 201), stored

    def _delete(self, request: web.Request, path: str, options: Json) -> tuple[int, Json]:
        there = self.objects.get(path)
        if there is None:
            return 404, _missing(path)
        if "dryRun" in request.query:
            return 200, there
        self.writes.append(("DELETE", path, ""))
        uid = there["metadata"].get("uid")
        for key, thing in list(self.objects.items()):
            owners = thing["metadata"].get("ownerReferences") or ()
            if any(owner["uid"] == uid for owner in owners):
                self._remove(key)
        if self.linger and options.get("propagationPolicy") == "Foreground":
            there["metadata"]["deletionTimestamp"] = "2024-01-01T00:00:00Z"
        else:
            self._remove(path)
        return 200, there

    def _remove(self, path: str) -> None:
        """An object, and with a namespace what is in it."""
        self.objects.pop(path, None)
        if path.startswith("/api/v1/namespaces/") and path.count("/") == 4:
            inside = f"/namespaces/{path.rpartition('/')[2]}/"
            for key in [key for key in self.objects if inside in key]:
                del self.objects[key]


def _status(code: int, reason: str = "", message: str = "") -> Json:
    return {"kind": "Status", "status": "Failure", "reason": reason, "message": message or f"code {code}", "code": code}


def _missing(path: str) -> Json:
    name = path.rpartition("/")[2]
    return {**_status(404, "NotFound", f'"{name}" not found'), "details": {"name": name}}


@contextmanager
def running(minor: str = "1.25") -> Iterator[ApiServer]:
    """The server, until the end of the block."""
    server = ApiServer(minor)
    ready = threading.Event()
    stop = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        application = web.Application(client_max_size=8 << 20)
        application.router.add_route("*", "/{path:.*}", server.handle)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
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
