"""What of an object is not recorded: what the server gave it, and on demand what tools wrote on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skel.patch.values import Json
from skel.record.errors import RecordError

MANAGED_FIELDS, LAST_APPLIED, BOTH = "managedFields", "last-applied", "noise"

_SERVER_OWNED = frozenset(
    {
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "selfLink",
    }
)
_REVISION = "deployment.kubernetes.io/revision"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True, slots=True)
class Noise:
    """What is left out besides what the server gives to an object.

    `managedFields` and the annotation of `kubectl apply` say who still writes an old version of an API, which
    `skel check` shows: they are kept unless told otherwise. The status is never a part of a trace of the reference.
    """

    managed_fields: bool = False
    last_applied: bool = False
    status: bool = True

    @classmethod
    def of(cls, words: str) -> Noise:
        """From `managedFields,last-applied`; raises RecordError for other words."""
        given = [word.strip() for word in words.split(",") if word.strip()]
        if given == [BOTH]:
            return cls(managed_fields=True, last_applied=True)
        if unknown := [word for word in given if word not in {MANAGED_FIELDS, LAST_APPLIED}]:
            raise RecordError(
                f"there is no `{unknown[0]}` to drop", f"known: {MANAGED_FIELDS}, {LAST_APPLIED}, and {BOTH} for both"
            )
        return cls(MANAGED_FIELDS in given, LAST_APPLIED in given)

    def without(self, api_version: str, kind: str, thing: Mapping[str, Json]) -> dict[str, Json]:
        """The object as it is recorded; the object itself is left as it is."""
        clean = {key: value for key, value in thing.items() if key != "status" or not self.status}
        clean["apiVersion"], clean["kind"] = api_version, kind
        clean["metadata"] = self._metadata(thing.get("metadata"))
        spec = clean.get("spec")
        if kind == "Pod" and api_version == "v1" and isinstance(spec, dict) and "nodeName" in spec:
            # The node of a pod is not there where the trace is replayed.
            clean["spec"] = {key: value for key, value in spec.items() if key != "nodeName"}
        return clean

    def _metadata(self, metadata: Json) -> dict[str, Json]:
        given = metadata if isinstance(metadata, dict) else {}
        clean = {key: value for key, value in given.items() if key not in _SERVER_OWNED}
        if self.managed_fields:
            clean.pop("managedFields", None)
        annotations = clean.get("annotations")
        if isinstance(annotations, dict) and (_REVISION in annotations or _LAST_APPLIED in annotations):
            dropped = {_REVISION, _LAST_APPLIED} if self.last_applied else {_REVISION}
            clean["annotations"] = {key: value for key, value in annotations.items() if key not in dropped}
        return clean


def is_of_every_cluster(api_version: str, kind: str, namespace: str, name: str) -> bool:
    """Whether each cluster makes the object by itself, so that a trace has no need of it."""
    if api_version == "v1":
        return (kind == "ConfigMap" and name == "kube-root-ca.crt") or (
            kind == "Service" and (namespace, name) == ("default", "kubernetes")
        )
    return kind == "PriorityClass" and name.startswith("system-")
