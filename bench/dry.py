"""How many objects a second a dry replay makes, and the dry target in it judges, on generated histories.

    python -m bench.dry [--objects 20000] [--minor 1.25] [--runs 3] [--trace recorded.sktrace]

What counts is how often a spec was seen before: a judgement is remembered by the bytes of the spec. So there are three
histories: every object with a spec of its own, specs of which most come again (replicas go up and down, images move
on), and the same objects again. The floor is what msgspec needs to decode the same objects from MessagePack.

A whole replay reads a trace, schedules, marks and judges its objects, and leaves a run folder. Its histories are of few
objects that change often: only in their metadata; a tenth of the time to a state that is new; each time to a new state,
as a trace has it that was recorded because of the spec; and last of objects that come but once. Each runs in a process
of its own, as for a user, behind a small one that loads what is loaded once; what counts is the time on the clock,
since other processes help. `taskset -c 0` shows what one processor does. With a recorded trace, that is played instead,
over and over until there are as many objects.
"""

from __future__ import annotations

import argparse
import copy
import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from bench.objects import NAMESPACES, Cluster
from skel.client.request import APPLY, Request
from skel.kube.release import lookup
from skel.replay.driver import Driver
from skel.replay.dry.target import DryTarget
from skel.replay.plan import Plan
from skel.replay.result import RunResult
from skel.replay.run_folder import RunFolder
from skel.replay.running import play
from skel.replay.schedule import Window
from skel.replay.target import Target
from skel.trace.codec import Event, encode_object
from skel.trace.model import Trace

Json = Any
_KINDS = (("apps/v1", "Deployment"), ("batch/v1", "CronJob"), ("v1", "ConfigMap"), ("apps/v1", "Deployment"))
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle")
_CHANGES = 40
"""How often each object changes in a busy history; a tenth of the changes is a new spec."""


@dataclass(frozen=True, slots=True)
class History:
    name: str
    requests: list[Request]

    @property
    def bytes_each(self) -> float:
        return sum(len(msgspec.msgpack.encode(request.body)) for request in self.requests) / len(self.requests)


def manifest(random: Random, number: int) -> Json:
    """An object as the driver sends it: without status, and one that a server takes."""
    api_version, kind = _KINDS[number % len(_KINDS)]
    namespace = NAMESPACES[number % len(NAMESPACES)]
    made = Cluster(random).object(api_version, kind, namespace, f"app-{number:x}")
    made.pop("status", None)
    repair(made)
    return made


def repair(value: Json) -> None:
    """The generator does not care for what servers refuse: init containers with probes, tolerations with seconds."""
    if isinstance(value, list):
        for item in value:
            repair(item)
    elif isinstance(value, dict):
        value.pop("tolerations", None)
        for number, container in enumerate(value.get("initContainers") or ()):
            container["name"] = f"init-{number}"
            for probe in _PROBES:
                container.pop(probe, None)
        for item in value.values():
            repair(item)


def request(body: Json, minor: str) -> Request:
    entry = lookup(body["apiVersion"], body["kind"], minor)
    assert entry is not None
    prefix = "/apis/" if "/" in body["apiVersion"] else "/api/"
    meta = body["metadata"]
    path = f"{prefix}{body['apiVersion']}/namespaces/{meta['namespace']}/{entry.resource}/{meta['name']}"
    return Request("PATCH", path, (("fieldManager", "skel"), ("force", "true")), body, APPLY)


def new_specs(count: int) -> Iterator[Json]:
    random = Random(1)
    return (manifest(random, number) for number in range(count))


def moved_on(random: Random, body: Json) -> Json:
    """The same object in another state: scaled, with a new image or schedule, or with another value."""
    spec = {**body.get("spec", {})}
    match body["kind"]:
        case "ConfigMap":
            return {**body, "data": {**body["data"], "changed.yaml": random.randbytes(64).hex()}}
        case "CronJob" if random.random() < 0.5:
            return {**body, "spec": {**spec, "schedule": f"{random.randrange(60)} {random.randrange(24)} * * *"}}
        case "Deployment" if random.random() < 0.5:
            return {**body, "spec": {**spec, "replicas": random.randrange(1000)}}
        case _:
            return with_image(body, f"registry.example.com/team/app:{random.randrange(10**6)}")


