"""Brings a control plane up, upgrades it in place, and takes it down."""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from skel.cluster.binaries import Binaries, binaries
from skel.cluster.cluster import Cluster, as_cluster, existing
from skel.cluster.components import command, kwok_config, scheduler_config
from skel.cluster.errors import ClusterError
from skel.cluster.folders import clusters_folder, turn
from skel.cluster.health import wait_until_healthy
from skel.cluster.kubeconfig import write_kubeconfigs
from skel.cluster.nodes import Manifest, with_kubelet
from skel.cluster.pki import make_pki
from skel.cluster.populate import populate
from skel.cluster.process import end, is_running, launch, read
from skel.cluster.progress import Progress, Silent
from skel.cluster.state import (
    COMPONENTS,
    Flags,
    Home,
    Ports,
    State,
    free_ports,
    home,
    homes,
    is_taken,
    read_state,
    write_private,
    write_state,
)
from skel.cluster.versions import Product, kubernetes, pinned
from skel.kube.release import TargetIsOlder, hops

DEFAULT_NAME = "skel"
_FIRST = ("etcd", "kube-apiserver")
_CONTROLLERS = ("kube-controller-manager", "kube-scheduler")
_GRACE = 1.0
"""Seconds until a component that should end is ended. The API server alone would wait ten for its watches."""


def up(
    version: str,
    name: str = DEFAULT_NAME,
    nodes: Sequence[Manifest] = (),
    *,
    port: int | None = None,
    flags: Flags | None = None,
    progress: Progress | None = None,
) -> Cluster:
    """Bring a cluster up, or what does not run of one that is there; make `nodes`; return when they are Ready.

    `version` is a release (`1.25`, `1.25.16`), `port` the one of the API server, `flags` are further ones for its
    components, which it keeps. Programs are fetched or built if need be. Whatever goes wrong while a new cluster is
    made, nothing of it stays. Raises ClusterError.
    """
    shown = progress or Silent()
    place = home(name)
    programs = binaries(version, shown)
    place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with turn(place.folder, shown):
        before = read_state(place)
        try:
            if before:
                _refuse_other_flags(before, flags)
            state = _resumed(place, before, programs, port) if before else _new(place, programs, port, flags)
            _start(place, state, programs, COMPONENTS, shown)
            populate(place, [with_kubelet(node, state.kubernetes) for node in nodes], shown)
        except BaseException:
            if before is None:
                _remove(place)
            raise
    return as_cluster(place, state)


def up_store(version: str, name: str, flags: Flags | None = None, *, progress: Progress | None = None) -> Cluster:
    """Bring up etcd for a new cluster; the caller starts everything else with the files that are there.

    `down` ends it all, as far as there are pid files. Raises ClusterError, and then nothing of it stays.
    """
    shown = progress or Silent()
    place = home(name)
    programs = binaries(version, shown)
    place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with turn(place.folder, shown):
        if read_state(place) is not None:
            raise ClusterError(f"the cluster `{name}` is there already", "choose another name")
        try:
            state = _new(place, programs, None, flags)
            _start(place, state, programs, _FIRST[:1], shown)
        except BaseException:
            _remove(place)
            raise
    return as_cluster(place, state)


def down(name: str, *, progress: Progress | None = None) -> None:
    """End a cluster and remove everything of it. Raises ClusterError if there is none."""
    place = existing(name)
    with turn(place.folder, progress or Silent()):
        _remove(place)


def upgrade(name: str, version: str, *, progress: Progress | None = None) -> Cluster:
    """Upgrade a running cluster in place, minor by minor, on the same data.

    Each hop keeps the documented version skew: the API server goes first, then the controller manager and the
    scheduler. Raises ClusterError.
    """
    shown = progress or Silent()
    place = existing(name)
    with turn(place.folder, shown):
        state = read_state(place)
        if state is None or not is_running(read(place.pid("etcd"))):
            raise ClusterError(f"the cluster `{name}` does not run", f"`skel cluster up {name}` brings it up")
        way = [binaries(product.version, shown) for product in _way(state, version)]
        for programs in way:
            state = _hop(place, state, programs, shown)
    return as_cluster(place, state)


def _way(state: State, version: str) -> list[Product]:
    """The releases to go through: every minor in between, at last the one that was asked for."""
    target = kubernetes(version)
    source = Product("kubernetes", state.kubernetes)
    if target == source:
        raise ClusterError(f"the cluster `{state.name}` runs {source} already")
    try:
        minors = hops(source.minor, target.minor)
    except TargetIsOlder:
        minors = ()
    if not minors and (target.minor != source.minor or _patch(target) < _patch(source)):
        raise ClusterError(
            f"the cluster `{state.name}` runs {source}; what it stored can't go back to {target.version}"
        )
    return [*(kubernetes(pinned()[minor]) for minor in minors[:-1]), target]


