"""How long 1,000 YAML files take to read: the same ones each time, 2 to 3 kB, as people keep them in a repository.

python -m bench.manifests [--files N] [--folder DIR]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import yaml

from bench.measure import median_cost
from bench.objects import Cluster

Json = Any
SEED = 4
READ = "import sys; from skel.manifests.reading import read_inputs; print(len(read_inputs(sys.argv[1:]).documents))"
KINDS = (
    ("apps/v1", "Deployment", 20),
    ("v1", "Service", 28),
    ("v1", "ConfigMap", 16),
    ("apps/v1", "StatefulSet", 4),
    ("batch/v1beta1", "CronJob", 6),
    ("v1", "ServiceAccount", 12),
    ("networking.k8s.io/v1", "Ingress", 14),
)


def make_files(folder: Path, count: int) -> int:
    """Write the files, some hundred to a folder, and return their bytes."""
    random = Random(SEED)
    cluster = Cluster(random)
    written = 0
    for number in range(count):
        place = folder / f"team-{number % 7}"
        place.mkdir(parents=True, exist_ok=True)
        text = manifest(cluster, number)
        written += (place / f"{number:05}.yaml").write_text(text)
    return written


def manifest(cluster: Cluster, number: int) -> str:
    """One file: an object, or several, 2 to 3 kB on average."""
    random = cluster.random
    text = f"# Owner: team-{number % 7}\n"
    while len(text) < random.randint(100, 700):
        version, kind, _ = random.choices(KINDS, [share for *_, share in KINDS])[0]
        name = f"{cluster.app()}-{number}"
        text += "---\n" + yaml.safe_dump(made(cluster, version, kind, name), sort_keys=False, width=120)
    return text


def made(cluster: Cluster, version: str, kind: str, name: str) -> Json:
    """As in a repository: without what a cluster adds."""
    spec: Json
    match kind:
        case "Service":
            spec = {"selector": {"app": name}, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]}
        case "Ingress":
            backend = {"service": {"name": name, "port": {"number": 80}}}
            paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
            spec = {"rules": [{"host": f"{name}.example.com", "http": {"paths": paths}}]}
        case _:
            found = cluster.object(version, kind, "default", name)
            found.pop("status", None)
            return found
    metadata = {"name": name, "labels": {"app.kubernetes.io/name": name}}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def report(folder: Path, files: int, size: int) -> None:
    """Print what reading costs, beside what PyYAML alone needs."""
    command = (sys.executable, "-c", READ, str(folder))
    cost = median_cost(command, 5)
    idle = median_cost((sys.executable, "-c", "from skel.manifests.reading import read_inputs"), 5)
    print(f"{files} files, {size / 1e6:.1f} MB, {os.cpu_count()} cores")
    print(f"skel, start-up included   {cost.wall:6.2f} s wall, {cost.cpu:.2f} s CPU, {cost.peak / 2**20:.0f} MiB")
    print(f"  of which start-up       {idle.wall:6.2f} s")
    texts = [path.read_text() for path in sorted(folder.rglob("*.yaml"))]
    loader = yaml.CSafeLoader
    for name, read in (
        ("PyYAML events, one core  ", lambda text: list(yaml.parse(text, Loader=loader))),
        ("PyYAML nodes, one core   ", lambda text: list(yaml.compose_all(text, Loader=loader))),
        ("PyYAML values, one core  ", lambda text: list(yaml.load_all(text, Loader=loader))),
    ):
        print(f"{name} {seconds(read, texts):6.2f} s")


def seconds(read: Callable[[str], object], texts: list[str]) -> float:
    start = time.perf_counter()
    for text in texts:
        read(text)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--folder", type=Path, help="keep the files here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="skel-manifests-") as temporary:
        folder = options.folder or Path(temporary)
        report(folder, options.files, make_files(folder, options.files))


if __name__ == "__main__":
    main()
