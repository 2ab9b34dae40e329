"""A replay writes to clusters: only to those that are there for it."""

from __future__ import annotations

from skel.client.request import Request
from skel.cluster.simulation import NAME, NAMESPACE, look_for_mark
from skel.patch.values import Json
from skel.replay.errors import ReplayError
from skel.replay.retry import Sender

MARK = f"kubectl create configmap --namespace {NAMESPACE} {NAME}"
"""The command that marks a cluster as a simulation."""
_FAKE_NODE = "kwok.x-k8s.io/node"


async def refuse_real_cluster(sender: Sender, name: str) -> None:
    """Raises ReplayError unless the cluster is marked as a simulation, or all its nodes are fake. Only reads."""
    if not (await _is_marked(sender) or await _has_only_fake_nodes(sender)):
        raise ReplayError(
            f"{name} is not marked as a simulation, so nothing was written",
            f"mark it with `{MARK}`, or say --i-know-this-cluster",
        )


async def _is_marked(sender: Sender) -> bool:
    return (await sender.send(look_for_mark())).response.is_success


async def _has_only_fake_nodes(sender: Sender) -> bool:
    nodes: list[Json] = []
    more = ""
    while True:
        query = (("limit", "500"), *((("continue", more),) if more else ()))
        response = (await sender.send(Request("GET", "/api/v1/nodes", query))).response
        if not response.is_success:
            return False
        nodes += response.body.get("items") or []
        more = response.body["metadata"].get("continue") or ""
        if not more:
            return bool(nodes) and all(map(_is_fake, nodes))


def _is_fake(node: Json) -> bool:
    return _FAKE_NODE in (node["metadata"].get("annotations") or {})
