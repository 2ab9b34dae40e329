"""A cluster in this process that keeps objects, tells what changes, and forgets or refuses on order."""

from __future__ import annotations

import asyncio
import copy
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from skel.client.errors import Disconnected
from skel.client.request import Request, Response
from skel.kube.release import served

Json = Any


class FakeCluster:
    """A source for watches. Paths are those of Kubernetes; a label selector is honoured, nothing else."""

    def __init__(self) -> None:
        self.objects: dict[str, Json] = {}
        self.asked: Counter[str] = Counter()
        self.patches: list[tuple[str, Json]] = []
        self.answers: dict[str, list[Response]] = defaultdict(list)
        """What is answered first, by method and path; a status of 0 is no answer at all."""
        self._version = 10
        self._streams: dict[str, list[asyncio.Queue[bytes]]] = defaultdict(list)

    def put(self, path: str, thing: Json, change: str = "MODIFIED") -> None:
        """Make or change an object, and tell those who watch."""
        self._version += 1
        thing = copy.deepcopy(thing)
        thing["metadata"]["resourceVersion"] = str(self._version)
        is_new = path not in self.objects
        self.objects[path] = thing
        self._tell(path, "ADDED" if is_new else change, thing)

    def remove(self, path: str) -> None:
        thing = self.objects.pop(path)
        self._tell(path, "DELETED", thing)

    def forget(self) -> None:
        """Everybody must list again."""
        gone = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old"}}
        for queue in (queue for queues in self._streams.values() for queue in queues):
            queue.put_nowait(msgspec.json.encode(gone))

    async def send(self, request: Request) -> Response:
        await asyncio.sleep(0)
        key = f"{request.method} {request.path}"
        self.asked[key] += 1
        if self.answers[key]:
            response = self.answers[key].pop(0)
            if not response.status:
                raise Disconnected("no answer")
            return response
        match request.method:
            case "GET":
                return self._get(request)
            case "PATCH":
                return self._patch(request)
            case _:
                return Response(200, self.objects.pop(request.path, None))

    async def lines(self, request: Request, *, idle: float) -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._streams[request.path].append(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._streams[request.path].remove(queue)

    def watched(self, collection: str) -> bool:
        return bool(self._streams[collection])

    def _get(self, request: Request) -> Response:
        path = request.path
        if path in self.objects:
            return Response(200, self.objects[path])
        rows = [row for (version, _), row in served("1.25").items() if path in {f"/apis/{version}", f"/api/{version}"}]
        if rows:
            listed = [{"name": row.resource, "kind": row.kind, "namespaced": row.namespaced} for row in rows]
            return Response(200, {"resources": listed})
        collections = {_collection(path) for path in self.objects} | set(self._streams)
        if path in collections or path.rpartition("/")[2] in {"pods", "nodes", "events"}:
            items = [copy.deepcopy(thing) for key, thing in self.objects.items() if _collection(key) == path]
            return Response(200, {"metadata": {"resourceVersion": str(self._version)}, "items": items})
        return Response(404, {"kind": "Status", "reason": "NotFound", "message": f"{path} not found"})

    def _patch(self, request: Request) -> Response:
        self.patches.append((request.path, request.body))
        if request.path not in self.objects:
            if "apply" in request.content_type:
                self.put(request.path, request.body)
                return Response(201, request.body)
            return Response(404, None)
        thing = copy.deepcopy(self.objects[request.path])
        for key, values in request.body["metadata"].items():
            if isinstance(values, dict):
                thing["metadata"].setdefault(key, {}).update(values)
        self.put(request.path, thing)
        return Response(200, thing)

    def _tell(self, path: str, change: str, thing: Json) -> None:
        line = msgspec.json.encode({"type": change, "object": thing})
        for queue in self._streams[_collection(path)]:
            queue.put_nowait(line)


def _collection(path: str) -> str:
    """`/api/v1/pods` of `/api/v1/namespaces/a/pods/b`."""
    parts = path.strip("/").split("/")
    head = 2 if parts[0] == "api" else 3
    rest = parts[head:]
    plural = rest[2] if rest[0] == "namespaces" and len(rest) > 2 else rest[0]
    return "/" + "/".join([*parts[:head], plural])


def pod_path(name: str, namespace: str = "virtual-shop") -> str:
    return f"/api/v1/namespaces/{namespace}/pods/{name}"


def pod(name: str, phase: str = "Pending", *, owner: Json = None, node: str = "", **metadata: Json) -> Json:
    """A pod of the simulation, in the namespace `virtual-shop`."""
    owners = [owner] if owner else []
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "virtual-shop",
            "uid": f"uid-{name}",
            "annotations": {"static.simkube.io/original-namespace": "shop"},
            "ownerReferences": owners,
            **metadata,
        },
        "spec": {"containers": [{"name": "c", "image": "i"}], **({"nodeName": node} if node else {})},
        "status": {"phase": phase},
    }


def owned(kind: str, name: str, owner: Json = None, api_version: str = "apps/v1") -> Json:
    metadata = {"name": name, "namespace": "virtual-shop", "uid": f"uid-{kind}-{name}"}
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {**metadata, "ownerReferences": [owner] if owner else []},
    }


def reference(thing: Json) -> Json:
    return {
        "apiVersion": thing["apiVersion"],
        "kind": thing["kind"],
        "name": thing["metadata"]["name"],
        "uid": thing["metadata"]["uid"],
        "controller": True,
    }


async def until(condition: Any, seconds: float = 5.0) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)
