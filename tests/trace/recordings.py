"""Recordings as they might be: objects come, change and go, and index and lifetimes are true of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from skel.trace.codec import Event, encode_object
from skel.trace.index import spec_hash
from skel.trace.model import Trace

START = 1_700_000_000
WORKLOADS = [("Deployment", "shop", "web"), ("Deployment", "shop", "cart"), ("Deployment", "blog", "web")]
NAMES = [*WORKLOADS, ("Node", "", "node-1"), ("ConfigMap", "blog", "web")]
VERSIONS = {"Deployment": "apps/v1", "Node": "v1", "ConfigMap": "v1"}


def manifest(who: tuple[str, str, str], number: int = 0) -> dict[str, Any]:
    """An object of that kind, namespace and name, in the version of that number."""
    kind, namespace, name = who
    metadata = {"labels": {"app": name}, "name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": VERSIONS[kind], "kind": kind, "metadata": metadata, "spec": {"replicas": number}}


def gvk(who: tuple[str, str, str]) -> str:
    return f"{VERSIONS[who[0]]}.{who[0]}"


def full_name(who: tuple[str, str, str]) -> str:
    return "/".join(word for word in who[1:] if word)


@dataclass
class Recorder:
    """Writes down what it is told, as the recorder does."""

    events: list[Event] = field(default_factory=list)
    index: dict[str, dict[str, int]] = field(default_factory=dict)
    lifecycles: dict[tuple[str, str], dict[int, list[Any]]] = field(default_factory=dict)
    alive: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)

    def event(self, after: int, applied: dict[tuple[str, str, str], int], deleted: list[tuple[str, str, str]]) -> None:
        gone = [self.alive.pop(who) for who in deleted if who in self.alive and who not in applied]
        for who, number in applied.items():
            self.alive[who] = manifest(who, number)
            self.index.setdefault(gvk(who), {})[full_name(who)] = spec_hash(self.alive[who]["spec"])
            if who in WORKLOADS and number:
                pod = {"Finished": [START + after, START + after + number]}
                self.lifecycles.setdefault((gvk(who), full_name(who)), {}).setdefault(number % 2, []).append(pod)
        objects = [encode_object(self.alive[who]) for who in applied]
        self.events.append(Event(START + after, objects, [encode_object(thing) for thing in gone]))

    def trace(self) -> Trace:
        tracked: dict[str, Any] = {gvk(who): {} for who in NAMES}
        return Trace.make(self.events, {"trackedObjects": tracked}, self.index, self.lifecycles)


steps = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.dictionaries(st.sampled_from(NAMES), st.integers(0, 30), max_size=3),
        st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
    ),
    min_size=1,
    max_size=8,
)


@st.composite
def recordings(draw: st.DrawFn) -> Trace:
    recorder, time = Recorder(), 0
    for pause, applied, deleted in draw(steps):
        time += pause
        recorder.event(time, applied, deleted)
    return recorder.trace()


def recorded(*events: tuple[int, dict[tuple[str, str, str], int], list[tuple[str, str, str]]]) -> Trace:
    recorder = Recorder()
    for after, applied, deleted in events:
        recorder.event(after, applied, deleted)
    return recorder.trace()
