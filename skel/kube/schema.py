"""The schema of objects: field trees, and whether an object fits. The public face of `fields` and `schema_check`."""

from __future__ import annotations

from collections.abc import Iterable

from skel.kube.fields import ANY_ITEM, Field, below, paths, root
from skel.kube.release import parse_release
from skel.kube.schema_check import SchemaProblem, nearest_field, validate
from skel.patch.pointer import Pointer

__all__ = ["ANY_ITEM", "Field", "SchemaProblem", "below", "minors_with", "nearest_field", "paths", "schema", "validate"]


def schema(api_version: str, kind: str, minor: str) -> Field | None:
    """The field tree of a kind, None if the minor does not serve it. Raises UnknownRelease."""
    return root(api_version, kind, parse_release(minor))


def minors_with(api_version: str, kind: str, path: Pointer, minors: Iterable[str]) -> tuple[str, ...]:
    """Those of some minors in which a kind has a path: all, some, or none of them. `*` stands for any item or key.

    Raises UnknownRelease.
    """
    return tuple(minor for minor in minors if _has(api_version, kind, path, minor))


def _has(api_version: str, kind: str, path: Pointer, minor: str) -> bool:
    tree = schema(api_version, kind, minor)
    return tree is not None and below(tree, path) is not None
