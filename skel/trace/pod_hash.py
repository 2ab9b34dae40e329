"""The hash by which a trace knows which of an owner's pods had the same spec: of the stable part of the spec.

Stable is what does not differ from pod to pod of one template: not the node, not the volume with the token of the
service account. What a replay puts into each pod is taken out again, so that a pod of the simulation has the hash of
the recorded one. A spec is hashed as the recorder's typed form of it: without nulls, and always with lists of volumes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from skel.patch.values import Json
from skel.trace.index import spec_hash

NODE_TYPE = "virtual"
TOLERATION: Mapping[str, str] = MappingProxyType({"key": "kwok-provider", "operator": "Exists", "effect": "NoSchedule"})
"""What leads the pods of a replay to simulated nodes: a node selector `type`, and this toleration."""

_TOKEN_VOLUME = "kube-api-access"
_OF_ONE_POD = frozenset({"nodeName", "serviceAccount", "serviceAccountName"})
_TOLERATION = dict(TOLERATION)


def pod_spec_hash(spec: Mapping[str, Json]) -> int:
    """The unsigned 64 bit hash of the stable part of a pod's spec."""
    return spec_hash(stable_spec(spec))


def stable_spec(spec: Mapping[str, Json]) -> dict[str, Json]:
    """What is hashed. The spec itself is left as it is."""
    stable = {key: _plain(value) for key, value in spec.items() if value is not None and key not in _OF_ONE_POD}
    stable["volumes"] = _without_token(stable.get("volumes"))
    for key in ("initContainers", "containers"):
        for container in _maps(stable.get(key)):
            container["volumeMounts"] = _without_token(container.get("volumeMounts"))
    # The replay takes the ports out; the recorder leaves them out here, and only here.
    for container in _maps(stable.get("containers")):
        container.pop("ports", None)
    return _as_recorded(stable)


def _as_recorded(stable: dict[str, Json]) -> dict[str, Json]:
    """Without the node selector and the toleration that lead the pods of a replay to simulated nodes."""
    selector = stable.get("nodeSelector")
    if isinstance(selector, dict) and selector.get("type") == NODE_TYPE:
        stable["nodeSelector"] = {key: value for key, value in selector.items() if key != "type"}
    tolerations = stable.get("tolerations")
    if isinstance(tolerations, list):
        stable["tolerations"] = [item for item in tolerations if item != _TOLERATION]
    return {key: value for key, value in stable.items() if value or key not in {"nodeSelector", "tolerations"}}


def _plain(value: Json) -> Json:
    """A copy without the keys whose value is null."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _without_token(items: Json) -> list[Json]:
    """Volumes or mounts, without those of the service account."""
    return [item for item in _maps(items) if not str(item.get("name")).startswith(_TOKEN_VOLUME)]


def _maps(items: Json) -> list[dict[str, Json]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
