"""The codes of what a check says without a rule of a pack: stable, never used for anything else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NOT_SERVED, SWITCHED_OFF, UNKNOWN = "UP001", "UP002", "UP003"

_PAGES = {
    NOT_SERVED: (
        "The release does not serve this kind",
        "The published OpenAPI of the target release does not have it, an earlier release had, and no rule of a pack\n"
        "rewrites it. The API server answers with 404. `skel data KIND` shows the life of the kind, and what took its\n"
        "place if anything did; delete the object, or move what it says by hand.",
    ),
    SWITCHED_OFF: (
        "The release serves this kind only if it is told to",
        "The kind is alpha, or one of the betas that are off by default since 1.24 (KEP-3136). It works where the API\n"
        "server runs with `--runtime-config` and, mostly, a feature gate for it. Make sure that both are set on the\n"
        "new release as well.",
    ),
    UNKNOWN: (
        "No release serves this kind",
        "The group belongs to Kubernetes itself, and none of the known releases has such a version or kind in it. It\n"
        "is mistyped, or newer than the facts (`skel data` says which releases are known).",
    ),
}

TITLES: Mapping[str, str] = MappingProxyType({code: title for code, (title, _) in _PAGES.items()})


def meaning(code: str) -> str:
    """What a code of this room means, "" for any other."""
    return _PAGES.get(code.upper(), ("", ""))[1]
