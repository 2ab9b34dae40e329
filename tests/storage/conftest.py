from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from skel.storage import cloud, web
from tests.storage.gateway import Gateway, environment, program


@pytest.fixture(autouse=True)
def no_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """No account of the developer's."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "GOOGLE_", "AZURE_"))]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    if not program().is_file():
        pytest.skip("the S3 server is not on this machine; `python -m tests.storage.gateway` builds it")
    gateway = Gateway(tmp_path_factory.mktemp("buckets"))
    gateway.start()
    yield gateway
    gateway.kill()


@pytest.fixture
def gateway(running: Gateway, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """The server, with the environment that leads to it."""
    for name, value in environment(running.address).items():
        monkeypatch.setenv(name, value)
    return running


@pytest.fixture
def bucket(gateway: Gateway) -> Path:
    """The folder of an empty bucket, s3://bucket."""
    return gateway.bucket("bucket")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer tries, and no long pauses between them."""
    for module in (cloud, web):
        monkeypatch.setattr(module, "RETRIES", 2)
        monkeypatch.setattr(module, "GIVE_UP", 10.0)
        monkeypatch.setattr(module, "PATIENCE", 2.0)
    monkeypatch.setattr(web, "_FIRST_PAUSE", 0.01)
