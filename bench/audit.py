"""Measures the import of audit logs against the JSON parser alone, on the same lines.

python -m bench.audit [--mb 100] [--repeat 3] [--keep FILE]

Two logs: one as a cluster writes it whose policy says RequestResponse for what changes and Metadata for the rest, and
one of nothing but changes, which is the hardest. Exit code 1 if a figure is below its limit.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

import msgspec

from bench.measure import median_cost
from bench.objects import APPS, NAMESPACES, Cluster

Json = dict[str, Any]
LIMIT = 50.0
"""MB of log a second of CPU time."""

_START = datetime(2026, 5, 1, tzinfo=UTC)
_encode = msgspec.json.encode


@dataclass(slots=True)
class Log:
    """A log of a cluster that never ends; `changes`: how many of a hundred requests change something."""

    changes: int
    seed: int = 1

    def __iter__(self) -> Iterator[bytes]:
        random = Random(self.seed)
        cluster = Cluster(random)
        objects = [_object(cluster, number) for number in range(2_000)]
        for number in range(sys.maxsize):
            time = _START + timedelta(milliseconds=20 * number)
            if random.randrange(100) < self.changes:
                yield _change(random, random.choice(objects), number, time)
            else:
                yield _read(random, number, time)


def _object(cluster: Cluster, number: int) -> Json:
    kind = ("apps/v1", "Deployment") if number % 3 else ("apps/v1", "StatefulSet")
    made = cluster.object(*kind, NAMESPACES[number % len(NAMESPACES)], f"{APPS[number % len(APPS)]}-{number}")
    made["metadata"] |= {"uid": f"00000000-0000-0000-0000-{number:012d}", "generation": 1}
    made["status"] = {"replicas": 3, "readyReplicas": 3, "observedGeneration": 1}
    return made


def _change(random: Random, thing: Json, number: int, time: datetime) -> bytes:
    """A rollout in a tenth of the cases, else the status that follows from it."""
    metadata = thing["metadata"]
    metadata["resourceVersion"] = str(1_000 + number)
    below = "" if random.random() < 0.1 else "status"
    if not below:
        metadata["generation"] += 1
        thing["spec"]["replicas"] = random.randrange(1, 50)
    else:
        thing["status"]["readyReplicas"] = random.randrange(50)
    resource = thing["kind"].lower() + "s"
    about = {"resource": resource, "namespace": metadata["namespace"], "name": metadata["name"], "apiGroup": "apps"}
    about |= {"apiVersion": "v1"} | ({"subresource": below} if below else {})
    return _line("RequestResponse", "update", about, number, time, {"requestObject": thing, "responseObject": thing})


def _read(random: Random, number: int, time: datetime) -> bytes:
    about = {"resource": "endpoints", "namespace": random.choice(NAMESPACES), "name": "cart", "apiVersion": "v1"}
    return _line("Metadata", random.choice(("get", "list", "watch")), about, number, time, {})


def _line(level: str, verb: str, about: Json, number: int, time: datetime, bodies: Json) -> bytes:
    moment = time.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    return _encode(
        {
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": level,
            "auditID": f"{number:08x}-6e3f-4f7e-9d0d-1f9c4b1d2e3f",
            "stage": "ResponseComplete",
            "requestURI": f"/apis/apps/v1/namespaces/{about['namespace']}/{about['resource']}/{about['name']}",
            "verb": verb,
            "user": {
                "username": "system:serviceaccount:kube-system:deployment-controller",
                "uid": "0dd8a6cf-5b3b-4b55-a0ab-35b0b4a9c3f6",
                "groups": ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"],
            },
            "sourceIPs": ["10.0.0.1"],
            "userAgent": "kube-controller-manager/v1.24.17 (linux/amd64) kubernetes/22a9682/system:serviceaccount",
            "objectRef": about,
            "responseStatus": {"metadata": {}, "code": 200},
            **bodies,
            "requestReceivedTimestamp": moment,
            "stageTimestamp": moment,
            "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "RBAC: allowed"},
        }
    )


def write_log(path: Path, log: Log, size: int) -> None:
    """Whole lines until there are `size` bytes."""
    with path.open("wb") as file:
        for line in log:
            file.write(line + b"\n")
            if file.tell() >= size:
                return


def parser_seconds(path: Path) -> float:
    """CPU time that it takes to decode the lines, and nothing else."""
    decode = msgspec.json.Decoder().decode
    seconds = 0.0
    with path.open("rb") as file:
        # Some at a time: what this process holds would count as memory of the commands that it starts.
        while lines := file.readlines(1 << 24):
            start = process_time()
            for line in lines:
                decode(line)
            seconds += process_time() - start
    return seconds


def measure(name: str, path: Path, repeat: int) -> bool:
    """Print a line; whether the figure is within its limit."""
    size = path.stat().st_size / 1e6
    cost = median_cost([sys.executable, "-m", "skel", "import", "audit", str(path), "-o", "/dev/null"], repeat)
    alone = min(parser_seconds(path) for _ in range(repeat))
    print(
        f"{name}: {size:.0f} MB, {size / cost.cpu:.0f} MB/s a core, start-up included; the parser alone "
        f"{size / alone:.0f} MB/s: {cost.cpu / alone:.2f} times its time; {cost.peak / 2**20:.0f} MiB"
    )
    return size / cost.cpu >= LIMIT


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=100)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="leave the first log here")
    options = parser.parse_args()
    within = True
    with tempfile.TemporaryDirectory() as folder:
        for name, changes in (("mixed", 30), ("changes only", 100)):
            path = options.keep if options.keep and changes < 100 else Path(folder, f"{changes}.log")
            write_log(path, Log(changes), options.mb * 1_000_000)
            within &= measure(name, path, options.repeat)
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
