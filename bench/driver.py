"""How many requests a second the replay driver sends to a server that answers at once.

    python bench/driver.py [--objects 20000] [--at-once 16]

The server is a process of its own that does nothing but answer, so what is measured is the driver and its HTTP client:
schedule, request, connection, verdict, journal.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import tempfile
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

from skel.client.access import Access
from skel.replay.driver import Driver
from skel.replay.plan import Plan
from skel.replay.result import RunResult
from skel.replay.run_folder import RunFolder
from skel.replay.schedule import Window
from skel.replay.server import connect
from skel.trace.codec import Event, encode_object
from skel.trace.model import Trace

_APPLIED = json.dumps({"kind": "Deployment", "metadata": {"name": "a", "uid": "u"}}).encode()
_GROUPS = {
    "/version": {"major": "1", "minor": "30"},
    "/apis/apps/v1": {"resources": [{"name": "deployments", "kind": "Deployment", "namespaced": True}]},
}


class Answers(asyncio.Protocol):
    """HTTP/1.1 as far as one client needs it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.rest = b""

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while True:
            end = self.rest.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.rest[:end]
            found = head.lower().find(b"content-length: ")
            length = int(head[found + 16 :].split(b"\r\n", 1)[0]) if found >= 0 else 0
            if len(self.rest) < end + 4 + length:
                return
            body, self.rest = self.rest[end + 4 : end + 4 + length], self.rest[end + 4 + length :]
            self.answer(head, body)

    def answer(self, head: bytes, body: bytes) -> None:
        method, path, _ = head.split(b"\r\n", 1)[0].split(b" ")
        text, status = _APPLIED, b"200 OK"
        if method == b"POST":
            made: dict[str, Any] = json.loads(body)
            made["metadata"]["uid"] = "u"
            text, status = json.dumps(made).encode(), b"201 Created"
        elif method == b"GET" and b"priorityclasses" in path:
            text, status = b'{"kind": "Status", "code": 404}', b"404 Not Found"
        elif path.decode() in _GROUPS:
            text = json.dumps(_GROUPS[path.decode()]).encode()
        self.transport.write(
            b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (status, len(text), text)
        )


def serve(pipe: Pipe) -> None:
    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Answers, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def deployment(number: int) -> dict[str, Any]:
    """About 1.3 kB, as real ones."""
    labels = {"app": f"app-{number}", "team": "shop", "app.kubernetes.io/part-of": "storefront"}
    container = {
        "name": "main",
        "image": f"registry.example/shop/app-{number}:1.{number}",
        "ports": [{"containerPort": 8080}],
        "env": [{"name": f"SETTING_{n}", "value": f"value-{number}-{n}"} for n in range(8)],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"app-{number}", "namespace": f"team-{number % 20}", "labels": labels},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app": f"app-{number}"}},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def trace(objects: int) -> Trace:
    """One object an event, as most recorded traces are."""
    events = [Event(1_700_000_000 + number, [encode_object(deployment(number))], []) for number in range(objects)]
    return Trace.make(events, {"trackedObjects": {}}, {}, {})


async def replay(port: int, plan: Plan, folder: Path) -> RunResult:
    target = await connect(Access(server=f"http://127.0.0.1:{port}"), "context:bench", at_once=plan.at_once)
    try:
        return await Driver(plan, target, folder=RunFolder(folder)).run()
    finally:
        await target.close()


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run took: requests, seconds, seconds of processor time, and bytes of memory more than before."""

    requests: int
    seconds: float
    processor: float
    memory: int


def measure(objects: int, at_once: int) -> Sent:
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    plan = Plan(trace(objects), "skel-bench", window=Window(speed=None), at_once=at_once, known_cluster=True)
    before = resource.getrusage(resource.RUSAGE_SELF)
    with tempfile.TemporaryDirectory() as folder:
        result = asyncio.run(replay(ours.recv(), plan, Path(folder) / "run"))
    after = resource.getrusage(resource.RUSAGE_SELF)
    server.terminate()
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Sent(result.counts.requests, result.seconds, processor, (after.ru_maxrss - before.ru_maxrss) * 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=20_000)
    parser.add_argument("--at-once", type=int, default=16)
    options = parser.parse_args()
    sent = measure(options.objects, options.at_once)
    print(f"{sent.requests:,} requests in {sent.seconds:.2f} s, {options.at_once} at once")
    print(f"{sent.requests / sent.seconds:,.0f} requests a second")
    print(f"{sent.processor / sent.requests * 1e6:,.0f} microseconds of processor time for each")
    print(f"{sent.memory / 1024 / 1024:,.1f} MiB more memory than before the run")


if __name__ == "__main__":
    main()
