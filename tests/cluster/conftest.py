"""A home for clusters that is thrown away, and real ones where their programs are on the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from skel.cluster.binaries import are_present
from skel.cluster.control_plane import down
from skel.cluster.state import homes

# Read before the settings of the developer's shell are taken away: the cache may lie elsewhere, and it is big.
CACHE = os.environ.get("SKEL_CACHE")


@pytest.fixture(autouse=True)
def clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of all clusters of a test; nothing of them is left behind, whatever the test does."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield tmp_path / "state" / "skel" / "clusters"
    for place in homes():
        down(place.name)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("SKEL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def programs(plain_terminal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Skips where the programs of the two releases are not on this machine: to build them takes minutes."""
    if CACHE:
        monkeypatch.setenv("SKEL_CACHE", CACHE)
    missing = [version for version in ("1.24", "1.25") if not are_present(version)]
    if missing:
        pytest.skip(f"the programs are not here; `skel cluster fetch {' '.join(missing)}` gets them")
