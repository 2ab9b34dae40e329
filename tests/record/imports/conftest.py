from __future__ import annotations

import pytest

from tests.record.imports.server import Server


@pytest.fixture
def server() -> Server:
    return Server()
