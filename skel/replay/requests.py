"""Step -> request, and everything else that a replay asks of a server: pure."""

from __future__ import annotations

from hashlib import sha256

from skel.client.discovery import Resource
from skel.client.request import APPLY, Query, Request
from skel.findings.model import FoundObject
from skel.patch.values import Json
from skel.replay.namespaces import Namespaces
from skel.replay.virtual import SIMULATION, STEP, VIRTUAL, Simulation, is_namespace, virtual

FIELD_MANAGER = "skel"
FORCED: Query = (("fieldManager", FIELD_MANAGER), ("force", "true"))
"""Of server-side apply: whoever owned a field before."""
_WITHOUT_EFFECT: Query = (("dryRun", "All"),)

ROOTS = Resource("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", namespaced=False)
"""The root object must be of a kind that every release serves, cluster-scoped, and without any effect of its own."""
NAMESPACES = Resource("v1", "Namespace", "namespaces", namespaced=False)
_ACCOUNTS = Resource("v1", "ServiceAccount", "serviceaccounts", namespaced=True)
_ROOT_TEXT = "Root of a replay by skel: deleting it deletes everything that the replay made."


def apply_request(
    simulation: Simulation, manifest: dict[str, Json], thing: FoundObject, resource: Resource, step: str, *, dry: bool
) -> Request:
    """Server-side apply. The manifest is changed in place. `dry`: the server checks it and stores nothing."""
    body = virtual(simulation, manifest, thing, namespaced=resource.namespaced, step=step)
    path = object_path(simulation.namespaces, thing, resource)
    return Request("PATCH", path, FORCED + _WITHOUT_EFFECT if dry else FORCED, body, APPLY)


def delete_request(namespaces: Namespaces, thing: FoundObject, resource: Resource, *, dry: bool) -> Request:
    """Delete an object, and in the background what it owns, as kubectl does."""
    path = object_path(namespaces, thing, resource)
    return Request("DELETE", path, _WITHOUT_EFFECT if dry else (), _delete_options("Background"))


def get_request(namespaces: Namespaces, thing: FoundObject, resource: Resource) -> Request:
    return Request("GET", object_path(namespaces, thing, resource))


def object_path(namespaces: Namespaces, thing: FoundObject, resource: Resource) -> str:
    """Where the object of the simulation is."""
    name = namespaces.virtual(thing.name) if is_namespace(thing) else thing.name
    return resource.path(namespaces.virtual(thing.namespace), name)


def root_request(name: str) -> Request:
    """Make the object that owns all others."""
    body = {
        "apiVersion": ROOTS.api_version,
        "kind": ROOTS.kind,
        "metadata": {"name": name, "labels": {SIMULATION: name}},
        "value": 0,
        "preemptionPolicy": "Never",
        "description": _ROOT_TEXT,
    }
    return Request("POST", ROOTS.collection(), (("fieldManager", FIELD_MANAGER),), body)


def owner_reference(root: dict[str, Json]) -> dict[str, Json]:
    """The reference to a root object as the server returned it."""
    return {
        "apiVersion": ROOTS.api_version,
        "kind": ROOTS.kind,
        "name": root["metadata"]["name"],
        "uid": root["metadata"]["uid"],
        # Deleting the root in the foreground then waits for this one.
        "blockOwnerDeletion": True,
    }


def clean_up_request(root: str) -> Request:
    """Delete the root object once all that it owns is gone."""
    return Request("DELETE", ROOTS.path("", root), (), _delete_options("Foreground"))


def namespace_request(simulation: Simulation, namespace: str) -> Request:
    """Make the namespace of the simulation for one of the trace."""
    metadata: dict[str, Json] = {
        "name": simulation.namespaces.virtual(namespace),
        "labels": {SIMULATION: simulation.name, VIRTUAL: "true"},
    }
    if simulation.owner is not None:
        metadata["ownerReferences"] = [dict(simulation.owner)]
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    return Request("POST", NAMESPACES.collection(), (("fieldManager", FIELD_MANAGER),), body)


def account_request(namespaces: Namespaces, namespace: str) -> Request:
    """Make the service account `default`, without which a new namespace refuses pods until a controller comes by."""
    virtual_name = namespaces.virtual(namespace)
    body = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "default", "namespace": virtual_name},
    }
    return Request("PATCH", _ACCOUNTS.path(virtual_name, "default"), FORCED, body, APPLY)


def generated_name(prefix: str, event: int, position: int) -> str:
    """A name for an object that leaves it to the server, the same in each attempt: asking twice makes one."""
    return prefix[:58] + sha256(f"{event}/{position}".encode()).hexdigest()[:5]


def step_of(body: Json) -> str:
    """The step that wrote an object, empty if none of ours did."""
    annotations = (body.get("metadata") or {}).get("annotations") if isinstance(body, dict) else None
    return str(annotations.get(STEP, "")) if isinstance(annotations, dict) else ""


def simulation_of(body: Json) -> str:
    """The simulation that an object is of, empty if it is of none."""
    labels = (body.get("metadata") or {}).get("labels") if isinstance(body, dict) else None
    return str(labels.get(SIMULATION, "")) if isinstance(labels, dict) else ""


def _delete_options(propagation: str) -> dict[str, Json]:
    return {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
