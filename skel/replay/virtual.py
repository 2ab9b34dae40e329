"""A recorded object -> the object of the simulation: what the server owned goes, what marks it as ours comes.

Labels, annotations, node selector and toleration are those of the reference driver, so that its nodes and stages fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import MsgspecError, Raw, Struct, defstruct
from msgspec.msgpack import Decoder

from skel.findings.model import FoundObject
from skel.kube.gvk import group_of, gvk
from skel.kube.pod_template import ANY_ITEM, pod_templates
from skel.patch.pointer import Pointer
from skel.patch.values import Json
from skel.replay.namespaces import Namespaces
from skel.trace.pod_hash import NODE_TYPE, TOLERATION

SIMULATION = "simkube.io/simulation"
VIRTUAL = "simkube.io/virtual"
STEP = "simkube.io/replay-step"
"""The step that wrote the object: how a run that lost an answer sees that the server had done what was asked."""
ORIGINAL_NAMESPACE = "static.simkube.io/original-namespace"

_SERVER_OWNED = (
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
    "managedFields",
    # Owners were other objects, in another cluster: the garbage collector would take what names them.
    "ownerReferences",
    # Nobody would ever come to do what these wait for.
    "finalizers",
)
_TOOL_OWNED = ("kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision")
_JOB_LABELS = ("controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name")
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


class _Plain(Struct, gc=False):
    """Metadata of which the simulation keeps nothing but texts."""

    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


# What `mark` takes out is not decoded at all.
_left_out = [(name, Raw, Raw(b"")) for name in ("name", "namespace", "generateName", *_SERVER_OWNED)]
_plain: Decoder[Any] = Decoder(defstruct("_Recorded", _left_out, bases=(_Plain,), forbid_unknown_fields=True, gc=False))


def recorded_metadata(raw: Raw) -> dict[str, Json] | None:
    """The labels and annotations of recorded metadata, None if there may be more that a simulation keeps."""
    try:
        found = _plain.decode(raw)
    except (MsgspecError, ValueError, RecursionError):
        return None
    return {"labels": found.labels, "annotations": found.annotations}


@dataclass(frozen=True, slots=True)
class Simulation:
    """What all objects of a run share. `owner` is the reference to the root object, None where there is no root."""

    name: str
    namespaces: Namespaces
    owner: Mapping[str, Json] | None = None
    tracked: Mapping[str, Any] = field(default_factory=dict)


def virtual(
    simulation: Simulation, manifest: dict[str, Json], thing: FoundObject, *, namespaced: bool, step: str
) -> dict[str, Json]:
    """The object to apply. The manifest is changed in place."""
    manifest.pop("status", None)
    mark(simulation, _map(manifest, "metadata"), thing, namespaced=namespaced, step=step)
    simulate(simulation, manifest, thing)
    return manifest


def simulate(simulation: Simulation, manifest: dict[str, Json], thing: FoundObject) -> None:
    """What changes in an object beside its metadata: that is the same for all names and steps."""
    _release(manifest, thing)
    simulation.namespaces.redirect(manifest)
    for pointer in pod_templates(gvk(thing.api_version, thing.kind), simulation.tracked):
        for template in _at(manifest, pointer):
            _simulate_pods(template, thing.namespace or "default")


def mark(simulation: Simulation, metadata: dict[str, Json], thing: FoundObject, *, namespaced: bool, step: str) -> None:
    """Let recorded metadata say that the object is of the simulation, and written by a step."""
    for key in _SERVER_OWNED:
        metadata.pop(key, None)
    metadata.pop("generateName", None)
    sign(simulation, metadata, thing, namespaced=namespaced, step=step)


def sign(simulation: Simulation, metadata: dict[str, Json], thing: FoundObject, *, namespaced: bool, step: str) -> None:
    """The same for metadata without what servers own."""
    Signature.of(simulation, thing, namespaced=namespaced).put(metadata, step)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a simulation puts into the metadata of one object. `namespace` is None for one that is in none."""

    simulation: Simulation
    name: str
    namespace: str | None

    @classmethod
    def of(cls, simulation: Simulation, thing: FoundObject, *, namespaced: bool) -> Signature:
        name = simulation.namespaces.virtual(thing.name) if is_namespace(thing) else thing.name
        return cls(simulation, name, simulation.namespaces.virtual(thing.namespace) if namespaced else None)

    def put(self, metadata: dict[str, Json], step: str) -> None:
        """Sign metadata without what servers own, as written by a step."""
        metadata["name"] = self.name
        if self.namespace is not None:
            metadata["namespace"] = self.namespace
        else:
            metadata.pop("namespace", None)
        labels = _map(metadata, "labels")
        labels[SIMULATION] = self.simulation.name
        labels[VIRTUAL] = "true"
        annotations = _map(metadata, "annotations")
        for key in _TOOL_OWNED:
            annotations.pop(key, None)
        annotations[STEP] = step
        if self.simulation.owner is not None:
            metadata["ownerReferences"] = [dict(self.simulation.owner)]