def _patch(product: Product) -> tuple[int, ...]:
    return tuple(int(number) for number in product.version.split("."))


def _hop(place: Home, state: State, programs: Binaries, progress: Progress) -> State:
    new = replace(state, kubernetes=programs.kubernetes.version)
    write_state(place, new)  # from here on the new API server may have changed what is stored
    _configure(place, new)
    for components in (("kube-apiserver",), _CONTROLLERS):
        progress.say(f"upgrading {', '.join(components)} from {state.kubernetes} to {new.kubernetes}")
        end((read(place.pid(component)) for component in components), _GRACE)
        _launch(place, new, programs, components)
        wait_until_healthy(place, new, components, progress)
    return new


def _refuse_other_flags(before: State, flags: Flags | None) -> None:
    if flags and flags != before.flags:
        raise ClusterError(f"the cluster `{before.name}` is there already, with other flags", "choose another name")


def _new(place: Home, programs: Binaries, port: int | None, flags: Flags | None) -> State:
    place.make()
    make_pki(place.pki)
    # Nobody else chooses ports meanwhile, and what others chose counts as taken before they listen.
    with turn(clusters_folder(), Silent()):
        ports = free_ports(_chosen_by_others(place), port)
        versions = (programs.kubernetes.version, programs.etcd.version, programs.kwok.version)
        state = State(place.name, *versions, ports, time.time(), flags or {})
        write_state(place, state)
    return state


def _resumed(place: Home, before: State, programs: Binaries, port: int | None) -> State:
    """A cluster that is there keeps its release, its data and, unless all of it is down, its ports."""
    if programs.kubernetes.version != before.kubernetes:
        is_newer = _patch(programs.kubernetes) > _patch(Product("kubernetes", before.kubernetes))
        upgrading = f"`skel cluster upgrade {place.name} --kubernetes {programs.kubernetes.minor}` upgrades it in place"
        hint = upgrading if is_newer else "choose another name"
        raise ClusterError(f"the cluster `{place.name}` is there already, with Kubernetes {before.kubernetes}", hint)
    if port not in {None, before.ports.server}:
        raise ClusterError(f"the cluster `{place.name}` is there already, on port {before.ports.server}")
    place.make()
    if any(is_running(read(place.pid(component))) for component in COMPONENTS):
        return before
    with turn(clusters_folder(), Silent()):
        state = replace(before, ports=_kept(before.ports, _chosen_by_others(place)))
        write_state(place, state)
    return state


def _kept(ports: Ports, others: Iterable[int]) -> Ports:
    listed = _listed(ports)
    return free_ports(others) if any(is_taken(port) for port in listed) else ports


def _listed(ports: Ports) -> tuple[int, ...]:
    return (ports.server, ports.etcd, ports.etcd_peer, ports.controller_manager, ports.scheduler, ports.kwok)


def _chosen_by_others(place: Home) -> list[int]:
    return [port for other in homes() if other != place for port in _ports_of(other)]


def _ports_of(place: Home) -> tuple[int, ...]:
    try:
        state = read_state(place)
    except ClusterError:  # its owner will hear of it; we only have to keep out of the way
        return ()
    return _listed(state.ports) if state else ()


def _configure(place: Home, state: State) -> None:
    write_kubeconfigs(place, state)
    write_private(place.config("kube-scheduler.yaml"), scheduler_config(place, state))
    write_private(place.config("kwok.yaml"), kwok_config(state))


def _start(place: Home, state: State, programs: Binaries, components: Collection[str], progress: Progress) -> None:
    _configure(place, state)
    wanted = [component for component in COMPONENTS if component in components]
    missing = [component for component in wanted if not is_running(read(place.pid(component)))]
    for is_first in (True, False):
        group = [component for component in wanted if (component in _FIRST) is is_first]
        starting = [component for component in group if component in missing]
        if starting:
            progress.say(f"starting {', '.join(starting)}")
        _launch(place, state, programs, starting)
        wait_until_healthy(place, state, group, progress)


def _launch(place: Home, state: State, programs: Binaries, components: Iterable[str]) -> None:
    for component in components:
        line = command(component, programs.programs[component], place, state)
        launch(line, folder=place.folder, log=place.log(component), pid_file=place.pid(component))


def _remove(place: Home) -> None:
    # Whoever starts a component by himself leaves its number here as well.
    end((read(file) for file in place.pid("").glob("*")), _GRACE)
    shutil.rmtree(place.folder)
