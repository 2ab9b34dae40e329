"""What is written on a pod so that simulated nodes end it in time: pure.

Labels and annotations are those of the reference driver, so that its stages for kwok work as well. One of ours is
added, the lifetime in seconds of the run: when the pod has begun to run, everything needed stands on the pod itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from skel.patch.values import Json
from skel.replay.namespaces import Namespaces
from skel.replay.virtual import ORIGINAL_NAMESPACE, SIMULATION
from skel.trace.pod_hash import NODE_TYPE, TOLERATION

COMPLETE = "simkube.io/kwok-stage-complete"
COMPLETE_TIME = "simkube.io/kwok-stage-complete-time"
LIFETIME = "simkube.io/lifetime"
SPEC_HASH = "static.simkube.io/pod-spec-stable-hash"
NUMBER = "static.simkube.io/pod-sequence-number"
ORIGINAL_OWNER = "static.simkube.io/original-owner"
_CREATE_DELAY = "simkube.io/kwok-stage-create-delay"
_READY_DELAY = "simkube.io/kwok-stage-ready-delay"
_SECONDS = re.compile(r"\d{1,12}(\.\d{1,9})?s", re.ASCII)
_FOREVER = timedelta(days=36500)


@dataclass(frozen=True, slots=True)
class Delays:
    """How long a pod takes to get an address (as if it pulled its image), and then to run; how long one runs that is
    to end and whose end was not recorded. Milliseconds; each is drawn between it and its jitter, if that is more.
    """

    create: int = 0
    create_jitter: int = 0
    ready: int = 0
    ready_jitter: int = 0
    complete: int = 0
    complete_jitter: int = 0

    def __bool__(self) -> bool:
        return bool(self.annotations() or self.has_end)

    @property
    def has_end(self) -> bool:
        return bool(self.complete or self.complete_jitter)

    def scaled(self, speed: float | None) -> Delays:
        """Simulated times as times of the run; where everything goes as fast as it can, they are the same."""
        return Delays(**{name: round(value / (speed or 1.0)) for name, value in asdict(self).items()})

    def annotations(self) -> dict[str, str]:
        """None at all where nothing is delayed: then simulated nodes need one step less."""
        wanted = {
            _CREATE_DELAY: self.create,
            f"{_CREATE_DELAY}-jitter": self.create_jitter,
            _READY_DELAY: self.ready,
            f"{_READY_DELAY}-jitter": self.ready_jitter,
        }
        return {key: f"{value}ms" for key, value in wanted.items()} if any(wanted.values()) else {}

    def end(self, share: float) -> float:
        """Seconds until the end; `share`, from 0 to 1, says where between delay and jitter."""
        return (self.complete + share * max(0, self.complete_jitter - self.complete)) / 1000


@dataclass(frozen=True, slots=True)
class Marks:
    """Labels and annotations to add to a pod."""

    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.labels or self.annotations)

    @property
    def has_delays(self) -> bool:
        """Whether they must stand on the pod before it runs."""
        return _CREATE_DELAY in self.annotations

    def __or__(self, other: Marks) -> Marks:
        return Marks({**self.labels, **other.labels}, {**self.annotations, **other.annotations})

    def on(self, pod: Mapping[str, Json]) -> dict[str, Json]:
        """The pod with them; the pod itself is left as it is."""
        metadata = {**metadata_of(pod)}
        metadata["labels"] = {**texts(metadata, "labels"), **self.labels}
        metadata["annotations"] = {**texts(metadata, "annotations"), **self.annotations}
        return {**pod, "metadata": metadata}

    def merge_patch(self) -> dict[str, Json]:
        """As a JSON merge patch (RFC 7396)."""
        found = {"labels": dict(self.labels), "annotations": dict(self.annotations)}
        return {"metadata": {key: value for key, value in found.items() if value}}

    def json_patch(self, pod: Mapping[str, Json]) -> list[dict[str, Json]]:
        """As a JSON patch (RFC 6902) of this pod."""
        metadata = metadata_of(pod)
        return [
            operation
            for key, wanted in (("labels", self.labels), ("annotations", self.annotations))
            for operation in _additions(f"/metadata/{key}", metadata.get(key), wanted)
        ]


@dataclass(frozen=True, slots=True)
class Ours:
    """Tells the pods of a simulation from others, and where they were recorded."""

    namespaces: Namespaces

    def has(self, pod: Mapping[str, Json]) -> bool:
        metadata = metadata_of(pod)
        if ORIGINAL_NAMESPACE in texts(metadata, "annotations"):
            return True
        return self.is_virtual(str(metadata.get("namespace", "")))

    def is_virtual(self, namespace: str) -> bool:
        """Whether it is a namespace of the simulation."""
        prefix = self.namespaces.prefix
        return namespace.startswith(f"{prefix}-") if prefix else not namespace.startswith("kube-")

    def original(self, namespace: str, pod: Mapping[str, Json] | None = None) -> str:
        """The namespace of the trace."""
        told = texts(metadata_of(pod or {}), "annotations").get(ORIGINAL_NAMESPACE)
        prefix = self.namespaces.prefix
        return told or (namespace.removeprefix(f"{prefix}-") if prefix else namespace)


def birth_marks(simulation: str, spec_hash: int, number: int | None, lifetime: float | None, delays: Delays) -> Marks:
    """What a pod gets when it is made. `lifetime` is in seconds of the run, None for one without an end."""
    annotations = {SPEC_HASH: str(spec_hash), **delays.annotations()}
    if number is not None:
        annotations[NUMBER] = str(number)
    if lifetime is not None:
        annotations[LIFETIME] = f"{lifetime:.3f}s"
    return Marks({SIMULATION: simulation}, annotations)


def end_marks(pod: Mapping[str, Json], now: datetime) -> Marks:
    """What a pod with a lifetime gets when it has begun to run: the time when it is to end."""
    metadata = metadata_of(pod)
    lifetime = lifetime_of(pod)
    is_marked = COMPLETE in texts(metadata, "labels")
    if lifetime is None or is_marked or metadata.get("deletionTimestamp") or phase_of(pod) != "Running":
        return Marks()
    end = (now.astimezone(UTC) + lifetime).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return Marks({COMPLETE: "true"}, {COMPLETE_TIME: f"{end}Z"})


def lifetime_of(pod: Mapping[str, Json]) -> timedelta | None:
    """What stands on the pod, None if nothing does or somebody wrote nonsense there."""
    text = texts(metadata_of(pod), "annotations").get(LIFETIME, "")
    return min(timedelta(seconds=float(text[:-1])), _FOREVER) if _SECONDS.fullmatch(text) else None


def remembered(pod: Mapping[str, Json]) -> tuple[int, int] | None:
    """Hash and number that a pod was given; None if it was given none."""
    annotations = texts(metadata_of(pod), "annotations")
    spec, number = annotations.get(SPEC_HASH, ""), annotations.get(NUMBER, "")
    return (int(spec), int(number)) if _is_number(spec) and _is_number(number) else None


def in_order(pods: Iterable[dict[str, Json]]) -> list[dict[str, Json]]:
    """Pods as they were made, those that have their number before those that have not."""
    return sorted(pods, key=_birth)


def _birth(pod: Mapping[str, Json]) -> tuple[bool, str, str]:
    metadata = metadata_of(pod)
    return not is_born(pod), str(metadata.get("creationTimestamp", "")), str(metadata.get("name", ""))


def is_born(pod: Mapping[str, Json]) -> bool:
    """Whether the pod has been given what it gets when it is made."""
    return SPEC_HASH in texts(metadata_of(pod), "annotations")


def room_patch(pod: Mapping[str, Json]) -> list[dict[str, Json]]:
    """JSON patch that leads a pod to simulated nodes, for pods whose maker has no template that the replay knows."""
    spec = pod.get("spec")
    if not isinstance(spec, dict):
        return []
    patch = _additions("/spec/nodeSelector", spec.get("nodeSelector"), {"type": NODE_TYPE})
    tolerations = spec.get("tolerations") or []
    if any(item.get("key") == TOLERATION["key"] for item in tolerations):
        return patch
    if not tolerations:
        patch.append({"op": "add", "path": "/spec/tolerations", "value": []})
    return [*patch, {"op": "add", "path": "/spec/tolerations/-", "value": dict(TOLERATION)}]


def metadata_of(thing: Mapping[str, Json]) -> dict[str, Json]:
    metadata = thing.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def texts(metadata: Mapping[str, Json], key: str) -> dict[str, str]:
    """The labels or annotations."""
    found = metadata.get(key)
    return found if isinstance(found, dict) else {}


def phase_of(pod: Mapping[str, Json]) -> str:
    status = pod.get("status")
    return str(status.get("phase", "")) if isinstance(status, dict) else ""


def _additions(path: str, there: Json, wanted: Mapping[str, str]) -> list[dict[str, Json]]:
    """Operations that put these keys into a map, which may be missing."""
    missing = {key: value for key, value in wanted.items() if not (isinstance(there, dict) and there.get(key) == value)}
    if not missing:
        return []
    if not isinstance(there, dict):
        return [{"op": "add", "path": path, "value": missing}]
    return [{"op": "add", "path": f"{path}/{_escaped(key)}", "value": value} for key, value in missing.items()]


def _escaped(key: str) -> str:
    """A key in a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
