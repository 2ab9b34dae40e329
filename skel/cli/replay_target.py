"""Where a replay goes: `--on`, `--context`, `--kubeconfig` -> something that can be opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from skel.client.access import Access
    from skel.cluster.cluster import Cluster
    from skel.replay.running import Open

Tell = Callable[[str], None]
_INSIDE = "in-cluster"


@dataclass(frozen=True, slots=True)
class Place:
    """What was asked for. `where` is `dry:RELEASE`, `local:RELEASE` or, in a pod, `in-cluster`; without it, a
    kubeconfig says which cluster.
    """

    where: str | None = None
    context: str | None = None
    kubeconfig: str | None = None
    nodes: int = 10
    at_once: int = 16
    timeout: float = 60.0
    keep: bool = False

    def check(self) -> None:
        """Raises a usage error for what makes no sense."""
        if self.where and (self.context or self.kubeconfig):
            raise click.UsageError("--on and --context name two targets; choose one")
        if not (self.where or self.context or self.kubeconfig):
            raise click.UsageError("say where to: --on dry:RELEASE, --on local:RELEASE or --context NAME")
        kind, _, release = (self.where or "dry:1").partition(":")
        if self.where != _INSIDE and (kind not in {"dry", "local"} or not release):
            raise click.UsageError(f"--on takes dry:RELEASE, local:RELEASE or {_INSIDE}, not {self.where!r}")

    @property
    def is_dry(self) -> bool:
        return (self.where or "").startswith("dry:")

    @property
    def word(self) -> str:
        """For the name of a folder."""
        return (self.where or self.context or "cluster").replace(":", "-").replace("/", "-")

    @contextmanager
    def opened(self, tell: Tell) -> Iterator[Open]:
        """A function that opens the target. A control plane that is started for it ends behind it."""
        kind, _, release = (self.where or "").partition(":")
        match kind:
            case "dry":
                yield _dry(release)
            case "local":
                with _local(self, release, tell) as cluster:
                    yield _server(_access(str(cluster.kubeconfig), None), f"local:{cluster.version}", self, tell)
            case "in-cluster":
                yield _server(_inside(), _INSIDE, self, tell)
            case _:
                access = _access(self.kubeconfig, self.context)
                yield _server(access, f"context:{access.context}", self, tell)


def _dry(release: str) -> Open:
    from skel.kube.release import UnknownRelease, parse_release
    from skel.replay.dry.target import DryTarget
    from skel.replay.target import Target

    try:
        minor = parse_release(release)
    except UnknownRelease as error:
        raise click.UsageError(str(error)) from None

    async def open_target() -> Target:
        return DryTarget(minor)

    return open_target


@contextmanager
def _local(place: Place, release: str, tell: Tell) -> Iterator[Cluster]:
    """A cluster of that release that runs already, else a new one, which ends here unless it is to be kept."""
    from skel.cluster.control_plane import down, up
    from skel.cluster.nodes import from_template

    running = _running(release)
    if running is not None:
        tell(f"using the cluster {running.name}, which runs already and stays")
        yield running
        return
    name = f"replay-{release.replace('.', '-')}"
    tell(f"starting a control plane of Kubernetes {release} with {place.nodes} nodes ...")
    cluster = up(release, name, from_template(place.nodes))
    try:
        yield cluster
    finally:
        if not place.keep:
            down(name)


def _running(release: str) -> Cluster | None:
    from skel.cluster.cluster import find, names, status

    for name in names():
        cluster = find(name)
        if status(name).word == "running" and f"{cluster.version}.".startswith(f"{release}."):
            return cluster
    return None


def _access(kubeconfig: str | None, context: str | None) -> Access:
    from skel.client.kubeconfig import load

    return load(kubeconfig, context)


def _inside() -> Access:
    from skel.client.kubeconfig import in_cluster

    access = in_cluster()
    if access is None:
        raise click.UsageError(f"--on {_INSIDE} works in a pod with a service account; this is none")
    return access


def _server(access: Access, name: str, place: Place, tell: Tell) -> Open:
    try:
        from skel.replay.server import connect
    except ModuleNotFoundError as error:
        message = f"a cluster needs {error.name}: pip install 'skel-lang[replay]'; `--on dry:RELEASE` needs nothing"
        raise click.ClickException(message) from None
    from skel.replay.target import Target

    async def open_target() -> Target:
        target = await connect(access, name, at_once=place.at_once, timeout=place.timeout)
        tell(f"cluster {access.server}, context {access.context}, Kubernetes {target.version}")
        return target

    return open_target
