"""Which object a manifest is: group, version and kind, and `namespace/name`."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Raw, Struct
from msgspec.msgpack import Decoder

from skel.kube.gvk import gvk
from skel.patch.values import Json

Identity = tuple[str, str]
"""`("apps/v1.Deployment", "namespace/name")`; of an object without a namespace the second part is the name alone."""

_NULL = Raw(b"\xc0")


class _Names(Struct, gc=False):
    name: str
    namespace: str | None = None


class Sighting(Struct, gc=False):
    """The parts of a manifest that the index is made of; `spec` stays raw, null if there is none."""

    apiVersion: str  # noqa: N815  (the name in the manifest)
    kind: str
    metadata: _Names
    spec: Raw = _NULL

    @property
    def identity(self) -> Identity:
        return _joined(self.apiVersion, self.kind, self.metadata.namespace, self.metadata.name)


_sighting = Decoder(Sighting)


def sight(raw: Raw) -> Sighting | None:
    """Identity and raw spec without decoding the rest; None for an object without apiVersion, kind or name."""
    try:
        return _sighting.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def identity_of(manifest: Mapping[str, Json]) -> Identity | None:
    """The identity of a decoded manifest; None if apiVersion, kind or name is missing or no text."""
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict):
        return None
    return identity(manifest.get("apiVersion"), manifest.get("kind"), metadata.get("namespace"), metadata.get("name"))


def identity(api_version: Json, kind: Json, namespace: Json, name: Json) -> Identity | None:
    """The identity with these parts; None if one is missing, but for the namespace, or is no text."""
    if not (isinstance(api_version, str) and isinstance(kind, str) and isinstance(name, str)):
        return None
    if namespace is not None and not isinstance(namespace, str):
        return None
    return _joined(api_version, kind, namespace, name)


def _joined(api_version: str, kind: str, namespace: str | None, name: str) -> Identity:
    return gvk(api_version, kind), f"{namespace}/{name}" if namespace else name
