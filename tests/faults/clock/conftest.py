"""A Go program, built here, under a clock of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from skel.faults.clock.support import obstacle
from skel.faults.clock.tracing import Start

HERE = Path(__file__).parent
Running = Callable[[str], Start]


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if obstacle():
        pytest.skip(obstacle())
    go = shutil.which("go")
    if go is None:
        pytest.skip("there is no `go` to build the program")
    folder = tmp_path_factory.mktemp("program")
    environment = {
        **os.environ,
        "CGO_ENABLED": "0",
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "GOCACHE": str(folder / "cache"),
        "GOTOOLCHAIN": "local",
    }
    subprocess.run([go, "build", "-o", folder / "program", HERE / "program.go"], check=True, env=environment)
    return folder / "program"


@pytest.fixture
def start(program: Path, tmp_path: Path) -> Running:
    return lambda mode: Start((str(program), mode), tmp_path, tmp_path / "log", {})
