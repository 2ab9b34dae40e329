"""What the claims about faults measure, on real binaries that are on this machine.

    python -m bench.faults [--only reproduce,gate,control,repeat,overhead,trace] [--old 1.24.17] [--new 1.36.3]

Each line has a name, what was measured, and what was claimed. Run it on a machine that has nothing else to do.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from skel.client.request import Request
from skel.cluster.components import kubeconfig_file
from skel.cluster.state import home
from skel.faults.actions import Hold
from skel.faults.catalogue import find
from skel.faults.history import identical
from skel.faults.model import Event, Report, Scenario, Setup, Step, Verdict, Watch
from skel.faults.proxy.traffic import Blind
from skel.faults.search.generate import generate
from skel.faults.search.profile import learn
from skel.faults.session import Column, Session, run_columns, session
from skel.faults.world import Order, World, started
from skel.faults.world_component import write_kubeconfig

GATE = "StaleControllerConsistencyReplicaSet"
MODE = "k8s-129795"
PODS = 1000
LIMITS = ("--kube-api-qps=20", "--kube-api-burst=30")
"""What a controller manager sets itself by default."""
TRACE = Path(__file__).parent.parent / "examples" / "traces" / "shop.sktrace"


def tell(name: str, measured: str, claimed: str, *, holds: bool) -> None:
    print(f"{'ok  ' if holds else 'MISS'} {name:34} {measured:44} claimed: {claimed}", flush=True)


def reproduce(options: argparse.Namespace) -> None:
    """The command as a person types it, and twenty histories."""
    command = [sys.executable, "-m", "skel", "fault", "reproduce", MODE, "--kubernetes", options.old]
    took = []
    for _ in range(options.times):
        began = time.monotonic()
        code = subprocess.run(command, capture_output=True, check=False).returncode
        took.append(time.monotonic() - began)
        assert code == 1, code
    best = min(took)
    tell(f"reproduce, {options.old}", f"{best:.1f} s (best of {len(took)})", "at most 20 s", holds=best <= 20)
    alike(options.old, {}, Verdict.VIOLATED, options.runs)


def gate(options: argparse.Namespace) -> None:
    alike(options.new, {GATE: True}, Verdict.PASSED, options.runs)
    alike(options.new, {GATE: False}, Verdict.VIOLATED, options.runs)


def alike(release: str, gates: dict[str, bool], verdict: Verdict, runs: int) -> None:
    began = time.monotonic()
    reports = asyncio.run(run_columns(find(MODE).scenario, [Column(release, gates)], runs))
    wall = time.monotonic() - began
    same = identical(reports)
    right = sum(report.verdict is verdict for report in reports)
    name = f"{release} {' '.join(f'{key}={on}' for key, on in gates.items())}".strip()[:34]
    measured = f"{same.count} of {same.runs} identical, {right} {verdict}, {60 * runs / wall:.0f} a minute"
    tell(name, measured, f"{runs} of {runs}", holds=same.is_all and right == runs)


def control(options: argparse.Namespace) -> None:
    """Seeds without faults, and with jumps of the clock alone: nothing may be found."""
    for name, kinds in (("no faults", {"touch", "scale", "deletePod"}), ("clock alone", {"advance", "touch", "scale"})):
        reports, wall = asyncio.run(seeds(options, frozenset(kinds), options.seeds))
        broken = [report for report in reports if report.verdict is not Verdict.PASSED]
        rate = 60 * len(reports) / wall
        tell(f"{len(reports)} seeds, {name}", f"{len(broken)} violations", "none", holds=not broken)
        tell("trials a minute", f"{rate:.0f}", "at least 15", holds=rate >= 15)


def repeat(options: argparse.Namespace) -> None:
    """Seeds with all faults, three times each."""

    async def whole() -> int:
        count = 0
        async with session() as opened:
            base, profile = await profiled(options, opened)
            for seed in range(1, options.seeds // 4 + 1):
                scenario = generate(base, seed, profile)
                reports = [await opened.run(scenario, Column(options.old)) for _ in range(3)]
                count += identical(reports).is_all
        return count

    total = options.seeds // 4
    same = asyncio.run(whole())
    measured = f"{same} of {total} seeds repeat 3 of 3"
    tell("repeating", measured, "at least 99 %", holds=same >= 0.99 * total)


async def seeds(options: argparse.Namespace, kinds: frozenset[str], count: int) -> tuple[list[Report], float]:
    async with session() as opened:
        base, profile = await profiled(options, opened)
        began = time.monotonic()
        reports = [
            await opened.run(generate(base, seed, profile, kinds=kinds), Column(options.old))
            for seed in range(1, count + 1)
        ]
    return reports, time.monotonic() - began


async def profiled(options: argparse.Namespace, opened: Session) -> tuple[Scenario, Any]:
    base = replace(find(MODE).scenario, steps=(), expect=())
    return base, learn(await opened.run(base, Column(options.old)))


@dataclass(frozen=True, slots=True)
class Load:
    """What a controller manager with these flags is given to do, and how often each way."""

    name: str
    times: int
    flags: tuple[str, ...] = ()


def overhead(options: argparse.Namespace) -> None:
    """A ReplicaSet with the proxy between and without, in turns, by a clock that runs as usual.

    Once as quickly as it goes, where each moment of the proxy counts; and once with the limits that a controller
    manager has where nobody sets them, which make it wait for itself.
    """
    for load in (Load("unlimited", options.times), Load("20 a second", 1, LIMITS)):
        proxied, direct = asyncio.run(both_ways(options.old, load))
        one, other = (statistics.median(found) for found in (proxied, direct))
        measured = f"{one:.2f} s against {other:.2f} s, {100 * (one / other - 1):+.1f} %"
        tell(f"proxy, {PODS} pods, {load.name}", measured, "below 5 %", holds=one / other < 1.05)


async def both_ways(release: str, load: Load) -> tuple[list[float], list[float]]:
    proxied: list[float] = []
    direct: list[float] = []
    order = Order(release, flags=("--concurrent-replicaset-syncs=20", *load.flags))
    async with started(order) as world:
        await world.truth.close()  # here only the proxy counts
        file = kubeconfig_file(home(world.cluster.name), world.order.target)
        for number in range(2 * load.times):
            if number % 2:
                file.write_text(world.cluster.kubeconfig.read_text("utf-8"), "utf-8")
            else:
                write_kubeconfig(file, world.target.proxy.url)
            await world.target.kill()
            world.target.start()
            # Without the proxy nobody can tell when it has got everything.
            await world.target.until_ready(60)
            await asyncio.sleep(5)
            (direct if number % 2 else proxied).append(await creation(world, number, PODS))
    return proxied, direct


async def creation(world: World, number: int, wanted: int) -> float:
    """Seconds from the creation to the last pod, told by the server itself."""
    hands = world.hands_in(f"bench-{number}")
    await hands.furnish()
    base = f"/apis/apps/v1/namespaces/{hands.namespace}/replicasets"
    pods = f"/api/v1/namespaces/{hands.namespace}/pods"
    began = time.monotonic()
    await hands.create(replica_set(wanted))
    while await count(world, pods) < wanted:
        await asyncio.sleep(0.02)
    took = time.monotonic() - began
    for path in (f"{base}/rs", pods):
        await world.connection.send(Request("DELETE", path, body={"gracePeriodSeconds": 0}))
    await asyncio.sleep(5)
    return took


async def count(world: World, path: str) -> int:
    """How many objects there are, without reading them."""
    answer = await world.connection.send(Request("GET", path, (("limit", "1"),)))
    return len(answer.body["items"]) + int(answer.body["metadata"].get("remainingItemCount", 0))


def replica_set(replicas: int) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "rs"}}, "spec": {"containers": [{"name": "main", "image": "pause"}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "rs"}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "rs"}, "spec": spec}


def rest(options: argparse.Namespace) -> None:
    """How long it takes to be sure that nothing goes on."""

    async def whole() -> list[float]:
        async with started(Order(options.old)) as world, world.trial(Blind()) as hands:
            await hands.create(replica_set(5))
            await world.settled()
            took = []
            for _ in range(20):
                began = time.monotonic()
                await world.settled()
                took.append(time.monotonic() - began)
            return took

    took = asyncio.run(whole())
    tell("rest, where nothing goes on", f"{1000 * statistics.median(took):.0f} ms", "exact, not quick", holds=True)


def trace(options: argparse.Namespace) -> None:
    """The same faults on a recorded history, with scheduler and kwok in the loop."""
    steps = (Step(Hold("pods"), Watch("replicasets", Event.ADDED)), *find(MODE).scenario.steps[1:])
    scenario = replace(find(MODE).scenario, steps=steps, setup=Setup(trace=str(options.trace), nodes=10), expect=())
    began = time.monotonic()
    reports = asyncio.run(run_columns(scenario, [Column(options.old)], options.times))
    wall = time.monotonic() - began
    same = identical(reports)
    wrong = [report for report in reports if report.verdict is not Verdict.VIOLATED]
    measured = f"{same.count} of {same.runs} identical, {wall / options.times:.1f} s each"
    tell(f"on {options.trace.name}", measured, "the same scenario on a trace", holds=same.is_all and not wrong)


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "reproduce": reproduce,
    "gate": gate,
    "rest": rest,
    "overhead": overhead,
    "trace": trace,
    "control": control,
    "repeat": repeat,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument("--old", default="1.24.17")
    parser.add_argument("--new", default="1.36.3")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--trace", type=Path, default=TRACE)
    options = parser.parse_args(arguments)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for name in options.only.split(","):
        PARTS[name](options)


if __name__ == "__main__":
    main()
