"""Measures the recorder: many objects that change all the time, from a server in another process.

    python -m bench.record [--objects 10000] [--rate 200] [--seconds 60]

The server is the one of the recorder's own tests, and keeps 4 kB Deployments. CPU time and memory are those of the
whole recorder process. Exit code 1 if a limit is exceeded.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from skel.trace.model import Trace
from tests.record.watch_server import WatchServer, running

Json = Any
CPU_LIMIT, MEMORY_LIMIT = 0.5, 300
"""Share of one core, and MiB."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Figures:
    """`listed`: CPU seconds until all was recorded that was there; `share`: of one core while things change."""

    listed: float
    share: float
    memory: float
    changes: int
    recorded: int
    journal: int


def deployment(number: int, replicas: int) -> Json:
    """Such as a cluster has: status, managed fields, some environment."""
    name = f"service-{number:05}"
    labels = {"app": name, "team": f"team-{number % 20}", "app.kubernetes.io/managed-by": "Helm"}
    container = {
        "name": "main",
        "image": f"registry.example/{name}:1.{number % 40}.0",
        "imagePullPolicy": "IfNotPresent",
        "env": [{"name": f"SETTING_{key}", "value": f"value-{key}-{number}"} for key in range(12)],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http", "scheme": "HTTP"}, "periodSeconds": 10},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }
    pod = {
        "containers": [container],
        "dnsPolicy": "ClusterFirst",
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "serviceAccountName": name,
        "terminationGracePeriodSeconds": 30,
    }
    fields: Json = {f"f:{key}": {"f:name": {}, "f:value": {}} for key in range(30)}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": f"team-{number % 20}",
            "labels": labels,
            "generation": replicas,
            "managedFields": [{"manager": "helm", "operation": "Apply", "fieldsV1": {"f:spec": fields}}],
        },
        "spec": {
            "progressDeadlineSeconds": 600,
            "replicas": replicas,
            "revisionHistoryLimit": 10,
            "selector": {"matchLabels": {"app": name}},
            "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}, "type": "RollingUpdate"},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
        "status": {"availableReplicas": replicas, "conditions": [{"type": "Available", "status": "True"}]},
    }


def serve(objects: int, rate: float) -> None:
    """Tell the address; from the first line of standard input on, change things until the next one."""
    server = WatchServer()
    server.bookmarks = 60.0
    for number in range(objects):
        server.apply(deployment(number, 1))
    over = threading.Event()
    with running(server):
        print(server.url, flush=True)
        sys.stdin.readline()
        threading.Thread(target=wait_for_line, args=(over,)).start()
        began, changes = time.monotonic(), 0
        while not over.is_set():
            changes += 1
            server.apply(deployment(changes % objects, 2 + changes // objects))
            time.sleep(max(0.0, began + changes / rate - time.monotonic()))
        print(changes, flush=True)
        sys.stdin.readline()


def wait_for_line(over: threading.Event) -> None:
    sys.stdin.readline()
    over.set()


@contextmanager
def other_process(objects: int, rate: float) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.record", "--serve", "--objects", str(objects), "--rate", str(rate)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def measure(objects: int, rate: float, seconds: float, folder: Path) -> Figures:
    with other_process(objects, rate) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        recorder = start(server.stdout.readline().strip(), folder)
        log = folder / "out.sktrace.journal" / "00000001.log"
        wait_until_still(log)
        listed = cpu(recorder.pid)
        tell(server, "go")
        time.sleep(2)
        before, began = cpu(recorder.pid), time.monotonic()
        time.sleep(seconds)
        share = (cpu(recorder.pid) - before) / (time.monotonic() - began)
        tell(server, "stop")
        changes = int(server.stdout.readline())
        time.sleep(3)
        memory, journal = peak(recorder.pid), log.stat().st_size
        recorder.send_signal(signal.SIGINT)
        said = recorder.communicate(timeout=120)[1]
        assert recorder.returncode == 0, said
        trace = Trace.open(str(folder / "out.sktrace"))
        recorded = sum(len(event.applied_objs) for event in trace.events) - objects
        return Figures(listed, share, memory, changes, recorded, journal)


def start(url: str, folder: Path) -> subprocess.Popen[str]:
    access = {
        "current-context": "bench",
        "contexts": [{"name": "bench", "context": {"cluster": "bench"}}],
        "clusters": [{"name": "bench", "cluster": {"server": url}}],
    }
    (folder / "kubeconfig").write_text(yaml.safe_dump(access))
    command = [sys.executable, "-m", "skel", "record", "--kubeconfig", str(folder / "kubeconfig")]
    return subprocess.Popen([*command, "-o", str(folder / "out.sktrace")], stderr=subprocess.PIPE, text=True)


def tell(server: subprocess.Popen[str], word: str) -> None:
    assert server.stdin is not None
    server.stdin.write(f"{word}\n")
    server.stdin.flush()


def wait_until_still(log: Path) -> None:
    """Return when the journal has grown, and grows no more."""
    before = -1
    while not log.exists() or log.stat().st_size < 100_000 or log.stat().st_size != before:
        before = log.stat().st_size if log.exists() else -1
        time.sleep(3.0)


def cpu(pid: int) -> float:
    """Seconds of user and system time of a process."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / _TICKS


def peak(pid: int) -> float:
    """The most memory that a process had, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the recorder.")
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.objects, asked.rate)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        found = measure(asked.objects, asked.rate, asked.seconds, Path(folder))
    print(f"{asked.objects:,} objects, {asked.rate:.0f} changes a second")
    print(f"until all was listed  {found.listed:6.2f} s CPU")
    print(f"while things change   {found.share:6.1%} of one core (limit {CPU_LIMIT:.0%})")
    print(f"memory                {found.memory:6.0f} MiB at most (limit {MEMORY_LIMIT} MiB)")
    print(f"journal               {found.journal / 1e6:6.1f} MB")
    print(f"changes               {found.changes:6,}, {found.recorded:,} recorded")
    is_whole = found.changes == found.recorded
    return 0 if is_whole and found.share < CPU_LIMIT and found.memory < MEMORY_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
