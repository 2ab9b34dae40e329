"""Measures control planes, the replay on them, and the driver and the dry target without one.

    python -m bench.cluster [--kubernetes 1.25] [--nodes 1000] [--pods 5000] [--save]
    make bench CLUSTER=1

The programs are taken from the cache; `skel cluster fetch` gets them. `--save` writes the table of docs/clusters.md.
Exit code 1 if a limit is exceeded.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import driver, dry
from skel.client.kubeconfig import load
from skel.cluster.binaries import are_present
from skel.cluster.cluster import Cluster, status
from skel.cluster.control_plane import down, up, upgrade
from skel.cluster.nodes import from_template
from skel.cluster.state import home
from skel.cluster.versions import Product, kubernetes, pinned
from skel.replay.plan import Plan, Voice
from skel.replay.run_folder import RunFolder
from skel.replay.schedule import Window
from skel.replay.server import connect
from skel.replay.surroundings import surrounded
from skel.trace.codec import Event, encode_object
from skel.trace.model import Trace

PAGE = Path(__file__).resolve().parent.parent / "docs" / "clusters.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
UP_LIMIT, RUNNING_LIMIT, DRIVER_LIMIT, DRY_LIMIT = 10.0, 120.0, 1_000, 20_000
_DEPLOYMENTS = 50
_START = 1_700_000_000
_PATIENCE = 900.0
"""Seconds until pods that do not run are given up."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number; `limit` is None where there is none, `least`: the more, the better."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    least: bool = False

    @property
    def within(self) -> bool:
        if self.limit is None:
            return True
        return self.value >= self.limit if self.least else self.value <= self.limit

    @property
    def cells(self) -> tuple[str, str, str]:
        return self.name, _number(self.value, self.unit), _number(self.limit, self.unit) if self.limit else ""


