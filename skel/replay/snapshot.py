"""What a cluster holds at one moment, as far as an upgrade can change it: pure, from what the server answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from skel.kube.gvk import group_of
from skel.patch.values import Json
from skel.replay.pod_marks import Ours, metadata_of, phase_of, texts
from skel.replay.requests import FIELD_MANAGER
from skel.replay.virtual import SIMULATION

KindKey = tuple[str, str]
"""Group and kind."""
ObjectKey = tuple[str, str, str, str]
"""Group, kind, namespace and name as the cluster has them."""

_NOISE = frozenset({("", "Event"), ("events.k8s.io", "Event"), ("coordination.k8s.io", "Lease")})
"""What comes and goes all the time, and holds nothing that anybody wrote."""
_PODS: KindKey = ("", "Pod")
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class ServedKind:
    """A kind as a server serves it: `versions` are its apiVersions, the preferred one first. `storage` changes with the
    version in which it is stored.
    """

    kind: str
    plural: str
    namespaced: bool
    versions: tuple[str, ...]
    storage: str = ""


@dataclass(frozen=True, slots=True)
class SeenPod:
    """What an upgrade must leave alone."""

    phase: str
    node: str
    restarts: int


@dataclass(frozen=True, slots=True)
class Seen:
    """An object as it was read. `read` is the apiVersion by which it was asked for, `written` the one in which the
    replay applied it last, empty if it did not; `owner` the uid of its controller, empty if it has none; `writers` says
    when each manager wrote last, status apart.
    """

    uid: str
    read: str
    resource_version: str
    generation: int
    is_ours: bool
    is_ending: bool
    written: str
    owner: str
    writers: Mapping[str, str]
    status_writers: Mapping[str, str]
    spec: bytes = field(repr=False)
    pod: SeenPod | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that could be read. `unread` are kinds that are served but were not answered."""

    kinds: Mapping[KindKey, ServedKind]
    objects: Mapping[ObjectKey, Seen]
    unread: frozenset[KindKey] = frozenset()

    @property
    def served(self) -> frozenset[tuple[str, str]]:
        """apiVersion and kind of everything."""
        return frozenset((version, row.kind) for row in self.kinds.values() for version in row.versions)


def group_versions(core: Json, groups: Json) -> tuple[str, ...]:
    """The apiVersions of `/api` and `/apis`, each group's preferred one first."""
    found = list(core["versions"])
    for group in groups["groups"]:
        preferred = (group.get("preferredVersion") or {}).get("groupVersion")
        all_of_it = [version["groupVersion"] for version in group["versions"]]
        found += sorted(all_of_it, key=lambda version: version != preferred)
    return tuple(found)


def served_kinds(lists: Iterable[tuple[str, Json]]) -> dict[KindKey, ServedKind]:
    """From the resource list of each apiVersion in the order of `group_versions`: what can be listed."""
    found: dict[KindKey, ServedKind] = {}
    for api_version, body in lists:
        for row in body.get("resources") or ():
            if "/" in row["name"] or "list" not in (row.get("verbs") or ()):
                continue
            key = (group_of(api_version), row["kind"])
            before = found.get(key)
            versions = (*(before.versions if before else ()), api_version)
            storage = before.storage if before else row.get("storageVersionHash") or ""
            found[key] = ServedKind(row["kind"], row["name"], row.get("namespaced") is True, versions, storage)
    return {key: row for key, row in found.items() if key not in _NOISE}


def seen_objects(
    kind: KindKey, api_version: str, items: Iterable[Json], ours: Ours, simulation: str
) -> Iterator[tuple[ObjectKey, Seen]]:
    """The objects of one kind as a list shows them."""
    for item in items:
        metadata = metadata_of(item)
        key = (*kind, str(metadata.get("namespace") or ""), str(metadata["name"]))
        yield key, _seen(kind, api_version, item, ours, simulation)


def _seen(kind: KindKey, api_version: str, item: Mapping[str, Json], ours: Ours, simulation: str) -> Seen:
    metadata = metadata_of(item)
    namespace = str(metadata.get("namespace") or "")
    entries = [entry for entry in metadata.get("managedFields") or () if isinstance(entry, dict)]
    writers = [entry for entry in entries if entry.get("subresource") != "status"]
    is_ours = texts(metadata, "labels").get(SIMULATION) == simulation or (
        bool(namespace) and ours.is_virtual(namespace)
    )
    content = {name: part for name, part in item.items() if name not in {"metadata", "status", "apiVersion", "kind"}}
    return Seen(
        uid=str(metadata.get("uid") or ""),
        read=api_version,
        resource_version=str(metadata.get("resourceVersion") or ""),
        generation=int(metadata.get("generation") or 0),
        is_ours=is_ours,
        is_ending=bool(metadata.get("deletionTimestamp")),
        written=_written(writers),
        owner=next((str(one.get("uid")) for one in metadata.get("ownerReferences") or () if one.get("controller")), ""),
        writers=_times(writers),
        status_writers=_times(entry for entry in entries if entry.get("subresource") == "status"),
        # Of others nobody asks in which form they are read back; nor of pods, of which there are many.
        spec=_encode(content) if is_ours and kind != _PODS else b"",
        pod=_pod(item) if kind == _PODS else None,
    )


def _written(entries: Iterable[Mapping[str, Json]]) -> str:
    """The apiVersion of the replay's own last apply."""
    own = [entry for entry in entries if entry.get("manager") == FIELD_MANAGER]
    return str(max(own, key=lambda entry: entry.get("time") or "").get("apiVersion") or "") if own else ""


def _times(entries: Iterable[Mapping[str, Json]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in entries:
        manager, time = str(entry.get("manager") or ""), str(entry.get("time") or "")
        found[manager] = max(time, found.get(manager, ""))
    return found


def _pod(item: Mapping[str, Json]) -> SeenPod:
    spec, status = item.get("spec") or {}, item.get("status") or {}
    restarts = sum(int(one.get("restartCount") or 0) for one in status.get("containerStatuses") or ())
    return SeenPod(phase_of(item), str(spec.get("nodeName") or ""), restarts)
