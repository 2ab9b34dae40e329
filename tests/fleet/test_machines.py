"""The engine of many machines: a real scheduler and two real workers, one of which is killed in the middle."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from skel.fleet import machines
from skel.fleet.model import FleetError, Order
from tests.fleet.conftest import TRACE
from tests.fleet.test_verb import ROOT, SKEL
from tests.storage.faulty import Asked, Fault, address, faulty
from tests.storage.gateway import free_port

pytest.importorskip("distributed", reason="the extra `fleet` is not installed")

# Each process compiles the rules for itself: seconds on an idle machine, more on a loaded one.
pytestmark = pytest.mark.timeout(400)


@dataclass
class Cluster:
    address: str
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    port = free_port()
    where = f"tcp://127.0.0.1:{port}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    null = subprocess.DEVNULL

    def start(*command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", *command], env=environment, cwd=tmp_path, stdin=null, stdout=null, stderr=null
        )

    scheduler = start(
        "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show"
    )
    options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
    wait_for(port)
    workers = [start("distributed.cli.dask_worker", where, *options) for _ in range(2)]
    yield Cluster(where, workers)
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


def wait_for(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


def test_a_worker_is_killed_in_the_middle(cluster: Cluster) -> None:
    together = threading.Barrier(2, timeout=60)
    first = threading.Event()

    def kill(asked: Asked) -> Fault | None:
        """When both workers have a trace in their hands, one dies."""
        if asked.path.startswith("/slow") and not first.is_set():
            together.wait()
            if asked.path == "/slow0.sktrace":
                cluster.workers[0].send_signal(signal.SIGKILL)
                cluster.workers[0].wait()
                first.set()
            first.wait(60)
            time.sleep(0.2)
        return None

    names = [*(f"slow{number}" for number in range(2)), *(f"quick{number}" for number in range(10))]
    files = {f"/{name}.sktrace": TRACE for name in names}
    files["/broken.sktrace"] = TRACE[:-20]
    with faulty(kill, files=files) as server:
        urls = [f"http://{address(server)}{path}" for path in files]
        done = check(*urls, "--scheduler", cluster.address)
    assert done.returncode == 2, done.stderr
    found = json.loads(done.stdout)
    assert [row["name"] for row in found["traces"]] == urls
    assert [row["worst"] for row in found["traces"]] == ["error"] * 12 + ["not checked"]
    slow = [row["note"] for row in found["traces"][:2]]
    assert any(note.startswith("tried again after tcp://127.0.0.1:") for note in slow), slow
    assert "Traceback" not in done.stderr


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [*SKEL, *arguments, "--to", "1.25", "-o", "json"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=350)


def test_the_same_report_as_on_one_machine(folder: Path) -> None:
    reports = []
    for engine in ("local", "dask"):
        found = json.loads(check(str(folder), "--engine", engine, "--workers", "2").stdout)
        for row in found["traces"]:
            row["seconds"] = 0
        reports.append(found)
    assert reports[0] == reports[1]


def test_a_scheduler_without_workers(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    for worker in cluster.workers:
        worker.kill()
        worker.wait()
    time.sleep(1)
    monkeypatch.setattr(machines, "_WORKERS", 1.0)
    with pytest.raises(FleetError, match="has no workers"):
        list(machines.run(Order(target="1.25"), ["a"], cluster.address))