def with_image(body: Json, image: str) -> Json:
    """The same object, with another image in its first container."""
    made = copy.deepcopy(body)
    spec = made["spec"]
    spec.get("jobTemplate", made)["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return made


def drawn_anew(count: int) -> Iterator[Json]:
    """Few objects that change often, mostly between the same few states, which have nothing in common."""
    return changing(count, lambda random, number, _: manifest(random, number))


def busy(count: int) -> Iterator[Json]:
    """Few objects that change often, mostly between the same few states: replicas go up and down, images move on."""
    return changing(count, lambda random, _, body: moved_on(random, body))


def changing(count: int, other: Callable[[Random, int, Json], Json], specs: int = _CHANGES // 10) -> Iterator[Json]:
    """Objects between states; `other` makes another state of the object with a number."""
    random = Random(2)
    states = []
    for number in range(max(count // _CHANGES, 1)):
        first = manifest(random, number)
        states.append([first, *(other(random, number, first) for _ in range(specs - 1))])
    for step in range(count):
        known = random.choice(states)
        body = random.choice(known)
        labels = {**body["metadata"].get("labels", {}), "step": str(step)}
        yield {**body, "metadata": {**body["metadata"], "labels": labels}}


def measure(target: DryTarget, requests: list[Request]) -> tuple[float, Counter[int]]:
    """Seconds of CPU, and the answers by status."""
    found: Counter[int] = Counter()
    # The whole history lies in memory here; a replay reads it bit by bit. The collector should not walk over it.
    gc.collect()
    gc.freeze()
    begin = time.process_time()
    for one in requests:
        found[target.answer(one).status] += 1
    return time.process_time() - begin, found


def fresh(minor: str) -> DryTarget:
    target = DryTarget(minor)
    for name in NAMESPACES:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        target.answer(Request("POST", "/api/v1/namespaces", (), body))
    # The types of the kinds are made when the first object comes.
    measure(target, [request(body, minor) for body in new_specs(len(_KINDS))])
    return target


def settled(count: int) -> Iterator[Json]:
    """Few objects whose metadata changes often."""
    return changing(count, lambda *_: None, specs=1)


def moving(count: int) -> Iterator[Json]:
    """Few objects that change often, each time to a state that nobody has seen."""
    random = Random(3)
    states = [manifest(random, number) for number in range(max(count // _CHANGES, 1))]
    for _ in range(count):
        number = random.randrange(len(states))
        states[number] = moved_on(random, states[number])
        yield states[number]


HISTORIES: dict[str, Callable[[int], Iterator[Json]]] = {
    "only metadata changes": settled,
    "a tenth are new states": busy,
    "a tenth, drawn anew": drawn_anew,
    "each is a new state": moving,
    "every spec is new": new_specs,
}


@dataclass(frozen=True, slots=True)
class Whole:
    """A replay; the journal is in bytes, and the time in seconds on the clock."""

    objects: int
    seconds: float
    journal: int
    rejected: int

    @property
    def rate(self) -> float:
        """Objects a second."""
        return self.objects / self.seconds


def replayed(trace: Path, minor: str) -> tuple[float, RunResult]:
    """Seconds from the file of a trace to a run folder beside it, and what became of the run."""

    async def opened() -> Target:
        return DryTarget(minor)

    gc.collect()
    begin = time.perf_counter()
    plan = Plan(Trace.open(str(trace)), "bench", inputs=(str(trace),), window=Window(speed=None))
    result = play(opened, lambda target: Driver(plan, target, folder=RunFolder(trace.with_suffix(""))))
    return time.perf_counter() - begin, result


Write = Callable[[str, int, Path], None]


def _write(name: str, count: int, path: Path) -> None:
    events = [Event(number, [encode_object(body)], []) for number, body in enumerate(HISTORIES[name](count))]
    Trace.make(events, {"trackedObjects": {}}, {}, {}).save(str(path))


def _measured(path: Path, minor: str) -> Whole:
    warm = path.with_name("warm.sktrace")
    _write("every spec is new", 10 * len(_KINDS), warm)
    replayed(warm, minor)
    seconds, result = replayed(path, minor)
    journal = (path.with_suffix("") / "requests.jsonl").stat().st_size
    return Whole(result.counts.steps, seconds, journal, result.counts.rejected)


def _write_again(recorded: str, count: int, path: Path) -> None:
    """The events of a trace, over and over, one time behind the other."""
    trace = Trace.open(recorded)
    length = trace.end - trace.start + 1
    objects = sum(len(event.applied_objs) + len(event.deleted_objs) for event in trace.events)
    events = [
        Event(event.ts + turn * length, event.applied_objs, event.deleted_objs)
        for turn in range(-(-count // max(objects, 1)))
        for event in trace.events
    ]
    Trace.make(events, trace.config, {}, {}).save(str(path))


def whole(name: str, count: int, minor: str, runs: int = 1, write: Write = _write) -> list[Whole]:
    """Write the trace of a history, and replay it so often; the fastest comes first."""
    fresh = partial(ProcessPoolExecutor, 1, get_context("spawn"), max_tasks_per_child=1)
    found = []
    for _ in range(runs):
        with TemporaryDirectory() as folder, fresh() as processes:
            path = Path(folder) / "history.sktrace"
            processes.submit(write, name, count, path).result()
            found.append(processes.submit(_measured, path, minor).result())
    return sorted(found, key=lambda one: one.seconds)


def show_whole(name: str, found: list[Whole]) -> None:
    best, worst = found[0], found[-1]
    print(
        f"{name:22} {best.rate:9,.0f} objects/s {1e6 / best.rate:7.1f} us each, the slowest run {worst.rate:9,.0f}  "
        f"{best.journal / best.objects:6,.0f} bytes of journal  {best.rejected} rejected"
    )


def floor(requests: list[Request]) -> float:
    """Seconds of CPU to decode the bodies."""
    decode: Callable[[bytes], Json] = msgspec.msgpack.Decoder().decode
    raws = [msgspec.msgpack.encode(one.body) for one in requests]
    begin = time.process_time()
    for raw in raws:
        decode(raw)
    return time.process_time() - begin


def show(name: str, seconds: float, history: History, statuses: Counter[int]) -> None:
    count, least = len(history.requests), floor(history.requests)
    rejected = sum(number for status, number in statuses.items() if status >= 400)
    print(
        f"{name:22} {count / seconds:9,.0f} objects/s {seconds / count * 1e6:7.1f} us each "
        f"{seconds / least:5.1f} x decoding  {history.bytes_each:6,.0f} bytes  {rejected} rejected"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the dry target.")
    parser.add_argument("--objects", type=int, default=20_000)
    parser.add_argument("--minor", default="1.25")
    parser.add_argument("--runs", type=int, default=3, help="How often each whole replay is made.")
    parser.add_argument("--trace", help="A trace to replay over and over, in place of generated histories.")
    given = parser.parse_args()
    if given.trace:
        found = whole(given.trace, given.objects, given.minor, given.runs, _write_again)
        show_whole(Path(given.trace).stem, found)
        return
    for name, bodies in (("every spec is new", new_specs), ("a tenth are new states", busy)):
        history = History(name, [request(body, given.minor) for body in bodies(given.objects)])
        target = fresh(given.minor)
        seconds, statuses = measure(target, history.requests)
        show(name, seconds, history, statuses)
    seconds, statuses = measure(target, history.requests)
    show("the same once more", seconds, history, statuses)
    print("whole replays, from a trace to a run folder")
    for name in HISTORIES:
        show_whole(name, whole(name, given.objects, given.minor, given.runs))


if __name__ == "__main__":
    main()
