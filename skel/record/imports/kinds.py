"""What clusters are full of and no trace has a use for: by resource, as requests name it, and by kind."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from skel.patch.values import Json

_NEVER = MappingProxyType(
    {
        ("", "events"): "Event",
        ("events.k8s.io", "events"): "Event",
        ("coordination.k8s.io", "leases"): "Lease",
        ("", "endpoints"): "Endpoints",
        ("discovery.k8s.io", "endpointslices"): "EndpointSlice",
        ("", "componentstatuses"): "ComponentStatus",
        ("", "nodes"): "Node",
        ("", "bindings"): "Binding",
        ("apps", "controllerrevisions"): "ControllerRevision",
        ("storage.k8s.io", "csinodes"): "CSINode",
        ("storage.k8s.io", "csistoragecapacities"): "CSIStorageCapacity",
        ("storage.k8s.io", "volumeattachments"): "VolumeAttachment",
        ("certificates.k8s.io", "certificatesigningrequests"): "CertificateSigningRequest",
    }
)
"""Made by controllers, by nodes or by time; a replay brings its own nodes."""

# Groups whose objects are questions: nothing is kept.
_QUESTIONS = frozenset({"authentication.k8s.io", "authorization.k8s.io", "metrics.k8s.io", "custom.metrics.k8s.io"})
_KINDS = frozenset((group, kind) for (group, _), kind in _NEVER.items())

# What marks the objects that an API server makes for itself, and keeps as they are.
_OWN_LABELS = frozenset({"kubernetes.io/bootstrapping", "kube-aggregator.kubernetes.io/automanaged"})
_OWN_ANNOTATION = "apf.kubernetes.io/autoupdate-spec"
_OWN_NAMES = frozenset(
    {
        ("Namespace", "", "default"),
        ("Namespace", "", "kube-system"),
        ("Namespace", "", "kube-public"),
        ("Namespace", "", "kube-node-lease"),
        ("ConfigMap", "kube-system", "extension-apiserver-authentication"),
        ("ConfigMap", "kube-system", "kube-apiserver-legacy-service-account-token-tracking"),
    }
)


def is_of_server(thing: Mapping[str, Json]) -> bool:
    """Whether each cluster makes the object by itself: its default roles, flow schemas, namespaces, accounts."""
    metadata = thing.get("metadata")
    if not isinstance(metadata, dict):
        return False
    labels, annotations = metadata.get("labels"), metadata.get("annotations")
    if isinstance(labels, dict) and not _OWN_LABELS.isdisjoint(labels):
        return True
    if isinstance(annotations, dict) and _OWN_ANNOTATION in annotations:
        return True
    kind, namespace, name = thing.get("kind"), metadata.get("namespace") or "", metadata.get("name")
    return (kind, namespace, name) in _OWN_NAMES or (kind == "ServiceAccount" and name == "default")


def is_noise(group: str, resource: str) -> bool:
    """Whether requests for a resource say nothing that a replay could play."""
    return (group, resource) in _NEVER or group in _QUESTIONS


def is_noise_kind(group: str, kind: str) -> bool:
    """The same of an object."""
    return (group, kind) in _KINDS or group in _QUESTIONS
