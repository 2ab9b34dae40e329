"""A home for worlds that is thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from skel.cluster.control_plane import down
from skel.cluster.state import homes


@pytest.fixture
def worlds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of all worlds of a test; nothing of them is left behind, whatever the test does."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield tmp_path / "state" / "skel" / "clusters"
    for place in homes():
        down(place.name)
