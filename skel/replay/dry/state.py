"""The objects of a cluster in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from skel.kube.gvk import group_of
from skel.patch.values import Json
from skel.replay.halves import Kept, bytes_of

Home = tuple[str, str]
"""Group and resource: objects are the same in all versions of a group."""

# One object can be seen through two groups.
_MOVED = {
    ("extensions", "daemonsets"): "apps",
    ("extensions", "deployments"): "apps",
    ("extensions", "ingresses"): "networking.k8s.io",
    ("extensions", "networkpolicies"): "networking.k8s.io",
    ("extensions", "podsecuritypolicies"): "policy",
    ("extensions", "replicasets"): "apps",
}

NAMESPACES: Home = ("", "namespaces")
OWN_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
_PRIORITIES = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
CONSULTED = frozenset({"LimitRange", "ResourceQuota", "Service", "ServiceAccount"})
"""The kinds with namespaces whose objects are looked up where another object is judged."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


def home(api_version: str, resource: str) -> Home:
    group = group_of(api_version)
    return _MOVED.get((group, resource), group), resource


@dataclass(slots=True)
class Stored:
    """A clean object, its metadata apart, and what the server adds. `leaving`: finalizers keep it.

    The rest is kept as bytes: they are small, and nobody can change them from outside.
    """

    rest: Kept
    raw_metadata: bytes
    api_version: str
    uid: str = ""
    version: int = 0
    leaving: bool = False
    fixed: bytes = b""
    """The part that can't change, as bytes."""

    @classmethod
    def of(cls, rest: Kept, metadata: Json, api_version: str) -> Stored:
        return cls(rest, _encode(metadata), api_version)

    @property
    def metadata(self) -> Json:
        """The metadata, made anew each time."""
        return _decode(self.raw_metadata)

    @property
    def clean(self) -> Json:
        """The whole object, made anew each time."""
        raw = bytes_of(self.rest)
        return {**(_decode(raw) if raw else {}), "metadata": self.metadata}


@dataclass(slots=True)
class State:
    """Objects by home, then by namespace and name."""

    objects: dict[Home, dict[tuple[str, str], Stored]] = field(default_factory=dict)
    clock: int = 0

    def __post_init__(self) -> None:
        for name in OWN_NAMESPACES:
            self.own("v1", "namespaces", "", {"kind": "Namespace", "metadata": {"name": name}})
        for name, value in _PRIORITIES.items():
            made = {"kind": "PriorityClass", "metadata": {"name": name}, "value": value}
            self.own("scheduling.k8s.io/v1", "priorityclasses", "", made)
        service = {
            "kind": "Service",
            "metadata": {"name": "kubernetes", "namespace": "default"},
            "spec": {"clusterIP": "10.96.0.1", "type": "ClusterIP", "ports": [{"name": "https", "port": 443}]},
        }
        self.own("v1", "services", "default", service)
        self.own("v1", "endpoints", "default", {"kind": "Endpoints", "metadata": {"name": "kubernetes"}})
        for name in ("cluster-admin", "admin", "edit", "view"):
            role = {"kind": "ClusterRole", "metadata": {"name": name}}
            self.own("rbac.authorization.k8s.io/v1", "clusterroles", "", role)

    def own(self, api_version: str, resource: str, namespace: str, body: Json) -> None:
        """Keep an object that the server makes by itself."""
        raw = _encode({"apiVersion": api_version, **body})
        stored = Stored.of(raw, body["metadata"], api_version)
        self.put(home(api_version, resource), namespace, body["metadata"]["name"], stored)

    def get(self, where: Home, namespace: str, name: str) -> Stored | None:
        shelf = self.objects.get(where)
        return shelf.get((namespace, name)) if shelf else None

    def put(self, where: Home, namespace: str, name: str, stored: Stored) -> Stored:
        """Keep an object, new or in another state: what the server had added stays."""
        self.clock += 1
        shelf = self.objects.setdefault(where, {})
        old = shelf.get((namespace, name))
        stored.uid = old.uid if old else f"00000000-0000-4000-8000-{self.clock:012x}"
        stored.version = self.clock
        stored.leaving = old is not None and old.leaving
        shelf[namespace, name] = stored
        return stored

    def change(self, stored: Stored, rest: Kept, metadata: Json, api_version: str, fixed: bytes) -> None:
        """Give an object that is kept another state."""
        self.clock += 1
        stored.version = self.clock
        stored.rest, stored.raw_metadata = rest, _encode(metadata)
        stored.api_version, stored.fixed = api_version, fixed

    def remove(self, where: Home, namespace: str, name: str) -> None:
        self.clock += 1
        del self.objects[where][namespace, name]
        if where == NAMESPACES:
            self._empty(name)

    def _empty(self, namespace: str) -> None:
        """What the controllers of a real cluster do with the objects of a namespace that goes."""
        for shelf in self.objects.values():
            for key in [key for key in shelf if key[0] == namespace]:
                del shelf[key]

    def listed(self, where: Home, namespace: str) -> Iterator[Stored]:
        """The objects of a kind in a namespace, in all of them if it is empty."""
        for key, stored in self.objects.get(where, {}).items():
            if not namespace or key[0] == namespace:
                yield stored
