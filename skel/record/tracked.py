"""Which kinds are recorded, and how: the recorder's own configuration, `trackedObjects`.

https://simkube.dev/simkube/docs/ref/tracer-config/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from skel.kube.gvk import group_of, gvk, split_gvk
from skel.kube.pod_template import BUILT_IN
from skel.manifests.settings import NotYamlError, document
from skel.patch.values import Json
from skel.record.errors import RecordError

GroupKind = tuple[str, str]
"""A kind in whatever version: `("apps", "Deployment")`."""

_KEYS = frozenset({"podSpecTemplatePaths", "podSpecTemplatePath", "trackLifecycle", "skipOwned"})
# The kinds of this group moved, and owner references name the new one.
_MOVED = MappingProxyType({"extensions": "apps"})
# Where the recorder says that templates are; of a ReplicaSet it names the spec.
_TEMPLATES = MappingProxyType(
    {
        **{kind: "/" + "/".join(map(str, path)) for kind, path in BUILT_IN.items() if path},
        "ReplicaSet": "/spec",
        "Pod": "",
    }
)


@dataclass(frozen=True, slots=True)
class TrackedKind:
    """How objects of a kind are recorded.

    `lifecycle`: how long its pods live is kept. `skip_owned`: not recorded if anybody owns it; what a tracked object
    owns is never recorded.
    """

    gvk: str
    templates: tuple[str, ...] = ()
    lifecycle: bool = False
    skip_owned: bool = False

    def as_config(self) -> dict[str, Json]:
        """Its entry in the configuration of a trace, as the reference writes it."""
        paths: dict[str, Json] = {"podSpecTemplatePaths": list(self.templates)} if self.templates else {}
        lifecycle: dict[str, Json] = {"trackLifecycle": True} if self.lifecycle else {}
        return {**paths, **lifecycle, **({"skipOwned": True} if self.skip_owned else {})}


class Tracked:
    """The kinds that are recorded, by gvk. An `open` set takes in each kind that comes."""

    def __init__(self, kinds: Iterable[TrackedKind] = (), *, is_open: bool = False) -> None:
        self._kinds = {kind.gvk: kind for kind in kinds}
        self._by_group = {group_kind(kind.gvk): kind for kind in self._kinds.values()}
        self.is_open = is_open

    def __iter__(self) -> Iterator[TrackedKind]:
        return iter(self._kinds.values())

    def __len__(self) -> int:
        return len(self._kinds)

    def get(self, kind: str) -> TrackedKind | None:
        """How a gvk is recorded, None if it is not. An open set learns it."""
        found = self._kinds.get(kind)
        if found is None and self.is_open:
            found = usual(kind)
            self._kinds[kind] = found
            self._by_group.setdefault(group_kind(kind), found)
        return found

    def owner(self, kind: str) -> TrackedKind | None:
        """How the kind that an owner reference names is recorded, in whatever version; an open set learns nothing."""
        found = self._kinds.get(kind) or self._by_group.get(group_kind(kind))
        return usual(kind) if found is None and self.is_open else found

    def as_config(self) -> dict[str, Json]:
        """The `config` of a trace."""
        return {"trackedObjects": {kind.gvk: kind.as_config() for kind in self._kinds.values()}}


def group_kind(kind: str) -> GroupKind:
    api_version, word = split_gvk(kind)
    group = group_of(api_version)
    return _MOVED.get(group, group), word


def usual(kind: str) -> TrackedKind:
    """A kind as it is recorded where nobody says how.

    Lifetimes are kept of pods that end by themselves. Of a Deployment they would tell a replay to end pods that the
    Deployment then makes again.
    """
    word = group_kind(kind)
    return TrackedKind(kind, _templates(kind), word in _ENDING, word in _OWNED)


def of_kinds(kinds: Iterable[str]) -> Tracked:
    """These kinds, each as usual."""
    return Tracked(usual(kind) for kind in kinds)


def everything() -> Tracked:
    """Whatever comes, each kind as usual: for recordings that are read from somewhere."""
    return Tracked(is_open=True)


_ENDING = frozenset({("", "Pod"), ("batch", "Job"), ("batch", "CronJob")})
_OWNED = frozenset({("", "Pod"), ("", "ReplicationController"), ("apps", "ReplicaSet"), ("batch", "Job")})

WORKLOADS: tuple[GroupKind, ...] = (
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
    ("apps", "ReplicaSet"),
    ("batch", "CronJob"),
    ("batch", "Job"),
    ("", "ReplicationController"),
    ("", "Pod"),
)
NEEDED: tuple[GroupKind, ...] = (
    ("", "Namespace"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("", "ServiceAccount"),
    ("", "ConfigMap"),
    ("", "PersistentVolumeClaim"),
    ("", "LimitRange"),
    ("", "ResourceQuota"),
    ("", "Service"),
    ("networking.k8s.io", "Ingress"),
    ("networking.k8s.io", "NetworkPolicy"),
    ("policy", "PodDisruptionBudget"),
    ("autoscaling", "HorizontalPodAutoscaler"),
)
"""What workloads name or are governed by. Secrets are not among them."""


def read_config(path: str) -> Tracked:
    """A configuration file of the recorder. Raises RecordError with the place."""
    try:
        content = document(Path(path).read_bytes(), path)
    except OSError as error:
        raise RecordError(f"{path} can't be read: {(error.strerror or str(error)).lower()}") from None
    except NotYamlError as error:
        raise RecordError(str(error)) from None
    return from_config(content, path)


def from_config(content: Json, name: str) -> Tracked:
    """The content of a configuration, or the `config` of a trace; `name` is how messages call it."""
    tracked = content.get("trackedObjects") if isinstance(content, dict) else None
    if not isinstance(tracked, dict) or not tracked:
        raise RecordError(
            f"{name} names no `trackedObjects`", "write for example `trackedObjects: {apps/v1.Deployment: {}}`"
        )
    if extra := sorted(map(str, content.keys() - {"trackedObjects"})):
        raise RecordError(f"{name} has `{extra[0]}` beside `trackedObjects`, which means nothing")
    return Tracked(_kind(key, entry, name) for key, entry in tracked.items())


def _kind(key: Json, entry: Json, name: str) -> TrackedKind:
    if not isinstance(key, str) or "." not in key or not split_gvk(key)[0] or not split_gvk(key)[1]:
        raise RecordError(f"{name}: {key!r} is no kind", "write `apps/v1.Deployment`, or `v1.Pod`")
    entry = {} if entry is None else entry
    if not isinstance(entry, Mapping):
        raise RecordError(f"{name}: {key} must be a map, perhaps `{{}}`")
    if extra := sorted(map(str, entry.keys() - _KEYS)):
        raise RecordError(f"{name}: {key} has `{extra[0]}`, which means nothing", f"known: {', '.join(sorted(_KEYS))}")
    flags = [entry.get(word, False) for word in ("trackLifecycle", "skipOwned")]
    if not all(isinstance(flag, bool) for flag in flags):
        raise RecordError(f"{name}: {key}: `trackLifecycle` and `skipOwned` must be true or false")
    return TrackedKind(key, _paths(key, entry, name), *flags)


def _paths(key: str, entry: Mapping[str, Json], name: str) -> tuple[str, ...]:
    given = entry.get("podSpecTemplatePaths")
    if not given and entry.get("podSpecTemplatePath") is not None:
        given = [entry["podSpecTemplatePath"]]
    if not given:
        return _templates(key)
    if not (isinstance(given, list) and all(isinstance(path, str) and (not path or path[0] == "/") for path in given)):
        raise RecordError(f"{name}: {key}: `podSpecTemplatePaths` must be a list of JSON pointers")
    known = _templates(key)
    if known and tuple(given) != known:
        raise RecordError(f"{name}: {key}: the pod template of this kind is at {known[0]!r}, not at {given[0]!r}")
    return tuple(given)


def _templates(kind: str) -> tuple[str, ...]:
    group, word = group_kind(kind)
    return (_TEMPLATES[word],) if word in _TEMPLATES and group in {"", "apps", "batch"} else ()


def kind_of(thing: Mapping[str, Json]) -> str:
    """The gvk of an object."""
    return gvk(str(thing.get("apiVersion", "")), str(thing.get("kind", "")))
