"""From apiVersion and kind to a resource where no server tells: the published facts of a release, and guesses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from skel.client.discovery import Resource
from skel.findings.model import FoundObject
from skel.kube.release import lookup, minors
from skel.patch.values import Json

Gvk = tuple[str, str]


class Resources(Protocol):
    """What the target serves."""

    async def find(self, api_version: str, kind: str) -> Resource | None:
        """How it serves a kind, None if it does not."""

    def forget(self, api_version: str | None = None) -> None:
        """Look again: it may serve something else by now."""


class FactResources:
    """What a release serves by default, and what the definitions of custom resources add."""

    def __init__(self, minor: str) -> None:
        self._minor = minor
        self._known: dict[Gvk, Resource | None] = {}

    async def find(self, api_version: str, kind: str) -> Resource | None:
        return self.look(api_version, kind)

    def look(self, api_version: str, kind: str) -> Resource | None:
        """The same at once."""
        try:
            return self._known[api_version, kind]
        except KeyError:
            found = self._known[api_version, kind] = _in_release(api_version, kind, self._minor)
            return found

    def forget(self, api_version: str | None = None) -> None:
        """Nothing: facts stay true."""

    def learn(self, resources: Iterator[Resource]) -> None:
        for resource in resources:
            self._known[resource.api_version, resource.kind] = resource


def defined(manifest: dict[str, Json]) -> Iterator[Resource]:
    """The resources that a CustomResourceDefinition (v1, or v1beta1 with its one version) adds."""
    spec = manifest.get("spec")
    names = spec.get("names") if isinstance(spec, dict) else None
    if not (isinstance(spec, dict) and isinstance(names, dict) and {"kind", "plural"} <= names.keys()):
        return
    versions = spec.get("versions") or [{"name": spec.get("version"), "served": True}]
    for version in versions:
        if isinstance(version, dict) and version.get("served") and version.get("name"):
            api_version = f"{spec.get('group')}/{version['name']}"
            yield Resource(api_version, names["kind"], names["plural"], spec.get("scope") != "Cluster")


def is_definition(thing: FoundObject) -> bool:
    return thing.kind == "CustomResourceDefinition" and thing.api_version.startswith("apiextensions.k8s.io/")


def guessed(thing: FoundObject) -> Resource:
    """Where the object would be if it were served: so that the target itself says that it is not."""
    for minor in reversed(minors()):
        found = _in_release(thing.api_version, thing.kind, minor)
        if found is not None:
            return found
    return Resource(thing.api_version, thing.kind, _plural(thing.kind.lower()), bool(thing.namespace))


def _in_release(api_version: str, kind: str, minor: str) -> Resource | None:
    served = lookup(api_version, kind, minor)
    return Resource(api_version, kind, served.resource, served.namespaced) if served else None


def _plural(word: str) -> str:
    """As the API machinery guesses (`UnsafeGuessKindToResource`)."""
    if word.endswith("endpoints"):
        return word
    if word.endswith("s"):
        return word + "es"
    if word.endswith("y"):
        return word[:-1] + "ies"
    return word + "s"
