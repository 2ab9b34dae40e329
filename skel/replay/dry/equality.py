"""Whether two objects say the same to the API server: what it fills in by itself makes no difference."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from skel.kube.fields import Field
from skel.patch.values import Json
from skel.replay.dry.validation.quantities import amount

_FILE_MODE = MappingProxyType({"defaultMode": 420})
_PROBE = MappingProxyType({"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3})

# From `pkg/apis/*/v1/defaults.go`, for the fields that can't change.
DEFAULTS: Mapping[str, Mapping[str, Json]] = MappingProxyType(
    {
        "apps.v1.StatefulSetSpec": {"podManagementPolicy": "OrderedReady", "revisionHistoryLimit": 10},
        "batch.v1.JobSpec": {"completionMode": "NonIndexed"},
        "core.v1.ConfigMapVolumeSource": _FILE_MODE,
        "core.v1.Container": {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"},
        "core.v1.ContainerPort": {"protocol": "TCP"},
        "core.v1.DownwardAPIVolumeSource": _FILE_MODE,
        "core.v1.HTTPGetAction": {"scheme": "HTTP", "path": "/"},
        "core.v1.ObjectFieldSelector": {"apiVersion": "v1"},
        "core.v1.PersistentVolumeClaim": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "status": {}},
        "core.v1.PersistentVolumeClaimSpec": {"volumeMode": "Filesystem"},
        "core.v1.PersistentVolumeSpec": {"volumeMode": "Filesystem"},
        "core.v1.PodSpec": {
            "dnsPolicy": "ClusterFirst",
            "enableServiceLinks": True,
            "restartPolicy": "Always",
            "schedulerName": "default-scheduler",
            "terminationGracePeriodSeconds": 30,
        },
        "core.v1.Probe": _PROBE,
        "core.v1.ProjectedVolumeSource": _FILE_MODE,
        "core.v1.SecretVolumeSource": _FILE_MODE,
        "core.v1.ServiceAccountTokenProjection": {"expirationSeconds": 3600},
        "core.v1.TopologySpreadConstraint": {"nodeAffinityPolicy": "Honor", "nodeTaintsPolicy": "Ignore"},
        "rbac.v1.RoleRef": {"apiGroup": "rbac.authorization.k8s.io"},
    }
)
_NONE: Mapping[str, Json] = MappingProxyType({})
# Set by the server, or an older name of another field.
_IGNORED = frozenset({"creationTimestamp", "serviceAccount", "status"})


def same(field: Field | None, left: Json, right: Json) -> bool:
    """Compare two clean values of a field."""
    if left == right or (not left and not right):
        return True
    match field:
        case Field(type="object") if isinstance(left or {}, dict) and isinstance(right or {}, dict):
            return _same_object(field, left or {}, right or {})
        case Field(type="array", items=Field() as items) if isinstance(left, list) and isinstance(right, list):
            return len(left) == len(right) and all(map(same, [items] * len(left), left, right))
        case Field(type="map", values=Field() as values) if isinstance(left, dict) and isinstance(right, dict):
            return left.keys() == right.keys() and all(same(values, left[key], right[key]) for key in left)
        case Field(type="quantity"):
            return left is not None and right is not None and amount(left) == amount(right)
        case _:
            return False


def _same_object(field: Field, left: Json, right: Json) -> bool:
    usual = DEFAULTS.get(field.definition, _NONE)
    if field.definition == "core.v1.Container":
        left, right = _with_pull_policy(left), _with_pull_policy(right)
    known = field.fields
    return all(
        same(known.get(name), left.get(name, usual.get(name)), right.get(name, usual.get(name)))
        for name in left.keys() | right.keys()
        if name not in _IGNORED
    )


def _with_pull_policy(container: Json) -> Json:
    if "imagePullPolicy" in container:
        return container
    tag = container.get("image", "").partition("@")[0].rpartition("/")[2].partition(":")[2]
    digest = "@" in container.get("image", "")
    return {**container, "imagePullPolicy": "Always" if tag in {"", "latest"} and not digest else "IfNotPresent"}
