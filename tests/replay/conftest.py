from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.replay.api_server import ApiServer, running


@pytest.fixture
def server() -> Iterator[ApiServer]:
    """A small API server of 1.25 that behaves, until a test gives it faults."""
    with running() as server:
        yield server
