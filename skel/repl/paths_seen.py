"""The kinds, versions and paths that occur in a trace, from a sample of its objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec import Raw

from skel.kube.gvk import gvk
from skel.kube.pod_template import ANY_ITEM as ANY_TEMPLATE
from skel.kube.pod_template import pod_templates
from skel.patch.pointer import Pointer
from skel.patch.values import Json
from skel.query.path_text import ANY_ITEM, key_text
from skel.trace.codec import decode_object, probe
from skel.trace.model import Trace
from skel.trace.tracked import tracked_objects

SAMPLE = 20
"""Objects of each kind that are looked into."""

_WIDEST = 200
_DEEPEST = 20


@dataclass(slots=True)
class PathTree:
    """What was seen below a place, by the step that leads there: `.name`, `."a/b"`, and `[*]` for every item."""

    below: dict[str, PathTree] = field(default_factory=dict)

    def at(self, steps: list[str]) -> PathTree | None:
        """The place that these steps reach."""
        node: PathTree | None = self
        for step in steps:
            node = node.below.get(step) if node is not None else None
        return node

    def add(self, value: Json, depth: int = 0) -> None:
        """Take up everything in a value. Of maps with very many keys, the first ones stand for all."""
        if depth > _DEEPEST:
            return
        if isinstance(value, dict):
            for key, item in value.items():
                self._step(key_text(key), item, depth)
        elif isinstance(value, list):
            for item in value:
                self._step(ANY_ITEM, item, depth)

    def _step(self, step: str, value: Json, depth: int) -> None:
        if step in self.below or len(self.below) < _WIDEST:
            self.below.setdefault(step, PathTree()).add(value, depth + 1)


@dataclass(slots=True)
class Sights:
    """Kinds and API versions, sorted; the paths in objects of all kinds, and those in their pod templates."""

    kinds: list[str]
    api_versions: list[str]
    paths: PathTree
    templates: PathTree


def look_around(trace: Trace) -> Sights:
    """What there is in a trace; some objects of each kind stand for all of it."""
    seen = Counter[tuple[str, str]]()
    paths, templates = PathTree(), PathTree()
    tracked = tracked_objects(trace.config)
    for raw in _objects(trace):
        header = probe(raw)
        if header is None:
            continue
        seen[header.apiVersion, header.kind] += 1
        if seen[header.apiVersion, header.kind] <= SAMPLE:
            manifest = decode_object(raw)
            paths.add(manifest)
            for way in pod_templates(gvk(header.apiVersion, header.kind), tracked):
                for template in _reached(manifest, way):
                    templates.add(template)
    return Sights(sorted({kind for _, kind in seen}), sorted({version for version, _ in seen}), paths, templates)


def _objects(trace: Trace) -> Iterator[Raw]:
    for event in trace.events:
        yield from event.applied_objs
        yield from event.deleted_objs


def _reached(node: Json, way: Pointer) -> Iterator[Json]:
    """What a pointer to pod templates reaches, which may go through every item of an array."""
    if not way:
        yield node
    elif isinstance(node, list):
        for item in node if way[0] == ANY_TEMPLATE else ():
            yield from _reached(item, way[1:])
    elif isinstance(node, dict) and way[0] in node:
        yield from _reached(node[way[0]], way[1:])