def _number(value: float, unit: str) -> str:
    return f"{value:.1f} {unit}" if unit == "s" else f"{value:,.0f} {unit}"


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def deployment(number: int, replicas: int) -> dict[str, object]:
    labels = {"app": f"app-{number}"}
    request = {"requests": {"cpu": "100m", "memory": "128Mi"}}
    pod = {"containers": [{"name": "main", "image": "registry.example/app:1.0", "resources": request}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"app-{number}", "namespace": f"team-{number % 10}", "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def history(pods: int) -> Trace:
    """All Deployments at once, and then nothing for an hour."""
    made = [encode_object(deployment(number, pods // _DEPLOYMENTS)) for number in range(_DEPLOYMENTS)]
    return Trace.make([Event(_START, made, []), Event(_START + 3600, [], [])], {"trackedObjects": {}}, {}, {})


async def replayed(cluster: Cluster, pods: int, folder: Path, busiest: Callable[[], None]) -> tuple[float, float]:
    """Seconds until all pods run, and of the clean-up; `busiest` is called in between."""
    target = await connect(load(str(cluster.kubeconfig)), "local", at_once=16)
    try:
        plan = Plan(history(pods), "skel-bench", window=Window(), known_cluster=True)
        access = target.connection.access
        run, seen = surrounded(plan, target, access, folder=RunFolder(folder / "run"), voice=Voice())
        began = time.perf_counter()
        task = asyncio.create_task(run.run())
        while seen.phases.get("Running", 0) < pods and not task.done():
            await asyncio.sleep(0.2)
            if time.perf_counter() - began > _PATIENCE:
                break
        running = time.perf_counter() - began
        busiest()
        began = time.perf_counter()
        task.cancel()
        await task
        return running, time.perf_counter() - began
    finally:
        await target.close()


def memory(name: str) -> Iterator[Figure]:
    """Resident memory of each component."""
    for component in status(name).components:
        if component.process is not None:
            text = Path(f"/proc/{component.process.pid}/status").read_text("utf-8")
            kilobytes = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS:"))
            yield Figure(f"memory of {component.name}", kilobytes / 1024, "MiB")


def cluster_figures(release: str, nodes: int, pods: int) -> Iterator[Figure]:
    name = f"bench-{os.getpid()}"
    try:
        took = timed(lambda: up(release, name, from_template(100)))
        yield Figure(f"control plane and 100 nodes Ready, {release}", took, "s", UP_LIMIT)
        yield Figure("`down`", timed(lambda: down(name)), "s")
        took = timed(lambda: up(release, name, from_template(nodes)))
        yield Figure(f"control plane and {nodes:,} nodes Ready", took, "s")
        yield from pod_figures(name, release, pods)
        after = next_minor(release)
        if after:
            took = timed(lambda: upgrade(name, after))
            yield Figure(f"upgrade in place to {after}, {nodes:,} nodes", took, "s")
        yield Figure(f"`down` with {nodes:,} nodes", timed(lambda: down(name)), "s")
    finally:
        if home(name).folder.exists():
            down(name)


def pod_figures(name: str, release: str, pods: int) -> Iterator[Figure]:
    sizes: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        cluster = up(release, name)
        work = replayed(cluster, pods, Path(folder), lambda: sizes.extend(memory(name)))
        running, cleaned = asyncio.run(work)
    what = f"{pods:,} pods of {_DEPLOYMENTS} Deployments, from a replayed trace, all Running"
    yield Figure(what, running, "s", RUNNING_LIMIT)
    yield Figure("the clean-up behind it", cleaned, "s")
    yield from sizes


def next_minor(release: str) -> str:
    """The minor to upgrade to, if its programs are on this machine."""
    minor = Product("kubernetes", kubernetes(release).version).minor
    known = [*pinned(), ""]
    after = known[known.index(minor) + 1]
    return after if after and are_present(after) else ""


def driver_figures() -> Iterator[Figure]:
    """Without a control plane: against a server that answers at once, and in process."""
    sent = driver.measure(20_000, 16)
    yield Figure("requests of the driver", sent.requests / sent.seconds, "a second", DRIVER_LIMIT, least=True)
    yield Figure("its memory for 20,000 objects", sent.memory / 1024 / 1024, "MiB")
    for name in dry.HISTORIES:
        best = dry.whole(name, 20_000, "1.25", runs=3)[0]
        yield Figure(f"objects of a dry replay, {name}", best.rate, "a second", DRY_LIMIT, least=True)


def show(figures: Sequence[Figure], title: str) -> None:
    table = Table(title=title, title_justify="left")
    for column in ("what", "measured", "limit"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for figure in figures:
        what, measured, limit = figure.cells
        table.add_row(what, measured if figure.within else f"{measured} !", limit)
    Console(width=120).print(table)


def save(figures: Sequence[Figure], title: str) -> None:
    """Replace the part of the page between the two marks."""
    head, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, tail = rest.partition(END)
    rows = [f"| {' | '.join(figure.cells)} |" for figure in figures]
    table = "\n".join(["| what | measured | limit |", "|---|---:|---:|", *rows])
    PAGE.write_text(f"{head}{BEGIN}\n{title}\n\n{table}\n{END}{tail}", "utf-8")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure control planes and replays.")
    parser.add_argument("--kubernetes", default="1.25")
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--pods", type=int, default=5000)
    parser.add_argument("--save", action="store_true", help="write docs/clusters.md")
    return parser.parse_args()


def main() -> int:
    given = options()
    if not are_present(given.kubernetes):
        print(f"the programs are not on this machine; `skel cluster fetch {given.kubernetes}` gets them")
        return 2
    load_before = os.getloadavg()[0]
    figures = [*driver_figures(), *cluster_figures(given.kubernetes, given.nodes, given.pods)]
    date = datetime.now(UTC).date().isoformat()
    title = (
        f"`make bench CLUSTER=1` on {date}: Kubernetes {given.kubernetes}, {os.cpu_count()} cores, programs in the "
        f"cache. The load average was {load_before:.1f} before it and {os.getloadavg()[0]:.1f} behind it."
    )
    show(figures, title)
    if given.save:
        save(figures, title)
    return 0 if all(figure.within for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
