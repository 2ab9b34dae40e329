"""Releases of Helm as they are stored in a cluster: each revision is an event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from msgspec import Raw

from skel.kube.helm import BadRelease, Release, is_release, read_release
from skel.patch.values import Json
from skel.record.imports.change import Change
from skel.record.imports.files import Text, texts
from skel.record.imports.losses import Losses, Reason
from skel.record.imports.options import parse_time
from skel.record.imports.reading import Found, objects
from skel.record.imports.scope import Scopes
from skel.record.imports.snapshot import NAMELESS
from skel.trace.codec import decode_object, encode_object
from skel.trace.errors import TraceError
from skel.trace.identity import Identity, identity_of

BAD = Reason("release", "can't be read; the others are used")
NO_TIME = Reason("revision", "does not say when it was deployed")
UNFINISHED = Reason("revision", "failed or never ended; nobody knows what of it came into the cluster")
HOOKS = Reason("hook", "no part of a revision, but what Helm runs around it", meant=True)
OTHER = Reason("object", "no release of Helm 3", meant=True)

_APPLIED = frozenset({"deployed", "superseded", "uninstalled", "uninstalling"})
_POLICY = "helm.sh/resource-policy"


def helm_changes(stored: Iterable[Found], losses: Losses) -> Iterator[Change]:
    """What the revisions in these Secrets and ConfigMaps applied and deleted, in the order of their times.

    An object goes if the next revision does not have it, or with the release; unless it says that it is to be kept.
    """
    revisions = sorted(_revisions(stored, losses), key=lambda revision: revision.key)
    there: dict[tuple[str, str], dict[Identity, Raw]] = {}
    scopes = Scopes()
    for revision in revisions:
        name = revision.namespace, revision.name
        new = {} if revision.is_end else _objects(revision, scopes, losses)
        yield from _steps(revision.at, there.get(name, {}), new)
        there[name] = new


def stored_in(paths: Iterable[str], losses: Losses) -> Iterator[Found]:
    """What lies in files, as `kubectl get secrets -A -l owner=helm -o yaml` writes it."""
    for text in texts(paths, losses):
        yield from objects(text, losses)


@dataclass(frozen=True, slots=True)
class _Revision:
    """A moment of a release. `is_end`: it was uninstalled then. `stored` is packed, as in the cluster."""

    at: int
    namespace: str
    name: str
    number: int
    stored: Raw
    place: str
    is_end: bool = False

    @property
    def key(self) -> tuple[int, str, str, int, bool]:
        return self.at, self.namespace, self.name, self.number, self.is_end


def _revisions(stored: Iterable[Found], losses: Losses) -> Iterator[_Revision]:
    for thing, place in stored:
        if not is_release(thing):
            losses.add(OTHER, place)
            continue
        try:
            release = read_release(thing)
        except BadRelease as error:
            losses.add(BAD, f"{place}: {error}")
            continue
        yield from _moments(release, thing, place, losses)


def _moments(release: Release, thing: dict[str, Json], place: str, losses: Losses) -> Iterator[_Revision]:
    where = f"{release.namespace}/{release.name} revision {release.revision}"
    if release.hooks:
        losses.add(HOOKS, where, release.hooks)
    if release.status not in _APPLIED:
        losses.add(UNFINISHED, f"{where}: {release.status or 'no status'}")
        return
    try:
        deployed = parse_time(release.deployed)
        deleted = parse_time(release.deleted) if release.deleted and release.status == "uninstalled" else None
    except TraceError:
        losses.add(NO_TIME, where)
        return
    raw = encode_object({"kind": thing["kind"], "data": thing["data"]}, place)
    yield _Revision(deployed, release.namespace, release.name, release.revision, raw, place)
    if deleted is not None:
        yield _Revision(max(deployed, deleted), release.namespace, release.name, release.revision, raw, place, True)


def _objects(revision: _Revision, scopes: Scopes, losses: Losses) -> dict[Identity, Raw]:
    """What stands in the manifest of a revision."""
    manifest = read_release(decode_object(revision.stored)).manifest
    name = f"{revision.namespace}/{revision.name}.v{revision.number}"
    found = list(objects(Text(name, manifest.encode()), losses))
    for thing, _ in found:
        scopes.learn(thing)
    result: dict[Identity, Raw] = {}
    for thing, place in found:
        placed = scopes.placed(thing, revision.namespace)
        identity = identity_of(placed)
        if identity is None:
            losses.add(NAMELESS, place)
        else:
            result[identity] = encode_object(placed, place)
    return result


def _steps(at: int, old: Mapping[Identity, Raw], new: Mapping[Identity, Raw]) -> Iterator[Change]:
    for identity, raw in new.items():
        if old.get(identity) != raw:
            yield Change(at, decode_object(raw))
    for identity, raw in old.items():
        if identity not in new:
            thing = decode_object(raw)
            if not _is_kept(thing):
                yield Change(at, thing, gone=True)


def _is_kept(thing: Mapping[str, Json]) -> bool:
    metadata = thing.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return isinstance(annotations, dict) and annotations.get(_POLICY) == "keep"
