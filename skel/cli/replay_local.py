"""A control plane of our own for a replay: one that was named, the one that `skel cluster up` makes, or a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING

from skel.cli.cluster_options import Shown, need_extra

if TYPE_CHECKING:
    from skel.cluster.cluster import Cluster

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """Which cluster is wanted: of a release, or of a name. `nodes` and `keep` are of one that is started."""

    release: str = ""
    name: str = ""
    nodes: int = 10
    keep: bool = False


@contextmanager
def local_cluster(wish: Wish, tell: Tell, *, own: str = "", fresh: bool = False) -> Iterator[Cluster]:
    """The cluster for a replay. A new one is called `own`, and ends here unless it is to be kept.

    Never a cluster that somebody started under another name: it is in use for something else. Raises ClusterError.
    """
    need_extra()
    name = own or f"replay-{token_hex(4)}"
    running = None if fresh else _running(wish, name)
    if running is not None:
        tell(f"using the cluster {running.name}, which runs already and stays")
        yield running
        return
    with started(wish, name, tell) as cluster:
        yield cluster


@contextmanager
def started(wish: Wish, name: str, tell: Tell) -> Iterator[Cluster]:
    """A new cluster; of one of that name, which an attempt that broke off has left, what does not run is started."""
    from skel.cluster.control_plane import down, up
    from skel.cluster.nodes import from_template

    tell(f"starting a control plane of Kubernetes {wish.release} with {wish.nodes} nodes ...")
    cluster = up(wish.release, name, from_template(wish.nodes), progress=Shown())
    try:
        yield cluster
    finally:
        if wish.keep:
            tell(f"the cluster {name} stays; `skel cluster down {name}` ends it")
        else:
            down(name)


def _running(wish: Wish, own: str) -> Cluster | None:
    """The cluster that was named; else the one without a name of its own, if it does well and has the release."""
    from skel.cluster.cluster import find, overview, status
    from skel.cluster.control_plane import DEFAULT_NAME
    from skel.cluster.errors import ClusterError

    if wish.name:
        found = find(wish.name)
        word = status(wish.name).word
        if word != "running":
            way_out = f"`skel cluster up {wish.name}` starts what does not run"
            raise ClusterError(f"the cluster `{wish.name}` is {word}", way_out)
        if not _is_of(found.version, wish.release):
            raise ClusterError(f"the cluster `{wish.name}` runs Kubernetes {found.version}, not {wish.release}")
        return found
    there = {each.name: each for each in overview()}
    usual = there.get(DEFAULT_NAME)
    if own in there or usual is None or usual.state is None or usual.word != "running":
        return None
    return find(DEFAULT_NAME) if _is_of(usual.state.kubernetes, wish.release) else None


def _is_of(version: str, release: str) -> bool:
    """Whether a patch is of a release such as 1.25 or 1.25.16; of any, if none was named."""
    return not release or f"{version}.".startswith(f"{release.removeprefix('v')}.")
