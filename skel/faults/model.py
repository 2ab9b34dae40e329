"""What a scenario says and what a run of it gives: pure values that the world, the oracles and the search share.

Actions are in `skel.faults.actions`. The canonical history is made by `skel.faults.history` of what is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, ClassVar

from skel.faults.actions import Action
from skel.patch.values import Json

CONTROLLER_MANAGER = "kube-controller-manager"


class Event(StrEnum):
    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    ANY = "any"


# --- triggers: logical events only. `nth` counts from the beginning of the run, so that a step that takes long to come
# can't miss what it waits for: one that happened already fires at once.


@dataclass(frozen=True, slots=True)
class Watch:
    """The nth frame of a resource comes for the component. The step is done before the frame is delivered."""

    word: ClassVar[str] = "watch"
    resource: Annotated[str, "plural name, `pods`"]
    event: Annotated[Event, "what the frame tells"] = Event.ANY
    nth: Annotated[int, "from 1, counted from the beginning of the run"] = 1
    name: Annotated[str, "of the object; empty for any"] = ""


@dataclass(frozen=True, slots=True)
class Writes:
    """The component sends the nth request of this form. The step is done when the server has answered and the component
    has not heard it yet; with `before`, when the request has not come to the server yet.
    """

    word: ClassVar[str] = "writes"
    resource: Annotated[str, "plural name, or `pods/binding`"]
    verb: Annotated[str, "method"] = "POST"
    nth: Annotated[int, "from 1, counted from the beginning of the run"] = 1
    agent: Annotated[str, "only requests whose User-Agent contains this"] = ""
    before: Annotated[bool, "when it has not come to the server yet"] = False


Trigger = Watch | Writes
TRIGGERS: tuple[type[Trigger], ...] = (Watch, Writes)


@dataclass(frozen=True, slots=True)
class Step:
    """Without a trigger it is done once the one before it has settled. `line` is its place in the file, from 1."""

    do: Action
    when: Trigger | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Setup:
    """What is there at the beginning: manifests, created in this order in the namespace of the trial, and simulated
    nodes; or the first `events` of a trace (0: all).

    Steps with a trigger may fire while it is made; the first step without one waits until all of it has settled.
    """

    manifests: tuple[Json, ...] = ()
    trace: str = ""
    events: int = 0
    nodes: int = 0


class Verdict(StrEnum):
    PASSED = "passed"
    VIOLATED = "violated"
    NEVER_TRIGGERED = "never-triggered"
    DIED = "died"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a run gives on a release (`1.24`, `1.24.17`; empty: any) with such gates. The first that fits counts."""

    verdict: Verdict
    kubernetes: str = ""
    gates: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    oracle: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One experiment. `target` is the component behind the proxy and the moved clock, `beside` are others that run
    without faults (`kube-scheduler`, `kwok`); `flags` are further ones of the target.

    `oracles` are their names, with a bound for liveness: `converges<60s`; none means all that are known.
    """

    name: str
    steps: tuple[Step, ...]
    setup: Setup = field(default_factory=Setup)
    title: str = ""
    seed: int = 0
    target: str = CONTROLLER_MANAGER
    beside: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    kubernetes: tuple[str, ...] = ()
    gates: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    oracles: tuple[str, ...] = ()
    expect: tuple[Expectation, ...] = ()
    links: tuple[str, ...] = ()
    file: str = field(default="", compare=False)

    @property
    def is_legal(self) -> bool:
        return all(step.do.is_legal for step in self.steps)


# --- what happens


@dataclass(frozen=True, slots=True)
class Revision:
    """A change in etcd, as the world's own watch saw it (past the proxy), in the order of resource versions.

    `number` counts from 1 in the trial, over all resources. `step` is that which was done last (0: the setup; one more
    than there are steps: all faults lifted). `at` are seconds of the target's virtual clock since the beginning.
    `object` is whole, but for managedFields; of a deleted one its last state. `resource` is `pods`, `replicasets`...
    """

    number: int
    step: int
    at: float
    event: Event
    resource: str
    object: Json


@dataclass(frozen=True, slots=True)
class Happening:
    """Something in a lane of the report. `at` are real seconds since the beginning: for people, never compared.

    `what`: step, held, released, delivered, request, lost, failed, jump, paused, resumed, killed, started,
    disconnected.
    """

    at: float
    step: int
    lane: str
    what: str
    text: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Violation:
    """`object` is its canonical name (`ReplicaSet/rs`); `revision` the number of that which broke it, 0 for the end."""

    oracle: str
    message: str
    object: str = ""
    revision: int = 0
    step: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """A part of the canonical history: what the steps since the last rest made of the objects.

    `step` is the last of them, `what` says them. Names are owner and ordinal of creation (`Pod ReplicaSet/rs#3`), so
    that runs can be compared.
    """

    step: int
    what: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the target did in a run, as its proxy counted it: how often it wrote (`POST pods`), and how many frames came
    on its watches (`pods`). The search holds what a component both writes and watches.
    """

    writes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    watches: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Report:
    """A run. `sha256` is that of the moments; `never_triggered` is the step (from 1) whose trigger did not come, or 0.

    `happenings` and `wall` (seconds) are for people. `log` is the end of the component's log where it died. `clock`
    says how time was moved: `virtual`, or `real` where there was real waiting.
    """

    scenario: Scenario
    kubernetes: str
    gates: Mapping[str, bool]
    verdict: Verdict
    violations: tuple[Violation, ...]
    moments: tuple[Moment, ...]
    sha256: str
    revisions: tuple[Revision, ...] = ()
    happenings: tuple[Happening, ...] = ()
    traffic: Traffic = field(default_factory=Traffic)
    wall: float = 0.0
    never_triggered: int = 0
    log: str = ""
    clock: str = "virtual"

    @property
    def is_legal(self) -> bool:
        return self.scenario.is_legal
