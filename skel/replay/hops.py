"""When the control plane is upgraded in the middle of a replay, and to what: pure, and refused before the first write.

What may follow what is the version skew policy: https://kubernetes.io/releases/version-skew-policy/
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from skel.cluster.versions import Product, kubernetes
from skel.kube.duration import parse_duration
from skel.kube.release import TargetIsOlder, hops
from skel.replay.errors import ReplayError
from skel.replay.schedule import Window

POLICY = "https://kubernetes.io/releases/version-skew-policy/"


@dataclass(frozen=True, slots=True)
class Hop:
    """One upgrade: `at` is seconds since the beginning of the trace, `version` the patch to go to."""

    at: float
    version: str

    @property
    def minor(self) -> str:
        return Product("kubernetes", self.version).minor


def read_hop(text: str) -> Hop:
    """`30m=1.25`, `90s=1.25.16`. Raises ReplayError, and ClusterError for a release that nobody knows."""
    time, is_there, version = text.partition("=")
    at = parse_duration(time.strip())
    if not is_there or at is None or at < 0:
        raise ReplayError(f"--upgrade takes TIME=RELEASE such as 30m=1.25, not {text!r}")
    return Hop(at, kubernetes(version.strip()).version)


def plan_hops(source: str, wanted: Iterable[Hop], window: Window, length: float) -> tuple[Hop, ...]:
    """The hops in the order of their times, if a cluster of the release `source` can take them.

    `length` is how many seconds of the trace are played. Raises ReplayError, and ClusterError for an unknown source.
    """
    planned = tuple(sorted(wanted, key=lambda hop: hop.at))
    if window.speed is None:
        raise ReplayError(
            "an upgrade needs a speed: as fast as it goes, the trace is over before the API server is back",
            "say how many simulated seconds a second has, such as --speed 60",
        )
    for hop in planned:
        _refuse_time(hop, window, length)
    releases = [kubernetes(source), *(Product("kubernetes", hop.version) for hop in planned)]
    for before, after in pairwise(releases):
        _refuse_way(before, after)
    return planned


def _refuse_time(hop: Hop, window: Window, length: float) -> None:
    if not window.start <= hop.at < window.start + length:
        raise ReplayError(
            f"the upgrade to {hop.version} at {_time(hop.at)} is outside of what is played: "
            f"{_time(window.start)} to {_time(window.start + length)} of the trace"
        )


def _time(seconds: float) -> str:
    """`45s`, `10m`, `1h30m`: as one writes it behind `--upgrade`."""
    hours, rest = divmod(round(seconds, 3), 3600)
    minutes, left = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "m"), (left, "s"))
    return "".join(f"{round(number, 3):.10g}{unit}" for number, unit in parts if number) or "0s"


def _refuse_way(before: Product, after: Product) -> None:
    if before == after:
        raise ReplayError(f"the control plane is upgraded to {after.version} twice, or runs it from the beginning")
    try:
        minors = hops(before.minor, after.minor)
    except TargetIsOlder:
        minors = ()
    if not minors and (before.minor != after.minor or _older(after, before)):
        raise ReplayError(
            f"a control plane of {before.version} can't go back to {after.version}: what the newer release has stored, "
            "the older one may not be able to read",
            f"see {POLICY}",
        )
    if len(minors) > 1:
        raise ReplayError(
            f"{before.version} to {after.version} skips {', '.join(minors[:-1])}: the API server may only be upgraded "
            "from one minor release to the next",
            f"upgrade to {', then to '.join(minors)}, each at a time of its own; see {POLICY}",
        )


def _older(one: Product, other: Product) -> bool:
    return _key(one) < _key(other)


def _key(product: Product) -> tuple[int, ...]:
    return tuple(int(number) for number in product.version.split("."))
