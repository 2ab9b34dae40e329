"""Whether objects of a kind stand in a namespace."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from skel.kube.gvk import group_of
from skel.kube.release import minors, served
from skel.patch.values import Json

_Kind = tuple[str, str]


class Scopes:
    """What is known of the built-in kinds, and of those whose definitions are among the objects."""

    def __init__(self) -> None:
        self._defined: dict[_Kind, bool] = {}

    def learn(self, thing: Mapping[str, Json]) -> None:
        """Take in a CustomResourceDefinition; everything else says nothing."""
        match thing:
            case {
                "kind": "CustomResourceDefinition",
                "spec": {"group": str(group), "scope": str(scope), "names": {"kind": str(kind)}},
            }:
                self._defined[group, kind] = scope == "Namespaced"

    def namespaced(self, api_version: str, kind: str) -> bool | None:
        """None if nobody knows."""
        known = self._defined.get((group_of(api_version), kind))
        return _built_in().get((api_version, kind)) if known is None else known

    def placed(self, thing: dict[str, Json], namespace: str) -> dict[str, Json]:
        """The object in the namespace into which kubectl would put it if it names none."""
        metadata = thing.get("metadata")
        if not isinstance(metadata, dict) or metadata.get("namespace"):
            return thing
        if not self.namespaced(str(thing.get("apiVersion")), str(thing.get("kind"))):
            return thing
        return {**thing, "metadata": {**metadata, "namespace": namespace}}


@cache
def _built_in() -> Mapping[_Kind, bool]:
    """apiVersion and kind -> whether namespaced, of all releases."""
    return {(row.api_version, row.kind): row.namespaced for minor in minors() for row in served(minor).values()}
