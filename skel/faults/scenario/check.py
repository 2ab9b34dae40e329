"""What a scenario says and can't mean: `skel lint` for scenarios."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from skel.faults.actions import (
    EVERY,
    Action,
    Advance,
    Apply,
    Credit,
    Delay,
    Delete,
    DeletePod,
    Evict,
    Hold,
    Release,
    Restart,
    Scale,
    SetPhase,
    Touch,
)
from skel.faults.model import CONTROLLER_MANAGER, Event, Scenario, Step, Watch, Writes
from skel.faults.oracles.converges import Converges
from skel.faults.oracles.known import RESOURCES, is_known
from skel.faults.scenario.codes import (
    CANNOT_OCCUR,
    NEVER_RELEASED,
    NO_FAULT,
    NO_TOUCH,
    NOTHING_HELD,
    UNKNOWN_OBJECT,
    UNKNOWN_ORACLE,
    UNKNOWN_RESOURCE,
)
from skel.faults.scenario.parse import Parsed, illegal_steps
from skel.kube.release import minors, served
from skel.language.diagnostic import Diagnostic
from skel.language.nearest import nearest
from skel.language.text import Span

Found = Iterator[Diagnostic]
_LOOKS = (Touch, Scale, Apply, Delete, DeletePod, Evict, SetPhase, Credit, Release, Restart)
_WAITING = frozenset({"ReplicaSet", "ReplicationController", "Deployment", "StatefulSet", "DaemonSet", "Job"})
_TOUCHED = "nothing requeues most objects when time passes: follow it with `touch`, `credit` or another change"


def check(parsed: Parsed) -> tuple[Diagnostic, ...]:
    """Everything, in the order of the file: what keeps it from being read, and what it can't mean."""
    found = [*parsed.diagnostics, *illegal_steps(parsed)]
    if parsed.scenario is not None:
        found += [*_steps(parsed.scenario, parsed), *_oracles(parsed.scenario, parsed)]
    return tuple(sorted(dict.fromkeys(found), key=lambda it: (it.span.start, it.code)))


@dataclass(slots=True)
class _Walk:
    """What holds when a step is done: what is held and where, and whom there is by kind and name."""

    held: dict[str, Span] = field(default_factory=dict)
    there: set[tuple[str, str]] = field(default_factory=set)
    is_open: bool = False

    def is_held(self, resource: str) -> bool:
        return resource in self.held or EVERY in self.held or (resource == EVERY and bool(self.held))


def _steps(scenario: Scenario, parsed: Parsed) -> Found:
    walk = _Walk(is_open=bool(scenario.setup.trace))
    walk.there = {(it["kind"], it["metadata"]["name"]) for it in scenario.setup.manifests}
    for number, (step, (place, when)) in enumerate(zip(scenario.steps, parsed.steps, strict=True)):
        yield from _resources(step, place, when)
        if step.when is not None and when is not None:
            yield from _trigger(step.when, when, walk)
        yield from _action(step.do, place, walk)
        waits = isinstance(step.do, Advance) and _has_no_timer(scenario, walk)
        if waits and not _is_looked_at(scenario.steps[number + 1 :]):
            yield NO_TOUCH.at(place, "nothing makes the component look after the clock has moved", _TOUCHED)
    if scenario.steps and not any(step.do.is_fault for step in scenario.steps):
        yield NO_FAULT.at(parsed.steps[0][0], "no step of it is a fault")
    if any(name.startswith(Converges.name) for name in scenario.oracles):
        for resource, place in walk.held.items():
            hint = f"`do: {{release: {resource}}}`; the end of the steps does it otherwise"
            yield NEVER_RELEASED.at(place, f"`{resource}` is never released, and liveness is asked", hint)


def _has_no_timer(scenario: Scenario, walk: _Walk) -> bool:
    """Whether all that the component acts on waits for events. CronJobs and whatever a trace brings wait for times."""
    return (
        scenario.target == CONTROLLER_MANAGER
        and not walk.is_open
        and bool(walk.there)
        and {kind for kind, _ in walk.there} <= _WAITING
    )


