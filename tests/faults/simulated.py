"""A tiny world without binaries: a ReplicaSet controller with an informer's cache and expectations, all in one thread.

It has the defect of kubernetes#129795, or with `consistent` the repair of KEP-5647.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from skel.faults.actions import (
    EVERY,
    Action,
    Advance,
    Credit,
    DeletePod,
    Expire,
    Hold,
    Lose,
    Release,
    Restart,
    Scale,
    StaleList,
    Touch,
)
from skel.faults.history import canonical, digest
from skel.faults.model import Event, Report, Revision, Scenario, Setup, Traffic, Verdict
from skel.faults.oracles.jury import Jury
from skel.faults.oracles.known import oracles

EXPECTATIONS = 300.0


def replica_set(replicas: int = 5, name: str = "rs") -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "template": {"metadata": {"labels": {"app": name}}}},
    }


def base(replicas: int = 5, invariants: tuple[str, ...] = ()) -> Scenario:
    return Scenario("simulated", (), Setup(manifests=(replica_set(replicas),)), oracles=invariants)


@dataclass
class _Controller:
    pods: dict[str, bool] = field(default_factory=dict)
    replicas: dict[str, int] = field(default_factory=dict)
    adds: dict[str, int] = field(default_factory=dict)
    since: dict[str, float] = field(default_factory=dict)


@dataclass
class SimulatedWorld:
    """`trial` runs a scenario; `runs` counts. `flaky` fails to leak in every so many runs."""

    consistent: bool = False
    flaky: int = 0
    runs: int = 0

    async def trial(self, scenario: Scenario) -> Report:
        self.runs += 1
        broken = bool(self.flaky) and self.runs % self.flaky == 0
        return _Run(scenario, consistent=self.consistent or broken).report()


class _Run:
    def __init__(self, scenario: Scenario, *, consistent: bool) -> None:
        self.scenario = scenario
        self.consistent = consistent
        self.jury = Jury(oracles(scenario.oracles))
        self.revisions: list[Revision] = []
        self.truth: dict[str, dict[str, Any]] = {}
        self.frames: dict[str, list[tuple[Event, dict[str, Any]]]] = {"pods": [], "replicasets": []}
        self.held: set[str] = set()
        self.stale: set[str] = set()
        self.controller = _Controller()
        self.now = 0.0
        self.step = 0
        self.lose = 0
        self.made = 0
        self.writes: dict[str, int] = {}

    def report(self) -> Report:
        for step in self.scenario.steps[:1]:
            if step.when:
                self._do(step.do)
        for manifest in self.scenario.setup.manifests:
            self._write(
                Event.ADDED,
                {
                    **manifest,
                    "metadata": {**manifest["metadata"], "uid": manifest["metadata"]["name"], "generation": 1},
                },
            )
        self._settle()
        for number, step in enumerate(self.scenario.steps, start=1):
            self.step = number
            if not step.when:
                self._do(step.do)
            self._settle()
        self.step = len(self.scenario.steps) + 1
        self.held.clear()
        self.stale.clear()
        self.lose = 0
        self._settle()
        self.now += 1000
        self._sync_all()
        self._settle()
        self.jury.end()
        moments = canonical(self.scenario, self.revisions)
        found = tuple(self.jury.violations)
        return Report(
            self.scenario,
            "simulated",
            {},
            Verdict.VIOLATED if found else Verdict.PASSED,
            found,
            moments,
            digest(moments),
            tuple(self.revisions),
            traffic=Traffic(self.writes, dict.fromkeys(self.frames, 1)),
        )

    def _do(self, do: Action) -> None:
        match do:
            case Hold(resource=resource):
                self.held |= set(self.frames) if resource == EVERY else {resource}
            case Release(resource=resource):
                self.held -= set(self.frames) if resource == EVERY else {resource}
            case Credit(resource=resource, frames=frames):
                for _ in range(min(frames, len(self.frames.get(resource, ())))):
                    self._deliver(resource)
            case Advance(seconds=seconds):
                self.now += seconds
            case Touch(name=name):
                for thing in self._sets(name):
                    self._write(Event.MODIFIED, thing)
            case Scale(name=name, replicas=replicas):
                for thing in self._sets(name):
                    head = {**thing["metadata"], "generation": thing["metadata"]["generation"] + 1}
                    self._write(
                        Event.MODIFIED, {**thing, "metadata": head, "spec": {**thing["spec"], "replicas": replicas}}
                    )
            case Lose(times=times):
                self.lose += times
            case DeletePod(owner=owner):
                pods = [
                    pod
                    for pod in self._pods()
                    if pod["metadata"]["ownerReferences"][0]["name"] == owner.partition("/")[2]
                ]
                for pod in pods[:1]:
                    self._write(Event.DELETED, pod)
            case StaleList():
                self.stale.add("pods")
            case Restart():
                self._restart()
            case Expire() | _:
                pass

    def _restart(self) -> None:
        """A new process lists everything before it acts; a stale list of pods is an empty one."""
        self.controller = _Controller()
        self.frames = {"pods": [], "replicasets": []}
        if "pods" not in self.stale:
            self.controller.pods = {pod["metadata"]["uid"]: True for pod in self._pods()}
        self.frames["replicasets"] += [(Event.ADDED, thing) for thing in self._sets()]

    def _sets(self, name: str = "") -> Iterator[dict[str, Any]]:
        return (
            it
            for it in tuple(self.truth.values())
            if it["kind"] == "ReplicaSet" and name in {"", it["metadata"]["name"]}
        )

    def _pods(self) -> list[dict[str, Any]]:
        return [it for it in self.truth.values() if it["kind"] == "Pod"]

    def _write(self, event: Event, thing: dict[str, Any]) -> None:
        key = thing["metadata"]["uid"]
        resource = "pods" if thing["kind"] == "Pod" else "replicasets"
        if event is Event.DELETED:
            self.truth.pop(key)
        else:
            self.truth[key] = thing
        revision = Revision(len(self.revisions) + 1, self.step, self.now, event, resource, thing)
        self.revisions.append(revision)
        self.jury.see(revision)
        self.frames[resource].append((event, thing))

    def _settle(self) -> None:
        while any(self.frames[name] and name not in self.held for name in self.frames):
            for name in ("replicasets", "pods"):
                while self.frames[name] and name not in self.held:
                    self._deliver(name)

    def _deliver(self, resource: str) -> None:
        event, thing = self.frames[resource].pop(0)
        here, uid = self.controller, thing["metadata"]["uid"]
        if resource == "replicasets":
            here.replicas[uid] = thing["spec"]["replicas"]
            self._observe(thing)
            self._sync(uid)
            return
        over = thing["metadata"]["ownerReferences"][0]["uid"]
        if event is Event.DELETED:
            here.pods.pop(uid, None)
        elif uid not in here.pods:
            here.pods[uid] = True
            here.adds[over] = max(here.adds.get(over, 0) - 1, 0)
        self._sync(over)

    def _observe(self, thing: dict[str, Any]) -> None:
        """The controller says in the status which spec it has seen; that write makes no frame here."""
        self.truth[thing["metadata"]["uid"]]["status"] = {"observedGeneration": thing["metadata"]["generation"]}

    def _sync_all(self) -> None:
        for uid in self.controller.replicas:
            self._sync(uid)

    def _sync(self, uid: str) -> None:
        here = self.controller
        waits = here.adds.get(uid, 0) > 0
        if uid not in here.replicas or (waits and (self.consistent or self.now - here.since[uid] < EXPECTATIONS)):
            return
        mine = [pod for pod in here.pods if self._owner(pod) in {uid, ""}]
        diff = here.replicas[uid] - len(mine)
        if diff > 0:
            here.adds[uid], here.since[uid] = diff, self.now
            lost = sum([self._create(uid) for _ in range(diff)])
            here.adds[uid] -= lost
            if lost:
                self._sync(uid) if not here.adds[uid] else None
        for pod in mine[: max(-diff, 0)]:
            here.pods.pop(pod)
            if pod in self.truth:
                self.writes["DELETE pods"] = self.writes.get("DELETE pods", 0) + 1
                self._write(Event.DELETED, self.truth[pod])

    def _owner(self, pod: str) -> str:
        return str(self.truth[pod]["metadata"]["ownerReferences"][0]["uid"]) if pod in self.truth else ""

    def _create(self, uid: str) -> bool:
        """Make a pod; True if the answer got lost, so that the controller makes it once more."""
        self.made += 1
        self.writes["POST pods"] = self.writes.get("POST pods", 0) + 1
        reference = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": uid, "uid": uid, "controller": True}
        head = {"name": f"{uid}-{self.made}", "uid": f"pod-{self.made}", "ownerReferences": [reference]}
        self._write(Event.ADDED, {"apiVersion": "v1", "kind": "Pod", "metadata": head})
        if self.lose:
            self.lose -= 1
            return True
        return False
