from __future__ import annotations

from dataclasses import replace

import pytest

from skel.cluster.control_plane import _way
from skel.cluster.errors import ClusterError
from skel.cluster.state import Ports, State

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
