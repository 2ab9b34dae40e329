"""Which of the served APIs are on by default.

Source: `DefaultAPIResourceConfigSource` in `pkg/master/master.go` (to 1.19) and `pkg/controlplane/instance.go` of the
minors 1.13, 1.16, 1.19, 1.21, 1.22, 1.24, 1.25, 1.27, 1.29, 1.32, 1.34 and 1.36, and KEP-3136.
"""

from __future__ import annotations

from dataclasses import dataclass

FIRST_WITHOUT_NEW_BETAS = 24
"""KEP-3136: a beta that is introduced in 1.24 or later must be switched on."""


@dataclass(frozen=True, slots=True)
class Departure:
    """A group version that departs from the rule, from one minor on; `but` are resources that do not."""

    api_version: str
    since: int
    on: bool
    why: str
    but: frozenset[str] = frozenset()


_DEPRECATED_WORKLOADS = "off two releases before it was gone; `--runtime-config` could bring it back until 1.18"

DEPARTURES = (
    Departure("apps/v1beta1", 16, on=False, why=_DEPRECATED_WORKLOADS),
    Departure("apps/v1beta2", 16, on=False, why=_DEPRECATED_WORKLOADS),
    Departure("extensions/v1beta1", 16, on=False, why=_DEPRECATED_WORKLOADS, but=frozenset({"ingresses"})),
    Departure("flowcontrol.apiserver.k8s.io/v1beta3", 26, on=True, why="a beta of it was already on, and no v1 yet"),
)


def on_by_default(api_version: str, resource: str, introduced: int, minor: int) -> bool:
    """Whether a minor serves a resource without being asked to; `introduced` is the minor in which it appeared."""
    for departure in DEPARTURES:
        if _covers(departure, api_version, resource) and minor >= departure.since:
            return departure.on
    version = api_version.rpartition("/")[2]
    if "alpha" in version:
        return False
    return "beta" not in version or introduced < FIRST_WITHOUT_NEW_BETAS


def _covers(departure: Departure, api_version: str, resource: str) -> bool:
    return api_version == departure.api_version and resource not in departure.but
