"""What decides which rules can concern an object."""

from __future__ import annotations

from skel.patch.values import Json

Header = tuple[str | None, str | None]
"""apiVersion and kind; None where the object has none."""


def header_of(manifest: Json) -> Header:
    """The header of whatever a rule has made of an object."""
    if not isinstance(manifest, dict):
        return None, None
    api_version, kind = manifest.get("apiVersion"), manifest.get("kind")
    return api_version if isinstance(api_version, str) else None, kind if isinstance(kind, str) else None