def _is_looked_at(after: tuple[Step, ...]) -> bool:
    """Whether something makes the component look: at once, or after further jumps."""
    return any(isinstance(step.do, _LOOKS) for step in after)


def _resources(step: Step, place: Span, when: Span | None) -> Found:
    said = [(getattr(step.do, "resource", ""), place), (getattr(step.when, "resource", ""), when or place)]
    known = {served_kind.resource for minor in minors() for served_kind in served(minor).values()}
    for resource, span in said:
        plain = resource.partition("/")[0].partition(".")[0]
        if plain and plain != EVERY and plain not in known:
            near = nearest(plain, known)
            hint = f"did you mean `{near}`?" if near else "the plural name, as in `pods`"
            yield UNKNOWN_RESOURCE.at(span, f"no release of Kubernetes serves `{resource}`", hint)


def _trigger(when: Watch | Writes, place: Span, walk: _Walk) -> Found:
    if isinstance(when, Writes):
        return
    if walk.is_held(when.resource):
        yield CANNOT_OCCUR.at(place, f"`{when.resource}` is held: no event of it comes to the component")
        return
    kind = {resource: kind for _, kind, resource in RESOURCES}.get(when.resource)
    made = {name for known, name in walk.there if known == kind}
    if walk.is_open or kind is None or kind in _MADE_BY_OTHERS:
        return
    if not made:
        yield CANNOT_OCCUR.at(place, f"nothing makes a {kind} before this step")
    elif when.name and when.name not in made:
        yield CANNOT_OCCUR.at(
            place, f"nothing makes a {kind} called `{when.name}`", f"there is {', '.join(sorted(made))}"
        )
    elif when.event is Event.ADDED and when.nth > len(made):
        yield CANNOT_OCCUR.at(place, f"only {len(made)} of {when.resource} are made before this step")


# What controllers, the scheduler and kwok make.
_MADE_BY_OTHERS = frozenset({"Pod", "Node", "Lease", "ReplicaSet", "Job"})


def _action(do: Action, place: Span, walk: _Walk) -> Found:
    match do:
        case Hold(resource=resource) | Delay(resource=resource):
            walk.held[resource] = place
        case Release(resource=resource):
            if not walk.is_held(resource):
                yield NOTHING_HELD.at(place, f"`{resource}` is not held here")
            walk.held = {} if resource == EVERY else {key: it for key, it in walk.held.items() if key != resource}
        case Credit(resource=resource):
            if not walk.is_held(resource):
                yield NOTHING_HELD.at(place, f"`{resource}` is not held here")
        case Apply(manifest=manifest):
            walk.there.add((manifest["kind"], manifest["metadata"]["name"]))
        case Touch(kind=kind, name=name) | Scale(kind=kind, name=name) | Delete(kind=kind, name=name):
            yield from _object(kind, name, place, walk)
        case DeletePod(owner=owner) | Evict(owner=owner) | SetPhase(owner=owner):
            kind, _, name = owner.partition("/")
            yield from _object(kind, name, place, walk)
        case _:
            pass


def _object(kind: str, name: str, place: Span, walk: _Walk) -> Found:
    names = {known for there, known in walk.there if there == kind}
    if walk.is_open or (kind in _MADE_BY_OTHERS and not names):
        return
    if not names or (name and name not in names):
        hint = f"there is {', '.join(sorted(names))}" if names else ""
        yield UNKNOWN_OBJECT.at(place, f"nothing makes a {kind} {f'called `{name}` ' if name else ''}before", hint)


def _oracles(scenario: Scenario, parsed: Parsed) -> Found:
    for name, place in zip(scenario.oracles, parsed.invariants, strict=True):
        if not is_known(name):
            yield UNKNOWN_ORACLE.at(place, f"there is no oracle `{name}`", "`skel fault list --oracles` shows them")
