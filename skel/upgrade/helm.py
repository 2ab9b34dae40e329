"""What Helm sent to the cluster: the newest revision of each release that a trace, or `kubectl get secrets`, has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO

from skel.findings.model import Evidence, Problem
from skel.kube.helm import SECRET_TYPE, BadRelease, Release, is_release, read_release
from skel.manifests.reading import read_inputs
from skel.patch.values import Json
from skel.trace.codec import decode_object
from skel.trace.marked import Marked
from skel.trace.reference import ObjectReference
from skel.upgrade.places import Locate

SIGN = SECRET_TYPE.encode()
"""Stands in every Secret of Helm."""
_DEPLOYED = "deployed"


@dataclass(frozen=True, slots=True)
class HelmObject:
    """An object in the manifest of a release in a namespace; `secret` is where the release is kept."""

    manifest: dict[str, Json]
    namespace: str
    secret: ObjectReference
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Stored:
    release: Release
    secret: ObjectReference


def helm_objects(secrets: Iterable[Marked], where: Locate) -> tuple[list[HelmObject], list[Problem]]:
    """The objects of the newest revisions; a release that can't be read is a problem and ends nothing."""
    newest: dict[tuple[str, str], _Stored] = {}
    problems: list[Problem] = []
    for manifest, secret in _releases(secrets):
        try:
            stored = _Stored(read_release(manifest), secret)
        except BadRelease as error:
            problems.append(Problem(where(secret, ()), f"the Helm release in {secret} can't be read: {error}"))
            continue
        key = stored.release.namespace, stored.release.name
        if key not in newest or _rank(stored.release) > _rank(newest[key].release):
            newest[key] = stored
    return [item for stored in newest.values() for item in _objects(stored)], problems


def _releases(secrets: Iterable[Marked]) -> Iterator[tuple[dict[str, Json], ObjectReference]]:
    for secret in secrets:
        manifest = secret.manifest()
        if is_release(manifest):
            yield manifest, secret.reference()


def _rank(release: Release) -> tuple[bool, int]:
    return release.status == _DEPLOYED, release.revision


def _objects(stored: _Stored) -> Iterator[HelmObject]:
    release = stored.release
    read = read_inputs(["-"], BytesIO(release.manifest.encode()))
    for raw in read.trace.events[0].applied_objs:
        manifest = decode_object(raw)
        detail = f"revision {release.revision} of the Helm release {release.name} has it as {manifest['apiVersion']}"
        clear = (
            "render the chart with the new version and upgrade; if Helm can't because the old version is gone, "
            "its plugin mapkubeapis rewrites the stored release"
        )
        yield HelmObject(
            manifest, release.namespace, stored.secret, Evidence("helm", detail, manager="helm", clear=clear)
        )
