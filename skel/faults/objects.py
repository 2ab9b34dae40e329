"""What rules ask an object of Kubernetes about: owner, age, and whether a pod still counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skel.patch.values import Json

FINISHED = frozenset({"Succeeded", "Failed"})
ON_NODE = "metadata.name"
_NONE: Mapping[str, Json] = {}


@dataclass(frozen=True, slots=True)
class Owner:
    """The reference to the controller of an object."""

    api_version: str
    kind: str
    name: str
    uid: str


def section(thing: Json, *path: str) -> Json:
    """The map at a path, an empty one where it is absent."""
    for key in path:
        thing = thing.get(key) or _NONE
    return thing


def meta(thing: Json) -> Json:
    return section(thing, "metadata")


def spec(thing: Json) -> Json:
    return section(thing, "spec")


def status(thing: Json) -> Json:
    return section(thing, "status")


def uid(thing: Json) -> str:
    return str(meta(thing).get("uid", ""))


def name(thing: Json) -> str:
    return str(meta(thing).get("name", ""))


def owner(thing: Json) -> Owner | None:
    """The controller that owns it, None if nothing does."""
    for reference in meta(thing).get("ownerReferences") or ():
        if reference.get("controller"):
            return Owner(
                str(reference.get("apiVersion", "")),
                str(reference.get("kind", "")),
                str(reference.get("name", "")),
                str(reference.get("uid", "")),
            )
    return None


def is_going(thing: Json) -> bool:
    """Whether it is marked for deletion."""
    return bool(meta(thing).get("deletionTimestamp"))


def is_active(pod: Json) -> bool:
    """Whether controllers count the pod: neither finished nor on its way out."""
    return not is_going(pod) and status(pod).get("phase") not in FINISHED


def condition(thing: Json, word: str) -> str:
    """`True`, `False`, `Unknown`, or empty where there is none of that type."""
    found = (it.get("status", "") for it in status(thing).get("conditions") or () if it.get("type") == word)
    return str(next(found, ""))


def is_ready(pod: Json) -> bool:
    return condition(pod, "Ready") == "True"


def is_finished(job: Json) -> bool:
    return "True" in {condition(job, "Complete"), condition(job, "Failed")}


def node_of(pod: Json) -> str:
    """The node of a pod: where it is bound, or the only one that a DaemonSet made it for."""
    if bound := spec(pod).get("nodeName"):
        return str(bound)
    required = section(pod, "spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    for term in required.get("nodeSelectorTerms") or ():
        for field in term.get("matchFields") or ():
            if field.get("key") == ON_NODE and field.get("values"):
                return str(field["values"][0])
    return ""
