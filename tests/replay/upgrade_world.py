"""A cluster in memory that can be upgraded: what it serves and how it reads back changes with its release."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from skel.client.errors import Disconnected
from skel.client.request import Request, Response
from skel.cluster.errors import ClusterError
from skel.kube.release import served

Json = Any
MARK = "/api/v1/namespaces/kube-system/configmaps/skel-simulation"


@dataclass
class World:
    """Objects by group, plural, namespace and name. `away`: nobody answers. `applied` are the paths of applies."""

    minor: str = "1.24"
    away: bool = False
    objects: dict[tuple[str, str, str, str], Json] = field(default_factory=dict)
    applied: list[str] = field(default_factory=list)
    lost: int = 0
    revision: int = 0

    name = "local:1.24.17"
    version = "1.24"
    """As it was when we came."""
    is_dry = False

    async def send(self, request: Request) -> Response:
        await asyncio.sleep(0)
        if self.away:
            self.lost += 1
            raise Disconnected("connection refused")
        return self.answer(request)

    async def close(self) -> None:
        """Nothing is open."""

    def answer(self, request: Request) -> Response:
        parts = request.path.strip("/").split("/")
        match parts:
            case ["api"]:
                return Response(200, {"versions": ["v1"]})
            case ["apis"]:
                return Response(200, {"groups": self._groups()})
            case ["api", version]:
                return self._resources(version)
            case ["apis", group, version]:
                return self._resources(f"{group}/{version}")
        group, api_version, rest = (
            ("", "v1", parts[2:]) if parts[0] == "api" else (parts[1], "/".join(parts[1:3]), parts[3:])
        )
        namespace = ""
        if rest[0] == "namespaces" and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        if not any(row.resource == rest[0] for (version, _), row in self._rows() if version == api_version):
            return _failed(404, "NotFound")
        return self._object(request, api_version, (group, rest[0], namespace, rest[1] if len(rest) > 1 else ""))

    def _rows(self) -> list[tuple[tuple[str, str], Any]]:
        return [(key, row) for key, row in served(self.minor).items() if row.on_by_default]

    def _groups(self) -> list[Json]:
        versions: dict[str, list[str]] = {}
        for (api_version, _), _ in self._rows():
            group = api_version.rpartition("/")[0]
            if group and api_version not in versions.setdefault(group, []):
                versions[group].append(api_version)
        found = []
        for group, names in versions.items():
            stable = min(names, key=lambda name: ("alpha" in name or "beta" in name, name))
            rows = [{"groupVersion": name} for name in names]
            found.append({"name": group, "versions": rows, "preferredVersion": {"groupVersion": stable}})
        return found

    def _resources(self, api_version: str) -> Response:
        rows = [
            {"name": row.resource, "kind": row.kind, "namespaced": row.namespaced, "verbs": ["get", "list"]}
            for (version, _), row in self._rows()
            if version == api_version
        ]
        return Response(200, {"resources": rows}) if rows else _failed(404, "NotFound")

    def _object(self, request: Request, api_version: str, key: tuple[str, str, str, str]) -> Response:
        there = self.objects.get(key)
        if request.method == "GET" and not key[3]:
            found = [one for other, one in self.objects.items() if other[:2] == key[:2]]
            return Response(200, {"metadata": {}, "items": found})
        if request.method == "POST":
            key = (*key[:3], request.body["metadata"]["name"])
            there = self.objects.get(key)
            if there is not None:
                return _failed(409, "AlreadyExists")
        match request.method:
            case "POST" | "PATCH":
                self.applied += [request.path] if "apply" in request.content_type else []
                return Response(200 if there else 201, self.write(key, request.body, "skel", api_version))
            case "DELETE" if there is not None:
                del self.objects[key]
                return Response(200, there)
            case "GET" if there is not None:
                return Response(200, there)
            case _:
                return _failed(404, "NotFound")

    def write(self, key: tuple[str, str, str, str], body: Json, manager: str, api_version: str = "v1") -> Json:
        """Store an object as `manager` writes it."""
        self.revision += 1
        before = self.objects.get(key, {"metadata": {}})
        entries = [one for one in before["metadata"].get("managedFields", ()) if one["manager"] != manager]
        entry = {"manager": manager, "apiVersion": api_version, "time": f"t{self.revision:06}"}
        metadata = {
            **body["metadata"],
            "uid": before["metadata"].get("uid") or str(uuid4()),
            "resourceVersion": str(self.revision),
            "generation": before["metadata"].get("generation", 0) + (before.get("spec") != body.get("spec")),
            "managedFields": [*entries, entry],
        }
        self.objects[key] = {**body, "metadata": metadata}
        return self.objects[key]


class Plane:
    """The control plane of a world. `upgrade` is called from a thread, as the real one."""

    def __init__(self, world: World, *, seconds: float = 0.2, fails: str = "") -> None:
        self.world = world
        self.seconds = seconds
        self.fails = fails
        self.began: list[str] = []
        self.running = dict.fromkeys(("kube-apiserver", "kube-controller-manager", "kube-scheduler"), 1)

    def upgrade(self, version: str) -> str:
        self.began.append(version)
        self.world.away = True
        for component in self.running:
            self.running[component] += 1
        time.sleep(self.seconds)
        if self.fails:
            raise ClusterError(self.fails, "look into its log")
        self.world.minor = ".".join(version.split(".")[:2])
        self.world.away = False
        return version

    def process(self, component: str) -> object:
        return self.running[component]

    def is_healthy(self, component: str) -> bool:
        return not self.world.away


def _failed(status: int, reason: str) -> Response:
    return Response(
        status, {"kind": "Status", "reason": reason, "message": f"{reason}: the server says no", "details": {}}
    )
