"""What users and kubelets do in a trial, sent straight to the API server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from http import HTTPStatus

from skel.client.connection import Connection
from skel.client.discovery import Discovery, Resource
from skel.client.request import Request, Response
from skel.faults import objects
from skel.faults.actions import Apply, Delete, DeletePod, Evict, Scale, SetPhase, Touch
from skel.faults.errors import FaultError
from skel.faults.world_truth import Truth
from skel.patch.values import Json

MERGE = "application/merge-patch+json"
TOUCHED = "skel.dev/touched"
Use = Touch | Scale | Apply | Delete | DeletePod | Evict | SetPhase
_THERE = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED)
_OF_NAMESPACES = frozenset({"ServiceAccount", "ConfigMap", "Event", "Endpoints", "EndpointSlice", "ControllerRevision"})
"""What would only be made again."""
_WAITS = 100
_PAUSE = 0.05


class Hands:
    """In one namespace of a cluster; objects that belong to no namespace are those of the cluster."""

    def __init__(self, connection: Connection, discovery: Discovery, truth: Truth, namespace: str) -> None:
        self.namespace = namespace
        self.is_in_scope: Callable[[str], bool] = lambda name: name == namespace
        """Which namespaces belong to the trial."""
        self.place: Callable[[str], str] = lambda _: namespace
        """Where an object of such a namespace goes."""
        self._connection = connection
        self._discovery = discovery
        self._truth = truth
        self._touched = 0
        self._made: list[str] = []

    async def use(self, action: Use) -> None:
        """Do it. Raises FaultError if the server does not let us, or if what is meant is not there."""
        match action:
            case Touch(kind=kind, name=name):
                self._touched += 1
                change = {"metadata": {"annotations": {TOUCHED: str(self._touched)}}}
                for thing in self._named(kind, name):
                    await self._patch(thing, change)
            case Scale(kind=kind, name=name, replicas=replicas):
                for thing in self._named(kind, name):
                    await self._patch(thing, {"spec": {"replicas": replicas}})
            case Apply(manifest=manifest, subresource=subresource):
                await self._apply(manifest, subresource)
            case Delete(kind=kind, name=name, propagation=propagation):
                for thing in self._named(kind, name):
                    await self._send("DELETE", await self._path(thing), {"propagationPolicy": propagation})
            case DeletePod(owner=owner, ordinal=ordinal):
                for pod in self._pods(owner, ordinal):
                    await self._send("DELETE", await self._path(pod), {"gracePeriodSeconds": 0})
            case Evict(owner=owner, ordinal=ordinal):
                for pod in self._pods(owner, ordinal):
                    body = {
                        "apiVersion": "policy/v1",
                        "kind": "Eviction",
                        "metadata": {"name": pod["metadata"]["name"]},
                    }
                    path = f"{await self._path(pod)}/eviction"
                    await self._send("POST", path, body, fine=(HTTPStatus.TOO_MANY_REQUESTS,))
            case SetPhase(owner=owner, phase=phase, ordinal=ordinal):
                for pod in self._pods(owner, ordinal):
                    await self._send("PATCH", f"{await self._path(pod)}/status", {"status": _phase(phase)})

    async def create(self, manifest: Json) -> None:
        """An object of the setup. Raises FaultError."""
        resource = await self._resource(manifest)
        metadata = dict(manifest.get("metadata") or {})
        if resource.namespaced:
            metadata["namespace"] = self.place(str(metadata.get("namespace") or ""))
        body = {**manifest, "metadata": metadata}
        answer = await self._send("POST", resource.collection(metadata.get("namespace", "")), body)
        if not resource.namespaced:
            self._made.append(resource.path("", answer.body["metadata"]["name"]))
        if manifest.get("status"):
            path = resource.path(metadata.get("namespace", ""), answer.body["metadata"]["name"])
            await self._send("PATCH", f"{path}/status", {"status": manifest["status"]})

    async def furnish(self) -> None:
        """Make the namespace, and the account that pods run as. Raises FaultError."""
        await self._send("POST", "/api/v1/namespaces", _named("Namespace", self.namespace))
        path = f"/api/v1/namespaces/{self.namespace}/serviceaccounts"
        await self._send("POST", path, _named("ServiceAccount", "default"), fine=(HTTPStatus.CONFLICT,))

    async def clean(self) -> None:
        """Take away what would disturb the next trial: owners before what they own, so that nothing is made again."""
        inside = (it for (_, space, _), it in self._truth.objects.items() if space == self.namespace)
        things = [it for it in inside if it.get("kind") not in _OF_NAMESPACES]
        things.sort(key=lambda it: (it.get("kind") == "Pod", objects.owner(it) is not None))
        # The namespace itself stays: to empty it would be more work for the controllers than all of the trial.
        for path in (*[await self._path(it) for it in things], *self._made):
            query = {"gracePeriodSeconds": 0, "propagationPolicy": "Background"}
            await self._connection.send(Request("DELETE", path, body=query))
        await self._gone()

    async def _gone(self) -> None:
        """Objects without a namespace are made again under the same names."""
        for path in self._made:
            for _ in range(_WAITS):
                if (await self._connection.send(Request("GET", path))).status == HTTPStatus.NOT_FOUND:
                    break
                await asyncio.sleep(_PAUSE)
        self._made.clear()

    # --- which objects

    def _named(self, kind: str, name: str) -> Iterator[Json]:
        """Those of the trial and of the cluster. Raises FaultError if there is none."""
        found = [
            it
            for (_, space, called), it in self._truth.objects.items()
            if it.get("kind") == kind and name in {"", called} and (not space or self.is_in_scope(space))
        ]
        if found:
            return iter(found)
        raise FaultError(f"there is no {kind}{f' `{name}`' if name else ''} in this trial")

    def _pods(self, owner: str, ordinal: int) -> list[Json]:
        """The pods of an owner that still exist, in the order of their creation; one of them, or with 0 all."""
        kind, _, name = owner.partition("/")
        found = []
        for pod in self._truth.of("pods"):
            over = objects.owner(pod)
            is_meant = over is not None and (over.kind, over.name) == (kind, name) and not objects.is_going(pod)
            if is_meant and self.is_in_scope(pod["metadata"]["namespace"]):
                found.append(pod)
        return found[ordinal - 1 : ordinal] if ordinal else found

    # --- how

    async def _apply(self, manifest: Json, subresource: str) -> None:
        path = await self._path(manifest)
        if subresource:
            await self._send("PATCH", f"{path}/{subresource}", manifest)
            return
        answer = await self._connection.send(Request("PATCH", path, body=manifest, content_type=MERGE))
        if answer.status == HTTPStatus.NOT_FOUND:
            await self.create(manifest)
        elif answer.status not in _THERE:
            raise _refused("PATCH", path, answer)

    async def _patch(self, thing: Json, change: Json) -> None:
        await self._send("PATCH", await self._path(thing), change)

    async def _path(self, thing: Json) -> str:
        # What is read from etcd may be in a version that is stored and not served, as budgets of 1.25 are.
        resource = await self._discovery.find_any(str(thing.get("apiVersion")), str(thing.get("kind")))
        resource = resource or await self._resource(thing)
        space = str(thing["metadata"].get("namespace") or "")
        return resource.path(space if self.is_in_scope(space) else self.place(space), thing["metadata"]["name"])

    async def _resource(self, thing: Json) -> Resource:
        api_version, kind = str(thing.get("apiVersion")), str(thing.get("kind"))
        resource = await self._discovery.find(api_version, kind)
        if resource is None:
            raise FaultError(f"this release serves no {kind} in {api_version}")
        return resource

    async def _send(self, method: str, path: str, body: Json, fine: tuple[int, ...] = ()) -> Response:
        content_type = MERGE if method == "PATCH" else "application/json"
        answer = await self._connection.send(Request(method, path, body=body, content_type=content_type))
        gone = method == "DELETE" and answer.status == HTTPStatus.NOT_FOUND
        if answer.status not in (*_THERE, *fine) and not gone:
            raise _refused(method, path, answer)
        return answer


def _refused(method: str, path: str, answer: Response) -> FaultError:
    return FaultError(f"{method} {path}: {answer.status} {answer.message}".rstrip())


def _named(kind: str, name: str) -> Json:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}}


def _phase(phase: str) -> Json:
    """The status of a pod as its kubelet would write it."""
    is_ready = "True" if phase == "Running" else "False"
    conditions = [{"type": word, "status": is_ready} for word in ("Ready", "ContainersReady")]
    return {"phase": phase, "conditions": conditions}
