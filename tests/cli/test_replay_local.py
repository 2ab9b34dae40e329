"""Which control plane of this machine a replay takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from skel.cli.replay_local import Wish, local_cluster
from skel.cluster.cluster import Cluster, Component, Status
from skel.cluster.errors import ClusterError
from skel.cluster.state import COMPONENTS, Ports, State


def status(name: str, version: str, *, healthy: int = 5, whole: bool = True) -> Status:
    state = State(name, version, "", "", Ports(1, 2, 3, 4, 5, 6), 0.0) if whole else None
    parts = tuple(
        Component(component, None, number < healthy, number < healthy, Path())
        for number, component in enumerate(COMPONENTS)
    )
    return Status(name, Path(name), state, parts)


def cluster(name: str, version: str) -> Cluster:
    return Cluster(name, version, Path(), "https://127.0.0.1:1", "", Path(), Path(), f"skel-{name}")


class Machine:
    """Clusters that are there; what is started and ended is kept."""

    def __init__(self, *there: Status) -> None:
        self.there = {each.name: each for each in there}
        self.log: list[str] = []

    def find(self, name: str) -> Cluster:
        state = self.there[name].state
        assert state is not None
        return cluster(name, state.kubernetes)

    def up(self, version: str, name: str, nodes: Any, **_: Any) -> Cluster:
        self.log.append(f"up {name} {version} with {len(nodes)}")
        return cluster(name, version)

    def down(self, name: str) -> None:
        self.log.append(f"down {name}")

    @contextmanager
    def used(self, wish: Wish, said: list[str] | None = None, **how: Any) -> Iterator[Cluster]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("skel.cluster.cluster.overview", lambda: tuple(self.there.values()))
            patch.setattr("skel.cluster.cluster.status", self.there.__getitem__)
            patch.setattr("skel.cluster.cluster.find", self.find)
            patch.setattr("skel.cluster.control_plane.up", self.up)
            patch.setattr("skel.cluster.control_plane.down", self.down)
            tell = (said if said is not None else []).append
            with local_cluster(wish, tell, **how) as found:
                yield found


ON_1_25 = Wish("1.25", nodes=3)


def test_the_cluster_of_cluster_up_is_used_and_stays() -> None:
    machine, said = Machine(status("skel", "1.25.16")), list[str]()
    with machine.used(ON_1_25, said) as found:
        assert found.name == "skel"
    assert machine.log == []
    assert said == ["using the cluster skel, which runs already and stays"]


@pytest.mark.parametrize(
    "there",
    [
        (),
        (status("skel", "1.24.17"),),
        (status("skel", "1.25.16", healthy=4),),
        (status("skel", "1.25.16", healthy=0),),
        (status("skel", "1.25.16", whole=False),),
        # Somebody else's, of the right release: it may be in use, and its name says that it is for something else.
        (status("shop", "1.25.16"),),
    ],
    ids=["none", "another release", "degraded", "stopped", "half-made", "another name"],
)
def test_else_a_new_one_is_started_and_ended(there: tuple[Status, ...]) -> None:
    machine = Machine(*there)
    with machine.used(ON_1_25, own="skel-1a2b") as found:
        assert found.name == "skel-1a2b"
        assert machine.log == ["up skel-1a2b 1.25 with 3"]
    assert machine.log[1:] == ["down skel-1a2b"]


def test_a_rehearsal_never_takes_one_that_is_there() -> None:
    machine = Machine(status("skel", "1.25.16"))
    with machine.used(ON_1_25, fresh=True) as found:
        assert found.name.startswith("replay-")


def test_a_run_that_broke_off_finds_its_own_again() -> None:
    machine = Machine(status("skel", "1.25.16"), status("skel-1a2b", "1.25.16", healthy=3))
    with machine.used(ON_1_25, own="skel-1a2b"):
        assert machine.log == ["up skel-1a2b 1.25 with 3"]


def test_one_that_is_to_be_kept_is_named() -> None:
    machine, said = Machine(), list[str]()
    with machine.used(Wish("1.25", keep=True), said, own="a"):
        pass
    assert machine.log == ["up a 1.25 with 10"]
    assert said[-1] == "the cluster a stays; `skel cluster down a` ends it"


def test_a_cluster_by_name_must_do_well_and_be_of_the_release() -> None:
    machine = Machine(status("shop", "1.25.16"), status("old", "1.24.17"), status("sick", "1.25.16", healthy=2))
    for wish in (Wish(name="shop"), Wish("1.25", "shop")):
        with machine.used(wish) as found:
            assert found.name == "shop"
    with pytest.raises(ClusterError, match=r"`sick` is degraded.*skel cluster up sick"):
        machine.used(Wish(name="sick")).__enter__()
    with pytest.raises(ClusterError, match=r"`old` runs Kubernetes 1\.24\.17, not 1\.25"):
        machine.used(Wish("1.25", "old")).__enter__()
    assert machine.log == []
