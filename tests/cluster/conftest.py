"""A home for clusters that is thrown away, and real ones where their programs are on the machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from skel.cluster.control_plane import down
from skel.cluster.state import homes
from tests.cluster.programs import need


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
    """Skips where the programs of the two releases are not on this machine."""
    need(monkeypatch, "1.24", "1.25")
