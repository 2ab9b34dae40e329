"""The naive interpreter: `docs/language/semantics.md` written down as plainly as possible.

It shares nothing with `skel/compiler` and `skel/engine` but the tree and the parsers of Kubernetes values. It is slow
on purpose: each command visits the whole trace, each path starts at the root again, and a place is only a pointer.
The parts: this file runs commands on a trace, `oracle_object.py` changes one object, `oracle_look.py` reads one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from skel.language import ast
from tests.oracle_functions import Json, fresh
from tests.oracle_look import Ambiguous, Look, enter, holds, one
from tests.oracle_object import Gone, change

__all__ = ["Ambiguous", "Found", "Outcome", "interpret"]

OBJECT_LISTS = ("applied_objs", "deleted_objs")


@dataclass(frozen=True)
class Found:
    """A finding of `require` or `deny`."""

    rule: str
    ts: int
    list: str
    object: Json
    message: str


@dataclass
class Outcome:
    """`skips` are for each object the rules that skipped something on it."""

    events: list[Json]
    skips: list[set[str]] = field(default_factory=list)
    findings: list[Found] = field(default_factory=list)


@dataclass(frozen=True)
class World:
    """What a program may know besides the trace."""

    tracked: Mapping[str, Json]
    targets: Mapping[str, str]
    key: bytes
    applied: list[Json] = field(default_factory=list)


Named = tuple[str, ast.Command]
"""A command and the rule that it belongs to."""


def interpret(
    module: ast.ResolvedModule,
    events: Sequence[Json],
    tracked: Mapping[str, Json] | None = None,
    targets: Mapping[str, str] | None = None,
    key: bytes = b"",
) -> Outcome:
    """Run the rules on events `{"ts", "applied_objs", "deleted_objs"}`; the events given are left alone.

    `tracked` is `config.trackedObjects`, `targets` a version for each component, `key` that of `pseudonym`.
    Raises Ambiguous where a value should be one and is several.
    """
    outcome = Outcome(fresh(list(events)))
    commands = [(rule.id, command) for rule in module.rules for command in rule.commands]
    for on_trace, group in itertools.groupby(commands, key=lambda named: isinstance(named[1], ast.TraceCommand)):
        applied = fresh([obj for event in outcome.events for obj in event["applied_objs"]])
        world = World(tracked or {}, targets or {}, key, applied)
        if on_trace:
            for _, command in group:
                on_events(command, outcome, world)
        else:
            each_object(list(group), outcome, world)
    return outcome


def on_events(command: ast.Command, outcome: Outcome, world: World) -> None:
    """A command on the trace itself."""
    events = outcome.events
    first = events[0]["ts"] if events else 0
    match command:
        case ast.Insert():
            insert(command, events)
        case ast.Drop():
            events[:] = [e for e in events if not holds(command.selector, look(None, e, first, world))]
        case ast.Shift():
            for event in events:
                event["ts"] += round(command.seconds)
        case ast.Scale():
            for event in events:
                event["ts"] = first + round((event["ts"] - first) * command.factor)
        case ast.Clone():
            clone(command, outcome, world)


def look(obj: Json, event: Json, first: int, world: World) -> Look:
    return Look(obj, event["ts"], first, world.tracked, world.targets, world.key, applied=world.applied)


def insert(command: ast.Insert, events: list[Json]) -> None:
    first = events[0]["ts"] if events else 0
    ts = round(command.seconds) + (first if command.relative else 0)
    new = one(command.object, Look({}, ts, first, {}, {}, b""))
    same_second = [event for event in events if event["ts"] == ts]
    if same_second:
        same_second[-1]["applied_objs"].append(new)
        return
    behind = [i for i, event in enumerate(events) if event["ts"] > ts]
    events.insert(behind[0] if behind else len(events), {"ts": ts, "applied_objs": [new], "deleted_objs": []})


def clone(command: ast.Clone, outcome: Outcome, world: World) -> None:
    """Each copy stands behind its original, in the applied and in the deleted objects alike."""
    events = outcome.events
    first = events[0]["ts"] if events else 0
    taken = {who(obj) for event in events for name in OBJECT_LISTS for obj in event[name]}
    chosen: dict[object, list[str]] = {}
    for event in events:
        for name in OBJECT_LISTS:
            herd: list[Json] = []
            for obj in event[name]:
                herd.append(obj)
                seen = look(obj, event, first, world)
                enter(seen)
                if who(obj) is not None and holds(command.selector, seen):
                    if who(obj) not in chosen:
                        chosen[who(obj)] = free_names(obj, one(command.count, seen), taken)
                    herd += [renamed(obj, new) for new in chosen[who(obj)]]
            event[name] = herd


def who(obj: Json) -> tuple[str, str, str | None, str] | None:
    """What tells the object from others; None if a part of that is missing or no text."""
    metadata = obj.get("metadata") if isinstance(obj, dict) else None
    if not isinstance(metadata, dict):
        return None
    version, kind, space, name = obj.get("apiVersion"), obj.get("kind"), metadata.get("namespace"), metadata.get("name")
    if not (isinstance(version, str) and isinstance(kind, str) and isinstance(name, str)):
        return None
    return (version, kind, space or None, name) if space is None or isinstance(space, str) else None


def renamed(obj: Json, name: str) -> Json:
    new = fresh(obj)
    new["metadata"]["name"] = name
    for own in ("uid", "resourceVersion", "selfLink"):
        new["metadata"].pop(own, None)
    return new


def free_names(obj: Json, count: int, taken: set[tuple[str, str, str | None, str] | None]) -> list[str]:
    """`-1`, `-2` ... behind the name, without those that some object of the trace has already."""
    found: list[str] = []
    for number in itertools.count(1):
        if len(found) == count:
            break
        new = f"{obj['metadata']['name']}-{number}"
        if who(renamed(obj, new)) not in taken:
            taken.add(who(renamed(obj, new)))
            found.append(new)
    return found


def each_object(commands: Sequence[Named], outcome: Outcome, world: World) -> None:
    """Commands on objects, on each object in turn; then the events that they emptied leave, but for the two ends."""
    events = outcome.events
    first = events[0]["ts"] if events else 0
    kept = []
    for number, event in enumerate(events):
        was_empty = not event["applied_objs"] and not event["deleted_objs"]
        for name in OBJECT_LISTS:
            looks = [look(obj, event, first, world) for obj in event[name]]
            event[name] = [seen.obj for seen in looks if survives(commands, seen, name, outcome)]
        if was_empty or event["applied_objs"] or event["deleted_objs"] or number in (0, len(events) - 1):
            kept.append(event)
    outcome.events = kept


def survives(commands: Sequence[Named], seen: Look, name: str, outcome: Outcome) -> bool:
    """Run the commands on one object; False if it left."""
    skips: set[str] = set()

    def report(rule: str, message: str) -> None:
        outcome.findings.append(Found(rule, seen.ts, name, fresh(seen.obj), message))

    try:
        for rule, command in commands:
            execute(rule, command, seen, skips, report)
    except Gone:
        return False
    finally:
        if skips:
            outcome.skips.append(skips)
    return True


def execute(rule: str, command: ast.Command, seen: Look, skips: set[str], report: Callable[[str, str], None]) -> None:
    """One command on one object. Raises Gone if the object leaves."""
    assert not isinstance(command, ast.TraceCommand | ast.Use), "not a command on an object"
    enter(seen)
    if not holds(command.selector, seen):
        return
    match command:
        case ast.When():
            for inner in command.commands:
                execute(rule, inner, seen, skips, report)
        case ast.Require():
            if not holds(command.condition, seen):
                report(rule, command.message)
        case ast.Deny():
            report(rule, command.message)
        case ast.Delete():
            raise Gone
        case _:
            if change(command, seen):
                skips.add(rule)
