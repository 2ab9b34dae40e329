"""From which release to which: of Kubernetes, and of each add-on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skel.kube.release import TargetIsOlder, hops, minors, parse_release
from skel.kube.version import VersionKey, version_key

KUBERNETES = "kubernetes"


@dataclass(frozen=True, slots=True)
class Route:
    """The releases of one component: where it is ("" if that is not said) and where it goes."""

    component: str
    source: str
    target: str

    def reaches(self, release: str) -> bool:
        """Whether the target is that release or a later one."""
        return _key(release) <= _key(self.target)

    def passes(self, release: str) -> bool:
        """Whether the release lies behind the source and not behind the target."""
        return self.reaches(release) and not (self.source and _key(release) <= _key(self.source))


class BadRoute(ValueError):
    """A release that is none, or a way back. The message says what would do."""


def route(component: str, source: str | None, target: str) -> Route:
    """The way of one component. Releases of Kubernetes may be written in full (`v1.25.3-eks-1`). Raises BadRoute, and
    UnknownRelease for a release of Kubernetes of which there is no data.
    """
    if component == KUBERNETES:
        last = parse_release(target)
        if source:
            _forward(source, last)
        return Route(component, parse_release(source) if source else "", last)
    for release in (source, target):
        if release and version_key(release) is None:
            raise BadRoute(f"{release!r} is not a release of {component}, such as 1.25 or v0.32.1")
    if source and _key(source) > _key(target):
        raise BadRoute(f"{component} {target} is older than {source}: an upgrade goes to a newer release")
    return Route(component, source or "", target)


def routes(
    source: str | None, target: str | None, components: Mapping[str, tuple[str | None, str]] | None = None
) -> dict[str, Route]:
    """The way of every component; Kubernetes goes to the newest known release if nothing else is said."""
    found = {KUBERNETES: route(KUBERNETES, source, target or minors()[-1])}
    for component, (start, end) in (components or {}).items():
        found[component] = route(component, start, end)
    return found


def _forward(source: str, target: str) -> None:
    try:
        hops(source, target)
    except TargetIsOlder as error:
        raise BadRoute(str(error)) from None


def _key(release: str) -> VersionKey:
    key = version_key(release)
    if key is None:
        raise BadRoute(f"{release!r} is not a release")
    return key
