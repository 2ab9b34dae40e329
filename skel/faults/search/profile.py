"""What is worth disturbing: learned from a run without faults, not guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from skel.faults.model import Report, Scenario
from skel.patch.values import Json

# What a use can change, and whose changes make a controller look.
_SCALED = frozenset({"ReplicaSet", "Deployment", "StatefulSet", "ReplicationController"})
_OWNING = frozenset({"ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "Job"})


@dataclass(frozen=True, slots=True)
class Workload:
    """An object of the setup that the component acts on."""

    kind: str
    name: str
    replicas: int

    @property
    def is_scaled(self) -> bool:
        return self.kind in _SCALED

    @property
    def owns_pods(self) -> bool:
        return self.kind in _OWNING


@dataclass(frozen=True, slots=True)
class Profile:
    """`own` are the resources that the component writes and watches, the most written first: it must see its own
    writes there. `others` are those that it only watches. `writes` are verb and resource of what it writes.
    """

    own: tuple[str, ...]
    others: tuple[str, ...]
    writes: tuple[tuple[str, str], ...]
    workloads: tuple[Workload, ...]


def learn(report: Report) -> Profile:
    """The profile of the component in a run."""
    written: Counter[str] = Counter()
    for call, times in report.traffic.writes.items():
        written[_resource(call)] += times * (2 if call.startswith(("POST", "DELETE")) else 1)
    if not report.traffic.writes:
        # A world that does not count its traffic: what changed after the setup was written by somebody.
        written.update(it.resource for it in report.revisions)
    watched = set(report.traffic.watches) or set(written)
    own = tuple(name for name, _ in written.most_common() if name in watched)
    calls = tuple((verb, resource) for call in report.traffic.writes for verb, _, resource in (call.partition(" "),))
    return Profile(
        own=own,
        others=tuple(sorted(watched - set(own))),
        writes=calls or tuple(("POST", name) for name in own),
        workloads=tuple(_workloads(report.scenario.setup.manifests)),
    )


def narrowed(profile: Profile, scenario: Scenario) -> Profile:
    """For a scenario with some of the objects."""
    return replace(profile, workloads=tuple(_workloads(scenario.setup.manifests)))


def _resource(call: str) -> str:
    """`pods` of `POST pods/binding`."""
    return call.partition(" ")[2].partition("/")[0]


def _workloads(manifests: Iterable[Json]) -> Iterable[Workload]:
    for thing in manifests:
        kind = thing["kind"]
        if kind in _SCALED or kind in _OWNING:
            yield Workload(kind, thing["metadata"]["name"], (thing.get("spec") or {}).get("replicas", 1))
