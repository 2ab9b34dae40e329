"""What each Kubernetes minor serves, since when, until when and what takes its place.

The facts are in `data/`, made from the published OpenAPI of each minor by `python -m skel.kube.generate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from skel.kube.gvk import group_of
from skel.kube.tables import KindRow, Marker, Origin, kind_rows, markers, origin
from skel.kube.version import VersionKey, version_key

Gvk = tuple[str, str]
"""apiVersion and kind."""

_RELEASE = re.compile(
    r"v?1\.(0|[1-9][0-9]{0,3})(?:\.(?:0|[1-9][0-9]{0,5}))?(?:[-+~_][0-9A-Za-z.+~_-]{0,80})?", re.ASCII
)


_NO_VERSION: VersionKey = ((), ())


class UnknownRelease(ValueError):
    """A text that names no release of which there is data. The message says which there are."""


class TargetIsOlder(ValueError):
    """An upgrade can't go back."""


@dataclass(frozen=True, slots=True)
class Served:
    """A kind that a minor serves as objects of their own; alphas and new betas only if they are switched on."""

    api_version: str
    kind: str
    resource: str
    namespaced: bool
    on_by_default: bool


@dataclass(frozen=True, slots=True)
class Life:
    """The life of a kind, each time a minor; empty text for what did not happen yet.

    `introduced` may lie before the first known minor, and is empty where nothing says when. `deprecated` may be
    announced for a minor to come. `removed` is the first minor that does not serve it any more, by default; `gone` the
    first in which it can't be switched on either. `planned` is an announced removal behind the newest known minor.
    `replacement` is what the newest known minor serves in the place of what is removed or deprecated.
    """

    api_version: str
    kind: str
    introduced: str
    deprecated: str = ""
    removed: str = ""
    gone: str = ""
    planned: str = ""
    replacement: Gvk | None = None


@dataclass(frozen=True, slots=True)
class DataInfo:
    """Which minors are known, and from what. `checked` is the day on which the data last changed, as YYYY-MM-DD."""

    origins: tuple[Origin, ...]
    checked: str

    @property
    def minors(self) -> tuple[str, ...]:
        return tuple(known.minor for known in self.origins)

    def __str__(self) -> str:
        return f"{self.minors[0]} to {self.minors[-1]}, checked {self.checked}"


@cache
def minors() -> tuple[str, ...]:
    """All known minors, ascending."""
    return data_info().minors


@cache
def data_info() -> DataInfo:
    found = origin()
    return DataInfo(found.minors, found.checked)


def parse_release(text: str) -> str:
    """The minor of a release: `1.25` of `1.25`, `v1.25.3` and `1.25.3-eks-1`.

    Raises UnknownRelease for a text that is no release, or one of which there is no data.
    """
    match = _RELEASE.fullmatch(text)
    if match is None:
        near = f"1.{text.rstrip('+')}"
        hint = f"did you mean {near}?" if near in minors() else "write it as 1.25 or v1.25.3"
        raise UnknownRelease(f"{text!r} is not a release of Kubernetes; {hint} ({_known()})")
    minor = f"1.{match[1]}"
    if minor not in minors():
        raise UnknownRelease(f"there is no data for Kubernetes {minor} ({_known()})")
    return minor


def _known() -> str:
    return f"known: {minors()[0]} to {minors()[-1]}"


def hops(source: str, target: str) -> tuple[str, ...]:
    """The minors behind `source` up to `target`: the steps of an upgrade, none if both are the same minor.

    Raises UnknownRelease, and TargetIsOlder if the way would go back.
    """
    first, last = parse_release(source), parse_release(target)
    start, end = minors().index(first), minors().index(last)
    if end < start:
        raise TargetIsOlder(f"{last} is older than {first}; an upgrade goes from the older release to the newer one")
    return minors()[start + 1 : end + 1]


@cache
def served(minor: str) -> Mapping[Gvk, Served]:
    """What a minor serves, by apiVersion and kind, in alphabetical order. Raises UnknownRelease."""
    return _in_minor(minor, subresource=False)


@cache
def subresources(minor: str) -> Mapping[Gvk, Served]:
    """Kinds that are only sent to a part of an object, such as Eviction to `pods/eviction`. Raises UnknownRelease."""
    return _in_minor(minor, subresource=True)


