"""Recordings of KWOK: the objects that were there, and then what changed, as `kwokctl snapshot record` writes it.

https://kwok.sigs.k8s.io/docs/user/kwokctl-snapshot/, `pkg/apis/action/v1alpha1` in its repository. Of a change there is
the time since the first one; the time of that one is told by the objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from msgspec import Raw

from skel.kube.gvk import group_of
from skel.kube.release import minors, served
from skel.patch.values import Json
from skel.record.imports.change import Change
from skel.record.imports.documents import objects_of
from skel.record.imports.losses import Losses, Reason
from skel.record.imports.opened import blocks
from skel.record.imports.reading import Found
from skel.record.imports.strategic import patched
from skel.record.imports.told_time import newest_time
from skel.storage.store import shown
from skel.trace.codec import decode_object, encode_object

KIND = "ResourcePatch"
_NEW, _OLD = "action.kwok.x-k8s.io/v1alpha1", "kwok.x-k8s.io/internal"

BAD = Reason("change", "no ResourcePatch as KWOK writes it")
UNKNOWN = Reason("change", "its object is not in the recording")
NAMELESS = Reason("object", "has no name")

_Place = tuple[str, str]
"""Namespace and name."""
_Target = tuple[str, str, str, str]
"""Group, resource, namespace and name."""


@dataclass(frozen=True, slots=True)
class _Patch:
    """A ResourcePatch. `after` is in nanoseconds from the first one; `method` is create, patch or delete."""

    group: str
    resource: str
    namespace: str
    name: str
    after: int
    method: str
    template: dict[str, Json]

    @property
    def target(self) -> _Target:
        return self.group, self.resource, self.namespace, self.name


def kwok_changes(paths: Iterable[str], losses: Losses, *, at: int | None = None) -> Iterator[Change]:
    """What recordings hold. `at`: when they began, in Unix seconds; by default the newest time told by the objects that
    were there and by the first change, or 0. Raises TraceError for a file that can't be opened.
    """
    for path in paths:
        name = shown(path)
        yield from _Recording(losses, at).changes(objects_of(blocks(path, losses), name, losses))


class _Recording:
    """What is there now. Its size grows with the objects."""

    def __init__(self, losses: Losses, at: int | None) -> None:
        self._losses = losses
        self._begun = at
        self._told = 0
        self._now = 0
        self._standing: list[dict[str, Json]] = []
        self._there: dict[_Target, Raw] = {}
        self._named: dict[_Place, _Target] = {}

    def changes(self, found: Iterable[Found]) -> Iterator[Change]:
        for thing, place in found:
            if thing.get("kind") != KIND or thing.get("apiVersion") not in {_NEW, _OLD}:
                self._stand(thing, place)
                continue
            patch = _patch(thing)
            if patch is None:
                self._losses.add(BAD, place)
                continue
            yield from self._begin(newest_time(patch.template))
            yield from self._step(patch, place)
        yield from self._begin(0)

    def _stand(self, thing: dict[str, Json], place: str) -> None:
        """An object that was there at the beginning."""
        target = _target_of(thing)
        if target is None:
            self._losses.add(NAMELESS, place)
            return
        self._told = max(self._told, newest_time(thing))
        self._keep(target, thing)
        self._standing.append(thing)

    def _begin(self, told: int) -> Iterator[Change]:
        if self._begun is None:
            self._begun = max(self._told, told)
        self._now = max(self._now, self._begun)
        for thing in self._standing:
            yield Change(self._now, thing)
        self._standing.clear()

    def _step(self, patch: _Patch, place: str) -> Iterator[Change]:
        assert self._begun is not None
        self._now = max(self._now, self._begun + patch.after // 1_000_000_000)
        match patch.method:
            case "delete":
                raw = self._there.pop(patch.target, None)
                self._named.pop((patch.namespace, patch.name), None)
                if raw is not None:
                    yield Change(self._now, decode_object(raw), gone=True)
                else:
                    self._losses.add(UNKNOWN, place)
            case "create":
                yield self._became(patch, patch.template)
            case _:
                base = self._base(patch)
                if base is None:
                    self._losses.add(UNKNOWN, place)
                else:
                    yield self._became(patch, patched(decode_object(base), patch.template))

    def _base(self, patch: _Patch) -> Raw | None:
        """What a patch was computed from: KWOK takes the last object of that name, of whatever kind.

        Then the patch sets the kind, which between states of one object it never does.
        """
        other = self._named.get((patch.namespace, patch.name))
        if "kind" in patch.template and other is not None:
            return self._there.get(other)
        return self._there.get(patch.target)

    def _became(self, patch: _Patch, thing: dict[str, Json]) -> Change:
        self._keep(patch.target, thing)
        return Change(self._now, thing)

    def _keep(self, target: _Target, thing: dict[str, Json]) -> None:
        self._there[target] = encode_object(thing)
        self._named[target[2], target[3]] = target


def _patch(thing: Mapping[str, Json]) -> _Patch | None:
    """A ResourcePatch, None if it is none. Versions of KWOK before 0.6 wrote it in another way."""
    match thing:
        case {
            "apiVersion": "action.kwok.x-k8s.io/v1alpha1",
            "resource": {"resource": str(resource)} as kind,
            "target": {"name": str(name)} as target,
            "method": "create" | "patch" | "delete" as method,
        }:
            template = thing.get("template")
        case {
            "apiVersion": "kwok.x-k8s.io/internal",
            "target": {"name": str(name), "type": {"resource": str(resource)}},
        }:
            target = thing["target"]
            kind = target["type"]
            method = "delete" if thing.get("delete") else "create" if thing.get("create") else "patch"
            template = thing.get("patch")
        case _:
            return None
    after = thing.get("durationNanosecond", 0)
    template = {} if template is None and method == "delete" else template
    if not isinstance(after, int) or not isinstance(template, dict):
        return None
    return _Patch(
        str(kind.get("group") or ""), resource, str(target.get("namespace") or ""), name, after, method, template
    )


def _target_of(thing: Mapping[str, Json]) -> _Target | None:
    metadata = thing.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
        return None
    api_version, kind = str(thing.get("apiVersion")), str(thing.get("kind"))
    return group_of(api_version), _resource(api_version, kind), str(metadata.get("namespace") or ""), metadata["name"]


def _resource(api_version: str, kind: str) -> str:
    """The plural of a kind: of a built-in one as it is served, of another one as it is usually formed."""
    rows = (served(minor).get((api_version, kind)) for minor in reversed(minors()))
    known = next((row.resource for row in rows if row is not None), None)
    if known is not None:
        return known
    word = kind.lower()
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
