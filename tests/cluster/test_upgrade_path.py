from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from skel.cluster.binaries import Binaries
from skel.cluster.control_plane import _way, upgrade
from skel.cluster.errors import ClusterError
from skel.cluster.state import Ports, State, home, write_state
from skel.cluster.versions import etcd, kubernetes, kwok

STATE = State("a", "1.24.17", "3.6.16", "0.8.0", Ports(1, 2, 3, 4, 5, 6), 0.0)


def way(source: str, target: str) -> list[str]:
    return [product.version for product in _way(replace(STATE, kubernetes=source), target)]


def test_the_next_minor_is_one_hop() -> None:
    assert way("1.24.17", "1.25") == ["1.25.16"]
    assert way("1.24.17", "1.25.3") == ["1.25.3"]


def test_no_minor_is_left_out() -> None:
    assert way("1.24.17", "1.27.2") == ["1.25.16", "1.26.15", "1.27.2"]


def test_a_newer_patch_of_the_same_minor() -> None:
    assert way("1.25.3", "1.25") == ["1.25.16"]


@pytest.mark.parametrize(("source", "target"), [("1.25.16", "1.24"), ("1.25.16", "1.25.9"), ("1.30.14", "1.24.17")])
def test_there_is_no_way_back(source: str, target: str) -> None:
    with pytest.raises(ClusterError, match="can't go back"):
        way(source, target)


def test_nowhere_to_go() -> None:
    with pytest.raises(ClusterError, match="already"):
        way("1.25.16", "1.25")


def test_nothing_is_ever_newer_than_the_api_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done: list[str] = []
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    place = home("a")
    place.make()
    write_state(place, STATE)
    for name, instead in {
        "is_running": lambda _: True,
        "read": lambda file: file.name,
        "binaries": lambda version, _: Binaries(kubernetes(version), etcd(), kwok(), {}),
        "_configure": lambda *_: None,
        "as_cluster": lambda *_: None,
        "end": lambda names, _: done.extend(f"end {name}" for name in names),
        "_launch": lambda _, state, __, names: done.extend(f"{name} {state.kubernetes}" for name in names),
        "wait_until_healthy": lambda _, __, names, ___: done.append(f"{' and '.join(names)} must answer"),
    }.items():
        monkeypatch.setattr(f"skel.cluster.control_plane.{name}", instead)

    upgrade("a", "1.26")
    assert done == [*hop("1.25.16"), *hop("1.26.15")]


def hop(version: str) -> list[str]:
    """What is done, in this order: https://kubernetes.io/releases/version-skew-policy/"""
    api, manager, scheduler = "kube-apiserver", "kube-controller-manager", "kube-scheduler"
    return [
        *(f"end {api}", f"{api} {version}", f"{api} must answer"),
        *(f"end {manager}", f"end {scheduler}", f"{manager} {version}", f"{scheduler} {version}"),
        f"{manager} and {scheduler} must answer",
    ]
