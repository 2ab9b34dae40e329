"""A cluster as others see it, and how it is doing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from skel.cluster.errors import ClusterError
from skel.cluster.health import Probe
from skel.cluster.kubeconfig import context_name, server_url
from skel.cluster.pki import ADMIN, tokens
from skel.cluster.process import Process, is_running, read
from skel.cluster.state import COMPONENTS, Home, State, home, homes, read_state


@dataclass(frozen=True, slots=True)
class Cluster:
    """How to use a cluster. `version` is the patch, `folder` holds everything of it, `token` is the administrator's."""

    name: str
    version: str
    folder: Path
    server: str
    token: str = field(repr=False)
    ca_file: Path
    kubeconfig: Path
    context: str
    is_simulation: bool = True


@dataclass(frozen=True, slots=True)
class Component:
    """A component: its process if there is one, whether that runs, and whether it answers."""

    name: str
    process: Process | None
    is_running: bool
    is_healthy: bool
    log: Path


@dataclass(frozen=True, slots=True)
class Status:
    """How a cluster does. `state` is None if an `up` never came so far as to write it."""

    name: str
    folder: Path
    state: State | None
    components: tuple[Component, ...]

    @property
    def word(self) -> str:
        """running, degraded (some do not answer) or stopped."""
        if all(component.is_healthy for component in self.components):
            return "running"
        return "degraded" if any(component.is_running for component in self.components) else "stopped"


def find(name: str) -> Cluster:
    """A cluster that was set up, whether it runs or not. Raises ClusterError."""
    place = existing(name)
    state = read_state(place)
    if state is None:
        raise ClusterError(
            f"the cluster `{name}` was never set up to its end", f"`skel cluster down {name}` removes it"
        )
    return as_cluster(place, state)


def as_cluster(place: Home, state: State) -> Cluster:
    return Cluster(
        name=state.name,
        version=state.kubernetes,
        folder=place.folder,
        server=server_url(state),
        token=tokens(place.pki)[ADMIN],
        ca_file=place.pki / "ca.crt",
        kubeconfig=place.kubeconfig,
        context=context_name(state.name),
    )


def existing(name: str) -> Home:
    """Where a cluster lies. Raises ClusterError if there is none of that name."""
    place = home(name)
    if not place.folder.is_dir():
        there = ", ".join(names())
        hint = f"there are: {there}" if there else f"`skel cluster up {name}` makes it"
        raise ClusterError(f"there is no cluster `{name}`", hint)
    return place


def names() -> tuple[str, ...]:
    """The clusters of this user."""
    return tuple(place.name for place in homes())


def overview() -> tuple[Status, ...]:
    """How all clusters of this user do; one that can't be read is shown without its state."""
    return tuple(_glance(place) for place in homes())


def _glance(place: Home) -> Status:
    try:
        return status(place.name)
    except ClusterError:
        return Status(place.name, place.folder, None, tuple(_components(place, None)))


def status(name: str) -> Status:
    """How a cluster does: looks at its processes, and asks each how it is. Raises ClusterError."""
    place = existing(name)
    state = read_state(place)
    return Status(place.name, place.folder, state, tuple(_components(place, state)))


def _components(place: Home, state: State | None) -> list[Component]:
    can_ask = state is not None and (place.pki / "tokens.csv").exists()
    probe = Probe(place, state) if state is not None and can_ask else None
    found = []
    for name in COMPONENTS:
        process = read(place.pid(name))
        runs = is_running(process)
        found.append(
            Component(name, process, runs, runs and probe is not None and probe.is_healthy(name), place.log(name))
        )
    return found
