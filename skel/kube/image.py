"""Image references, `registry.k8s.io/team/api:1.2@sha256:...` (the grammar of distribution/reference)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}", re.ASCII)
_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_PATH = re.compile(f"{_PART}(?:/{_PART})*", re.ASCII)
_REGISTRY = re.compile(r"(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::[0-9]+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Image:
    """The parts of a reference as written; a part that is not written is empty.

    `repository` is the path in the registry (`team/api`), `name` its last part (`api`), `digest` has its algorithm.
    """

    registry: str
    repository: str
    name: str
    tag: str
    digest: str


def parse_image(text: str) -> Image | None:
    """The parts of a reference, or None. A first part is a registry only with `.` or `:`, or as `localhost`."""
    rest, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        return None
    head, slash, last = rest.rpartition("/")
    last, colon, tag = last.partition(":")
    if colon and not _TAG.fullmatch(tag):
        return None
    registry, repository = _split_registry(f"{head}{slash}{last}")
    if not _PATH.fullmatch(repository) or (registry and not _REGISTRY.fullmatch(registry)):
        return None
    return Image(registry, repository, last, tag, digest)


def _split_registry(path: str) -> tuple[str, str]:
    first, slash, rest = path.partition("/")
    if slash and (first == "localhost" or "." in first or ":" in first):
        return first, rest
    return "", path
