"""The mark of a simulated cluster: what changes things only in such clusters looks for it before the first write."""

from __future__ import annotations

from skel.client.request import Request

NAMESPACE = "kube-system"
NAME = "skel-simulation"
"""A ConfigMap, so that `kubectl create configmap -n kube-system skel-simulation` marks a cluster of one's own."""
PATH = f"/api/v1/namespaces/{NAMESPACE}/configmaps/{NAME}"


def look_for_mark() -> Request:
    """Answered with 200 by a simulation, with 404 by any other cluster."""
    return Request("GET", PATH)


def set_mark(cluster: str) -> Request:
    """Answered with 201, or with 409 if the mark is there already."""
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "data": {
            "cluster": cluster,
            "about": "The nodes and pods of this cluster are simulated. `skel replay` may use it.",
        },
    }
    return Request("POST", PATH.rpartition("/")[0], body=body)
