"""Releases of Helm 3 as it stores them in the cluster (helm.sh/helm/v3, pkg/storage/driver: `encodeRelease`)."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from skel.patch.values import Json

SECRET_TYPE = "helm.sh/release.v1"
LARGEST = 64_000_000
"""Bytes of a release when unpacked; a Secret holds at most one MiB packed."""

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Release:
    """One revision of a release. `manifest` is what Helm sent to the cluster: YAML documents.

    `deployed` and `deleted` are times (RFC 3339), empty if there is none; `hooks` counts those beside the manifest.
    """

    name: str
    namespace: str
    revision: int
    status: str
    manifest: str
    deployed: str = ""
    deleted: str = ""
    hooks: int = 0


class BadRelease(ValueError):
    """A Secret or ConfigMap that says it is a release, and can't be read as one."""


def is_release(manifest: Mapping[str, Json]) -> bool:
    """Whether it is a Secret of Helm, or a ConfigMap, as it writes with HELM_DRIVER=configmap."""
    if manifest.get("kind") == "Secret":
        return manifest.get("type") == SECRET_TYPE
    metadata = manifest.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, Mapping) else None
    if manifest.get("kind") != "ConfigMap" or not isinstance(labels, Mapping):
        return False
    return labels.get("owner") == "helm" and "version" in labels


def read_release(stored: Mapping[str, Json]) -> Release:
    """The release in a Secret of type `helm.sh/release.v1`, or a ConfigMap. Raises BadRelease."""
    data = stored.get("data")
    packed = data.get("release") if isinstance(data, Mapping) else None
    if not isinstance(packed, str):
        raise BadRelease("it has no `data.release`")
    try:
        # Once by Helm, and once more for a Secret.
        inner = base64.b64decode(packed, validate=True)
        if stored.get("kind") != "ConfigMap":
            inner = base64.b64decode(inner, validate=True)
        content = json.loads(_unpacked(inner))
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        raise BadRelease(f"its `data.release` can't be unpacked: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("manifest"), str):
        raise BadRelease("its `data.release` holds no manifest")
    info = content.get("info")
    told = info if isinstance(info, dict) else {}
    revision, hooks = content.get("version"), content.get("hooks")
    return Release(
        name=str(content.get("name", "")),
        namespace=str(content.get("namespace", "")),
        revision=revision if isinstance(revision, int) else 0,
        status=_text(told, "status"),
        manifest=content["manifest"],
        deployed=_text(told, "last_deployed"),
        deleted=_text(told, "deleted"),
        hooks=len(hooks) if isinstance(hooks, list) else 0,
    )


def _text(values: Mapping[str, Json], key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data  # as Helm 2 and 3.0 betas wrote small ones
    unpacker = zlib.decompressobj(wbits=31)
    content = unpacker.decompress(data, LARGEST)
    if unpacker.unconsumed_tail:
        raise BadRelease(f"it is larger than {LARGEST} bytes when unpacked")
    return content
