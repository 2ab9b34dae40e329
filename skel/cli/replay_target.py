"""Where a replay goes: `--on`, `--cluster`, `--context`, `--kubeconfig` -> something that can be opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from skel.cli.replay_local import Wish
    from skel.client.access import Access
    from skel.replay.running import Open

Tell = Callable[[str], None]
_INSIDE = "in-cluster"


@dataclass(frozen=True, slots=True)
class Place:
    """What was asked for. `where` is `dry:RELEASE`, `local:RELEASE` or, in a pod, `in-cluster`; without it, a
    kubeconfig says which cluster. `cluster` is one of `skel cluster`, `as_user` whom to be there.
    """

    where: str | None = None
    cluster: str | None = None
    context: str | None = None
    kubeconfig: str | None = None
    as_user: str | None = None
    nodes: int = 10
    at_once: int = 16
    timeout: float = 60.0
    keep: bool = False

    def check(self) -> None:
        """Raises a usage error for what makes no sense, ClusterError for a release that can't be started."""
        if (self.where or self.cluster) and (self.context or self.kubeconfig):
            one, other = "--on" if self.where else "--cluster", "--context" if self.context else "--kubeconfig"
            raise click.UsageError(f"{one} and {other} name two targets; choose one")
        if not (self.where or self.cluster or self.context or self.kubeconfig):
            raise click.UsageError("say where to: --on dry:RELEASE, --on local:RELEASE or --context NAME")
        kind, _, release = (self.where or "dry:1").partition(":")
        if self.where != _INSIDE and (kind not in {"dry", "local"} or not release):
            raise click.UsageError(f"--on takes dry:RELEASE, local:RELEASE or {_INSIDE}, not {self.where!r}")
        if self.cluster and not (self.where or "local:").startswith("local:"):
            raise click.UsageError(f"--cluster names a control plane of this machine; --on {self.where} is none")
        if kind == "local" and self.where:
            from skel.cluster.versions import kubernetes

            kubernetes(release)

    @property
    def is_dry(self) -> bool:
        return (self.where or "").startswith("dry:")

    @property
    def is_local(self) -> bool:
        """Whether it is a control plane of our own."""
        return bool(self.cluster) or (self.where or "").startswith("local:")

    def impersonating(self, access: Access) -> Access:
        """The same as the user that one wants to be there."""
        return (
            replace(access, credentials=replace(access.credentials, impersonate=self.as_user))
            if self.as_user
            else access
        )

    @property
    def wish(self) -> Wish:
        """Which control plane of our own."""
        from skel.cli.replay_local import Wish

        return Wish((self.where or "").partition(":")[2], self.cluster or "", self.nodes, self.keep)

    @property
    def word(self) -> str:
        """For the name of a folder."""
        return (self.where or self.cluster or self.context or "cluster").replace(":", "-").replace("/", "-")

    @contextmanager
    def opened(self, tell: Tell, *, own: str = "", fresh: bool = False) -> Iterator[Open]:
        """A function that opens the target. A control plane that is started for it, with the name `own`, ends behind
        it. `fresh`: never one that is there already.
        """
        if self.is_local:
            from skel.cli.replay_local import local_cluster

            with local_cluster(self.wish, tell, own=own, fresh=fresh) as cluster:
                yield _server(_access(str(cluster.kubeconfig), None), f"local:{cluster.version}", self, tell)
        elif self.is_dry:
            yield _dry((self.where or "").partition(":")[2])
        elif self.where == _INSIDE:
            yield _server(_inside(), _INSIDE, self, tell)
        else:
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
        target = await connect(place.impersonating(access), name, at_once=place.at_once, timeout=place.timeout)
        tell(f"cluster {access.server}, context {access.context}, Kubernetes {target.version}")
        return target

    return open_target
