"""Some of the objects of a trace: by kind, namespace and labels. An object is chosen for all of its life, or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from msgspec import Raw, Struct
from msgspec.msgpack import Decoder

from skel.findings.labels import Requirement
from skel.kube.gvk import split_gvk
from skel.trace.identity import Identity, sight
from skel.trace.model import Trace

_NAMESPACE = "v1.Namespace"


class _Labels(Struct, gc=False, frozen=True):
    labels: dict[str, str] | None = None


class _Labelled(Struct, gc=False):
    metadata: _Labels = _Labels()


_labelled = Decoder(_Labelled)


@dataclass(frozen=True, slots=True)
class Choice:
    """Kinds in lower case, namespaces, namespaces that are left out, and labels; empty means all."""

    kinds: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    without_namespaces: frozenset[str] = frozenset()
    labels: tuple[Requirement, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.kinds or self.namespaces or self.without_namespaces or self.labels)

    def keep(self, trace: Trace) -> Callable[[Identity], bool]:
        """Whether an object is chosen. The labels may be those of any of its versions."""
        labelled = self._labelled(trace) if self.labels else None
        return lambda who: self._has(who) and (labelled is None or who in labelled)

    def _has(self, who: Identity) -> bool:
        kind, name = who
        namespace, _, own = name.rpartition("/")
        # A namespace belongs to what is in it.
        place = own if kind == _NAMESPACE else namespace
        if self.namespaces and place not in self.namespaces:
            return False
        if self.without_namespaces and place in self.without_namespaces:
            return False
        return not self.kinds or split_gvk(kind)[1].lower() in self.kinds

    def _labelled(self, trace: Trace) -> set[Identity]:
        found: set[Identity] = set()
        for event in trace.events:
            for raw in (*event.applied_objs, *event.deleted_objs):
                labels = labels_of(raw)
                if all(need.holds(labels) for need in self.labels) and (seen := sight(raw)):
                    found.add(seen.identity)
        return found


def labels_of(raw: Raw) -> dict[str, str]:
    """The labels of an object; none if it has none that are texts."""
    try:
        return _labelled.decode(raw).metadata.labels or {}
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}
