"""Writes a synthetic trace of any size: same options, same bytes.

python -m bench.generate --events 100000 -o big.sktrace

Event 0 is the empty marker that a recorder writes, event 1 a snapshot; every other event creates, updates or deletes
`--objs` objects on average.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import BinaryIO

import msgpack

from bench.objects import APPS, KINDS, NAMESPACES, Cluster, Fields, Json

START = 1709241485
FLUSH_EVERY = 200

POD_PATHS = {
    "apps/v1.Deployment": "/spec/template",
    "apps/v1.StatefulSet": "/spec/template",
    "batch/v1.CronJob": "/spec/jobTemplate/spec/template",
    "batch/v1beta1.CronJob": "/spec/jobTemplate/spec/template",
    "batch/v1.Job": "/spec/template",
}


@dataclass(frozen=True, slots=True)
class Options:
    """`events`: how many; `objects`: mean of one event; `snapshot`: objects that exist at the start."""

    events: int
    objects: int = 1
    seed: int = 1
    snapshot: int = 20


@dataclass(frozen=True, slots=True)
class Identity:
    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def gvk(self) -> str:
        return f"{self.api_version}.{self.kind}"

    @property
    def key(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(slots=True)
class History:
    """What the generator remembers: who is alive, and the derived parts of the trace."""

    cluster: Cluster
    alive: list[Identity] = field(default_factory=list)
    index: dict[str, dict[str, int]] = field(default_factory=dict)
    lifecycles: dict[tuple[str, str], Json] = field(default_factory=dict)
    created: int = 0

    def make(self, identity: Identity) -> Fields:
        return self.cluster.object(identity.api_version, identity.kind, identity.namespace, identity.name)

    def create(self) -> Fields:
        random = self.cluster.random
        self.created += 1
        api_version, kind, _ = random.choices(KINDS, [weight for _, _, weight in KINDS])[0]
        name = f"{random.choice(APPS)}-{random.choice(APPS)}-{self.created:x}"
        identity = Identity(api_version, kind, random.choice(NAMESPACES), name)
        self.alive.append(identity)
        self.index.setdefault(identity.gvk, {})[identity.key] = random.getrandbits(64)
        if kind in {"Job", "CronJob"} and self.cluster.chance(0.6):
            self.lifecycles[identity.gvk, identity.key] = {random.getrandbits(64): list(self.lifetimes())}
        return self.make(identity)

    def update(self) -> Fields:
        return self.make(self.cluster.random.choice(self.alive))

    def delete(self) -> Fields:
        position = self.cluster.random.randrange(len(self.alive))
        self.alive[position], self.alive[-1] = self.alive[-1], self.alive[position]
        return self.make(self.alive.pop())

    def lifetimes(self) -> Iterator[Json]:
        random = self.cluster.random
        start = START + random.randint(0, 3600)
        for number in range(random.randint(1, 4)):
            begin = start + number * 60
            yield {"Finished": [begin, begin + random.randint(5, 55)]}
        if self.cluster.chance(0.3):
            yield {"Running": start + 900}

    def event(self, mean: int) -> tuple[list[Fields], list[Fields]]:
        applied: list[Fields] = []
        deleted: list[Fields] = []
        for _ in range(self.cluster.random.randint(1, 2 * mean - 1)):
            form = self.cluster.random.random()
            if form < 0.55 or not self.alive:
                applied.append(self.create())
            elif form < 0.85:
                applied.append(self.update())
            else:
                deleted.append(self.delete())
        return applied, deleted


def config() -> Fields:
    tracked = {
        gvk: {"podSpecTemplatePaths": [path]} | ({"trackLifecycle": True} if gvk.startswith("batch/") else {})
        for gvk, path in POD_PATHS.items()
    }
    return {"trackedObjects": tracked}


def events(history: History, options: Options) -> Iterator[Fields]:
    ts = START
    yield {"ts": ts, "applied_objs": [], "deleted_objs": []}
    yield {"ts": ts, "applied_objs": [history.create() for _ in range(options.snapshot)], "deleted_objs": []}
    for _ in range(2, options.events):
        ts += history.cluster.random.randint(1, 20)
        applied, deleted = history.event(options.objects)
        yield {"ts": ts, "applied_objs": applied, "deleted_objs": deleted}


def write_trace(out: BinaryIO, options: Options) -> None:
    """Writes a version 2 trace of `options.events` events (at least two), holding few of them in memory."""
    history = History(Cluster(Random(options.seed)))
    packer = msgpack.Packer(autoreset=False)
    packer.pack_map_header(5)
    head: tuple[Json, ...] = ("version", 2, "config", config(), "events")
    for value in head:
        packer.pack(value)
    packer.pack_array_header(options.events)
    for number, event in enumerate(events(history, options)):
        packer.pack(event)
        if number % FLUSH_EVERY == 0:
            out.write(packer.bytes())
            packer.reset()
    tail: tuple[Json, ...] = ("index", history.index, "pod_lifecycles", history.lifecycles)
    for value in tail:
        packer.pack(value)
    out.write(packer.bytes())


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a synthetic trace.")
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--objs", type=int, default=1, help="objects of an event, on average")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--snapshot", type=int, default=20, help="objects at the start")
    parser.add_argument("-o", "--out", type=Path, required=True)
    given = parser.parse_args()
    options = Options(max(2, given.events), given.objs, given.seed, given.snapshot)
    with given.out.open("wb") as out:
        write_trace(out, options)
    print(f"{given.out}: {options.events} events, {given.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
