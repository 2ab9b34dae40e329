from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.record.watch_server import WatchServer, running


@pytest.fixture
def server() -> Iterator[WatchServer]:
    """An API server that behaves, until a test gives it faults."""
    with running() as server:
        yield server