def _in_minor(minor: str, *, subresource: bool) -> Mapping[Gvk, Served]:
    number = minors().index(parse_release(minor))
    return MappingProxyType(
        {
            (row.api_version, row.kind): _served(row, number)
            for row in kind_rows().values()
            if number in row.served and row.is_subresource == subresource
        }
    )


def _served(row: KindRow, number: int) -> Served:
    return Served(row.api_version, row.kind, row.resource, row.namespaced, number in row.on)


def lookup(api_version: str, kind: str, minor: str) -> Served | None:
    """How a minor serves a kind, None if it does not. Raises UnknownRelease."""
    return served(minor).get((api_version, kind))


@cache
def life(api_version: str, kind: str) -> Life | None:
    """The life of a kind over the known minors, None for a kind that none of them serves."""
    row = kind_rows().get((api_version, kind))
    if row is None:
        return None
    marker = markers().get((api_version, kind), Marker())
    removed = _removed(row, marker)
    deprecated = marker.deprecated if _is_before(marker.deprecated, removed) else ""
    return Life(
        api_version,
        kind,
        introduced=_introduced(row, marker),
        deprecated=deprecated,
        removed=removed,
        gone=_minor_behind(row.served),
        planned="" if removed else marker.removed,
        replacement=successor(api_version, kind, minors()[-1]) if removed or deprecated else None,
    )


def _introduced(row: KindRow, marker: Marker) -> str:
    """The OpenAPI wins, but it can't tell what was before its first minor."""
    first = min(row.served)
    return minors()[first] if first else marker.introduced


def _removed(row: KindRow, marker: Marker) -> str:
    removed = _minor_behind(row.on or row.served)
    # Of the kinds that a subresource takes, the OpenAPI names only the one that the server likes best.
    return marker.removed if removed and row.is_subresource and marker.removed else removed


def _is_before(earlier: str, later: str) -> bool:
    """Planned dates of deprecation are wrong for what went sooner than planned."""
    return not later or (version_key(earlier) or _NO_VERSION) < (version_key(later) or _NO_VERSION)


def _minor_behind(numbers: frozenset[int]) -> str:
    """The minor behind the last of these, empty if that is the newest."""
    last = max(numbers)
    return "" if last + 1 == len(minors()) else minors()[last + 1]


def successor(api_version: str, kind: str, minor: str) -> Gvk | None:
    """What a minor serves in the place of a kind: what its makers named, else another version of it.

    What is on by default goes first, then what is most stable; what is off counts only if it is more stable than the
    kind itself. None if there is nothing. Raises UnknownRelease.
    """
    for heir in _heirs(api_version, kind):
        there = (*served(minor).values(), *subresources(minor).values())
        rows = [row for row in there if _is_version_of(row, heir) and row.api_version != api_version]
        fit = [row for row in rows if row.on_by_default or _stability(row.api_version) > _stability(api_version)]
        if fit:
            best = max(fit, key=lambda row: (row.on_by_default, _stability(row.api_version)))
            return best.api_version, best.kind
    return None


def _is_version_of(row: Served, gvk: Gvk) -> bool:
    return row.kind == gvk[1] and group_of(row.api_version) == group_of(gvk[0])


def _heirs(api_version: str, kind: str) -> Iterator[Gvk]:
    """The kind that the makers named, further ones that they named for that one first; at last the kind itself."""
    named: list[Gvk] = []
    at: Gvk | None = (api_version, kind)
    while at and at not in named:
        named.append(at)
        at = markers().get(at, Marker()).replacement
    yield from reversed(named)


def _stability(api_version: str) -> tuple[bool, bool, VersionKey]:
    """Orders versions as the API server prefers them: v2 before v1 before v1beta2 before v1alpha1."""
    version = api_version.rpartition("/")[2]
    released = "alpha" not in version and "beta" not in version
    return released, "alpha" not in version, version_key(version) or _NO_VERSION


@cache
def _groups() -> frozenset[str]:
    return frozenset(group_of(api_version) for api_version, _ in kind_rows())


def is_builtin_group(api_version: str) -> bool:
    """Whether the group of an apiVersion is one of Kubernetes itself, in any known minor."""
    return group_of(api_version) in _groups()
