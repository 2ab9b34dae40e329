"""What a new cluster is filled with through its API: the mark of a simulation, and nodes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus

from skel.client.connection import Connection
from skel.client.errors import Disconnected
from skel.client.kubeconfig import load
from skel.client.request import Request, Response
from skel.cluster.errors import ClusterError
from skel.cluster.nodes import Manifest
from skel.cluster.progress import Progress
from skel.cluster.simulation import set_mark
from skel.cluster.state import Home
from skel.patch.values import Json

NODES = "/api/v1/nodes"
_AT_ONCE = 16
_PATIENCE = 120.0
"""Seconds until nodes that are not Ready are too late."""
_PAUSE = 0.1
_ACCOUNT = Request("GET", "/api/v1/namespaces/default/serviceaccounts/default")
_MADE = (HTTPStatus.CREATED, HTTPStatus.CONFLICT)


def populate(place: Home, nodes: Sequence[Manifest], progress: Progress) -> None:
    """Mark the cluster, make nodes, and return when they are Ready and pods can be made. Raises ClusterError."""
    asyncio.run(_populate(place, nodes, progress))


async def _populate(place: Home, nodes: Sequence[Manifest], progress: Progress) -> None:
    async with Connection(load(str(place.kubeconfig)), at_once=_AT_ONCE) as connection:
        _expect(await connection.send(set_mark(place.name)), "the mark of a simulation")
        await _create(connection, nodes, progress)
        # Pods can be made only when the controller manager has made the account that they run as.
        await _until(connection, _ACCOUNT, lambda answer: answer.is_success, "the service account `default`")
        if nodes:
            wanted = {node["metadata"]["name"] for node in nodes}
            await _ready(connection, wanted, progress)


async def _create(connection: Connection, nodes: Sequence[Manifest], progress: Progress) -> None:
    todo = iter(nodes)
    done = 0

    async def work() -> None:
        nonlocal done
        for node in todo:
            answer = await connection.send(Request("POST", NODES, body=node))
            _expect(answer, f"the node {node['metadata']['name']}")
            done += 1
            progress.count("nodes", done, len(nodes))

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))


def _expect(answer: Response, what: str) -> None:
    """What is there already is as good as made."""
    if answer.status not in _MADE:
        raise ClusterError(f"{what} was refused with {answer.status}: {answer.message}")


async def _ready(connection: Connection, wanted: set[str], progress: Progress) -> None:
    def all_ready(answer: Response) -> bool:
        ready = {node["metadata"]["name"] for node in _items(answer) if is_ready(node)} & wanted
        progress.count("nodes Ready", len(ready), len(wanted))
        return ready == wanted

    # A resource version of 0 is answered from memory.
    await _until(connection, Request("GET", NODES, (("resourceVersion", "0"),)), all_ready, "all nodes Ready")


def is_ready(node: Manifest) -> bool:
    """Whether a Node says that it is Ready."""
    conditions = node.get("status", {}).get("conditions") or ()
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def _items(answer: Response) -> list[Json]:
    return answer.body.get("items") or [] if answer.is_success and isinstance(answer.body, dict) else []


async def _until(connection: Connection, request: Request, fits: Callable[[Response], bool], what: str) -> None:
    began = time.monotonic()
    while not fits(await _patiently(connection, request)):
        if time.monotonic() - began > _PATIENCE:
            raise ClusterError(f"after {_PATIENCE:.0f} s the cluster still waits for {what}")
        await asyncio.sleep(_PAUSE)


async def _patiently(connection: Connection, request: Request) -> Response:
    try:
        return await connection.send(request)
    except Disconnected:
        return Response(HTTPStatus.SERVICE_UNAVAILABLE, None)
