"""`skel replay --upgrade`: a control plane of our own that goes to other releases while the replay goes on."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING

import click

from skel.cli.cluster_options import Shown, need_extra
from skel.cli.replay_local import started
from skel.cli.replay_orders import Orders

if TYPE_CHECKING:
    from skel.cluster.cluster import Cluster
    from skel.replay.driver import Driver
    from skel.replay.hops import Hop
    from skel.replay.plan import Plan, Voice
    from skel.replay.result import RunResult
    from skel.replay.run_folder import RunFolder
    from skel.replay.target import Target
    from skel.replay.upgrading import ChangingTarget


def run_upgraded(orders: Orders, plan: Plan, folder: RunFolder | None, said: Voice) -> RunResult:
    """Play it. Everything that can be refused is refused before a cluster is started; so is what must be fetched."""
    need_extra()
    from skel.client.kubeconfig import load
    from skel.replay.legs import finish
    from skel.replay.running import play
    from skel.replay.server import connect
    from skel.replay.upgrading import ChangingTarget

    release = _release(orders)
    assert folder is not None, "what is no dry run has a record"
    hops = _planned(release, orders, plan)
    _fetch(release, hops)
    # Never one that runs already: it would not be what its owner knows any more.
    with started(orders.place.wish, f"upgrade-{token_hex(4)}", said.tell) as cluster:

        async def open_target() -> Target:
            place = orders.place
            access = place.impersonating(load(str(cluster.kubeconfig)))
            server = await connect(access, f"local:{cluster.version}", at_once=place.at_once, timeout=place.timeout)
            return ChangingTarget(server)

        def driver_for(target: Target) -> Driver:
            assert isinstance(target, ChangingTarget)
            return _driver(plan, hops, cluster, target, folder, said)

        result = play(open_target, driver_for)
    finish(folder.path)
    return result


def _release(orders: Orders) -> str:
    kind, _, release = (orders.place.where or "").partition(":")
    if kind != "local" or orders.place.cluster:
        raise click.UsageError("--upgrade needs a control plane of our own: --on local:RELEASE")
    if orders.repeat > 1:
        raise click.UsageError("--upgrade and --repeat do not go together: nothing leads back to the old release")
    return release


def _planned(release: str, orders: Orders, plan: Plan) -> tuple[Hop, ...]:
    from skel.replay.hops import plan_hops, read_hop
    from skel.replay.schedule import length

    wanted = [read_hop(text) for text in orders.upgrades]
    return plan_hops(release, wanted, plan.window, length(plan.trace, plan.window))


def _fetch(release: str, hops: tuple[Hop, ...]) -> None:
    """Nobody is to wait for a download in the middle of an upgrade."""
    from skel.cluster.binaries import binaries

    for version in (release, *(hop.version for hop in hops)):
        binaries(version, Shown())


def _driver(
    plan: Plan, hops: tuple[Hop, ...], cluster: Cluster, target: ChangingTarget, folder: RunFolder, said: Voice
) -> Driver:
    from skel.cli.replay_live import driver_on_cluster
    from skel.client.kubeconfig import load
    from skel.cluster.progress import Silent
    from skel.replay.absence import LocalControlPlane
    from skel.replay.clock import SystemClock
    from skel.replay.upgrading import Ascent, Upgrading

    ascent = Ascent(cluster.version, hops, plan.window, folder.path)
    upgrading = Upgrading(ascent, LocalControlPlane(cluster, Silent()), target, SystemClock(), said.tell)
    access = load(str(cluster.kubeconfig))
    return driver_on_cluster(plan, target, access, folder=folder, said=said, also=(upgrading.around,))
