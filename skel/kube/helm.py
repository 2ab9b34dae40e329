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
    """One revision of a release. `manifest` is what Helm sent to the cluster: YAML documents."""

    name: str
    namespace: str
    revision: int
    status: str
    manifest: str


class BadRelease(ValueError):
    """A Secret that says it is a release, and can't be read as one."""


def is_release(manifest: Mapping[str, Json]) -> bool:
    return manifest.get("kind") == "Secret" and manifest.get("type") == SECRET_TYPE


def read_release(secret: Mapping[str, Json]) -> Release:
    """The release in a Secret of type `helm.sh/release.v1`. Raises BadRelease."""
    data = secret.get("data")
    packed = data.get("release") if isinstance(data, Mapping) else None
    if not isinstance(packed, str):
        raise BadRelease("it has no `data.release`")
    try:
        # Once for the Secret, once by Helm.
        content = json.loads(_unpacked(base64.b64decode(base64.b64decode(packed, validate=True), validate=True)))
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        raise BadRelease(f"its `data.release` can't be unpacked: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("manifest"), str):
        raise BadRelease("its `data.release` holds no manifest")
    info = content.get("info")
    status = info.get("status") if isinstance(info, dict) else None
    revision = content.get("version")
    return Release(
        name=str(content.get("name", "")),
        namespace=str(content.get("namespace", "")),
        revision=revision if isinstance(revision, int) else 0,
        status=status if isinstance(status, str) else "",
        manifest=content["manifest"],
    )


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data  # as Helm 2 and 3.0 betas wrote small ones
    unpacker = zlib.decompressobj(wbits=31)
    content = unpacker.decompress(data, LARGEST)
    if unpacker.unconsumed_tail:
        raise BadRelease(f"it is larger than {LARGEST} bytes when unpacked")
    return content
