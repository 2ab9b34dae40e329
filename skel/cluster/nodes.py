"""The nodes of a simulation: from a template, from a file, or from the Node objects of a trace. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from skel.cluster.errors import ClusterError
from skel.manifests.settings import NotYamlError, documents
from skel.patch.values import Json
from skel.trace.codec import decode_object
from skel.trace.identity import sight
from skel.trace.model import Trace

Manifest = dict[str, Any]

VIRTUAL = "type"
"""The label by which replayed pods choose simulated nodes; its value is `virtual`."""
_LARGEST_COUNT = 20_000
_SIZE = {"cpu": "32", "memory": "256Gi", "pods": "110"}
_KEYS = ("apiVersion", "kind", "count", "metadata", "spec", "status")
_OF_THE_OLD_CLUSTER = ("podCIDR", "podCIDRs", "providerID", "configSource", "externalID")
_STATE_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def from_template(count: int) -> list[Manifest]:
    """`count` nodes of 32 CPUs and 256 GiB, named node-0 and so on."""
    return list(_copies({"count": count, "metadata": {"name": "node"}}, "--nodes"))


def from_text(text: str, name: str) -> list[Manifest]:
    """The nodes of a file: Node manifests, documents or a list, or a `kind: List`.

    `count: 80` makes as many of one; a label whose value is a list takes its values in turn. Raises ClusterError.
    """
    try:
        content = [document for document in documents(text, name) if document is not None]
    except NotYamlError as error:
        raise ClusterError(str(error)) from None
    found = [node for document in content for entry in _entries(document) for node in _copies(entry, name)]
    if not found:
        raise ClusterError(f"{name} has no nodes")
    names = [node["metadata"]["name"] for node in found]
    twins = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twins:
        raise ClusterError(f"{name} has the node `{twins[0]}` twice")
    return found


def from_trace(trace: Trace) -> list[Manifest]:
    """The nodes that a trace knows, each as it was last applied, in order of first appearance."""
    found: dict[str, Manifest] = {}
    for event in trace.events:
        for raw in event.applied_objs:
            seen = sight(raw) if b"Node" in bytes(raw) else None
            if seen is not None and (seen.apiVersion, seen.kind) == ("v1", "Node"):
                found[seen.metadata.name] = node(decode_object(raw, "a Node of the trace"), "a Node of the trace")
    return list(found.values())


def node(manifest: Manifest, place: str = "a node") -> Manifest:
    """A node ready to be created: what belonged to the cluster it came from goes, what it lacks is filled in.

    Raises ClusterError, which names `place`, for parts of another form.
    """
    metadata, spec, status = (_map(manifest, part, place) for part in ("metadata", "spec", "status"))
    name = str(metadata.get("name") or "node")
    capacity = _map(status, "capacity", place) or _map(status, "allocatable", place) or _SIZE
    info = _map(status, "nodeInfo", place)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {**_usual_labels(name), **_map(metadata, "labels", place), VIRTUAL: "virtual"},
            "annotations": {**_map(metadata, "annotations", place), "kwok.x-k8s.io/node": "fake"},
        },
        "spec": _spec(spec, place),
        "status": {
            "capacity": capacity,
            "allocatable": _map(status, "allocatable", place) or capacity,
            **({"nodeInfo": info} if info else {}),
        },
    }


def _usual_labels(name: str) -> dict[str, str]:
    return {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}


def _spec(spec: Manifest, place: str) -> Manifest:
    kept = {key: value for key, value in spec.items() if key not in _OF_THE_OLD_CLUSTER}
    taints = kept.pop("taints", None) or []
    if not isinstance(taints, list):
        raise ClusterError(f"`taints` in {place} is no list")
    lasting = [taint for taint in taints if _mapping(taint, f"a taint in {place}").get("key") not in _STATE_TAINTS]
    return {**kept, "taints": lasting} if lasting else kept


def with_kubelet(node: Manifest, version: str) -> Manifest:
    """The node with a kubelet of that release, unless it says which one it has."""
    info = node["status"].get("nodeInfo") or {}
    return {**node, "status": {**node["status"], "nodeInfo": {"kubeletVersion": f"v{version}", **info}}}


def _entries(document: Json) -> Iterator[Json]:
    if isinstance(document, list):
        yield from document
    elif isinstance(document, dict) and isinstance(document.get("items"), list):
        yield from document["items"]
    else:
        yield document


def _copies(entry: Json, place: str) -> Iterator[Manifest]:
    """The nodes that one entry stands for."""
    entry = _mapping(entry, f"an entry of {place}")
    if entry.get("kind", "Node") != "Node":
        raise ClusterError(f"{place} has an object of kind {entry['kind']!r}; only nodes belong there")
    strange = next((key for key in entry if key not in _KEYS), None)
    if strange is not None:
        raise ClusterError(f"a node in {place} has no {str(strange)!r}", f"it has {', '.join(_KEYS)}")
    count = entry.get("count")
    if count is None:
        yield node(entry, place)
        return
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= _LARGEST_COUNT:
        raise ClusterError(f"`count` in {place} must be a number up to {_LARGEST_COUNT}, not {count!r}")
    metadata = _map(entry, "metadata", place)
    for number in range(count):
        labels = {key: _in_turn(value, number) for key, value in _map(metadata, "labels", place).items()}
        name = f"{metadata.get('name') or 'node'}-{number}"
        yield node({**entry, "metadata": {**metadata, "name": name, "labels": labels}}, place)


def _in_turn(value: Json, number: int) -> Json:
    return value[number % len(value)] if isinstance(value, list) and value else value


def _map(parent: Manifest, key: str, place: str) -> Manifest:
    """The mapping under a key, an empty one if there is nothing."""
    value = parent.get(key)
    return {} if value is None else _mapping(value, f"`{key}` in {place}")


def _mapping(value: Json, what: str) -> Manifest:
    if not isinstance(value, dict):
        raise ClusterError(f"{what} is no mapping")
    return value