def is_namespace(thing: FoundObject) -> bool:
    return thing.kind == "Namespace" and thing.api_version == "v1"


def _release(manifest: dict[str, Json], thing: FoundObject) -> None:
    """Take out what the old cluster gave away: addresses, ports, nodes, bindings. The new one gives its own."""
    spec = manifest.get("spec")
    if not isinstance(spec, dict):
        return
    match group_of(thing.api_version), thing.kind:
        case "", "Service":
            _release_service(spec)
        case "", "Pod":
            spec.pop("nodeName", None)
            spec.pop("priority", None)
        case "", "Namespace":
            spec.pop("finalizers", None)
        case "", "PersistentVolume" if isinstance(spec.get("claimRef"), dict):
            spec["claimRef"].pop("uid", None)
            spec["claimRef"].pop("resourceVersion", None)
        case "batch", "Job" if not spec.get("manualSelector"):
            spec.pop("selector", None)
            for template in _at(spec, ("template", "metadata", "labels")):
                for label in _JOB_LABELS:
                    template.pop(label, None)


def _release_service(spec: dict[str, Json]) -> None:
    if spec.get("clusterIP") != "None":
        spec.pop("clusterIP", None)
        spec.pop("clusterIPs", None)
    spec.pop("healthCheckNodePort", None)
    for port in spec.get("ports") or ():
        if isinstance(port, dict):
            port.pop("nodePort", None)


def _simulate_pods(template: dict[str, Json], namespace: str) -> None:
    """Pods run on nodes that are none, and don't know in which namespace they were recorded."""
    spec = template.get("spec")
    if not isinstance(spec, dict):
        return
    _map(_map(template, "metadata"), "annotations")[ORIGINAL_NAMESPACE] = namespace
    _map(spec, "nodeSelector")["type"] = NODE_TYPE
    tolerations = spec.get("tolerations")
    if not isinstance(tolerations, list):
        tolerations = spec["tolerations"] = []
    if dict(TOLERATION) not in tolerations:
        tolerations.append(dict(TOLERATION))
    for key in _CONTAINERS:
        for container in spec.get(key) or ():
            # Server-side apply refuses a port that stands twice, which a pod may well have.
            if isinstance(container, dict):
                container.pop("ports", None)


def _map(owner: dict[str, Json], key: str) -> dict[str, Json]:
    """The map under a key; made if there is none."""
    value = owner.get(key)
    if not isinstance(value, dict):
        value = owner[key] = {}
    return value


def _at(node: Json, pointer: Pointer) -> list[dict[str, Json]]:
    """The maps at a pointer, in which `*` stands for every item of an array."""
    found = [node]
    for part in pointer:
        if part == ANY_ITEM:
            found = [item for node in found if isinstance(node, list) for item in node]
        else:
            found = [node[part] for node in found if isinstance(node, dict) and part in node]
    return [node for node in found if isinstance(node, dict)]
