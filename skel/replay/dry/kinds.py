"""The built-in kinds of a minor, each with everything that is needed to judge an object of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from skel.kube.fields import Field
from skel.kube.gvk import group_of
from skel.kube.release import Served, served
from skel.kube.schema import schema
from skel.replay.dry.advice import kind_warning
from skel.replay.dry.immutable import Fixed, fixed_parts
from skel.replay.dry.names import NameCheck, object_name
from skel.replay.dry.outline import Outline, outline_of
from skel.replay.dry.shape import Shape
from skel.replay.dry.state import Home, home
from skel.replay.dry.validation import Check, check_for

# What the check of a kind reads of the metadata: what it says is remembered by that and the rest of the object. Of
# annotations only those of Kubernetes itself count.
_READS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "APIService": ("name",),
        "CronJob": ("name",),
        "CustomResourceDefinition": ("name", "annotations"),
        "Event": ("namespace",),
        "FlowSchema": ("name",),
        "Ingress": ("annotations",),
        "Job": ("name",),
        "Namespace": ("labels",),
        "Pod": ("name", "annotations"),
        "PriorityClass": ("name",),
        "PriorityLevelConfiguration": ("name",),
        "Secret": ("annotations",),
        "Service": ("annotations",),
        "StatefulSet": ("name",),
    }
)

# Of these only what holds for every API is checked: no well-known finalizers, and hardly a syntax of names.
_PLAIN_METADATA = frozenset(
    {("v1", "Event"), ("policy/v1", "PodDisruptionBudget"), ("policy/v1beta1", "PodDisruptionBudget")}
)


@dataclass(frozen=True, slots=True)
class Kind:
    api_version: str
    kind: str
    resource: str
    namespaced: bool
    shape: Shape
    metadata: Shape
    check: Check | None
    fixed: Fixed | None
    name_check: NameCheck
    core: bool
    reads: tuple[str, ...]
    outline: Outline | None
    warnings: tuple[str, ...]
    home: Home


class Kinds(Mapping[tuple[str, str], Kind]):
    """What a minor serves by default, by apiVersion and resource. A kind is prepared when it is first asked for."""

    def __init__(self, minor: str) -> None:
        self._minor = minor
        self._served = {(entry.api_version, entry.resource): entry for entry in _on(minor)}
        self._known: dict[tuple[str, str], Kind] = {}

    def __getitem__(self, key: tuple[str, str]) -> Kind:
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _prepared(self._served[key], self._minor)
        return found

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._served)

    def __len__(self) -> int:
        return len(self._served)


def _on(minor: str) -> Iterator[Served]:
    for (api_version, kind), entry in served(minor).items():
        tree = schema(api_version, kind, minor)
        if entry.on_by_default and tree is not None and "metadata" in tree.fields:
            yield entry


def _tree(entry: Served, minor: str) -> Field:
    tree = schema(entry.api_version, entry.kind, minor)
    assert tree is not None
    return tree


def _prepared(entry: Served, minor: str) -> Kind:
    api_version, kind = entry.api_version, entry.kind
    tree = _tree(entry, minor)
    return Kind(
        api_version,
        kind,
        entry.resource,
        entry.namespaced,
        Shape.of(tree),
        Shape.of(tree.fields["metadata"]),
        check_for(api_version, kind),
        fixed_parts(api_version, kind),
        object_name(group_of(api_version), kind, int(minor.partition(".")[2])),
        (api_version, kind) not in _PLAIN_METADATA,
        _READS.get(kind, ()),
        outline_of(kind, tree),
        kind_warning(api_version, kind, minor),
        home(api_version, entry.resource),
    )
