"""The index of a trace from scratch, and how often each kind occurs."""

from __future__ import annotations

from collections import Counter

from msgspec import Raw

from skel.kube.gvk import gvk
from skel.patch.values import Json
from skel.trace.codec import probe
from skel.trace.identity import Identity, sight
from skel.trace.index import spec_hash
from skel.trace.model import Index, Trace
from skel.trace.reading import decode_part


def recompute_index(trace: Trace) -> Index:
    """Hash of the last applied spec of each object, by gvk and `namespace/name`.

    A recorded index may differ: it also holds objects that a filter of the export left out, and specs that came later.
    """
    last: dict[Identity, Raw] = {}
    for event in trace.events:
        for raw in event.applied_objs:
            if sighting := sight(raw):
                last[sighting.identity] = sighting.spec
    index: Index = {}
    for (kind, name), spec in last.items():
        index.setdefault(kind, {})[name] = spec_hash(_decoded(spec, name))
    return index


def count_kinds(trace: Trace) -> Counter[str]:
    """The number of objects, applied and deleted, by gvk."""
    headers = (probe(raw) for event in trace.events for raw in (*event.applied_objs, *event.deleted_objs))
    return Counter(gvk(header.apiVersion, header.kind) for header in headers if header)


def _decoded(spec: Raw, name: str) -> Json:
    return decode_part(spec, object, f"the spec of {name}")
