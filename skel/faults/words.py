"""Steps in words, for reports, histories and messages."""

from __future__ import annotations

from dataclasses import fields
from typing import assert_never

from skel.faults.actions import Action, Apply
from skel.faults.model import Event, Step, Trigger, Watch, Writes


def action(do: Action) -> str:
    """`hold pods`, `scale ReplicaSet rs 3`: the word and what is not as usual."""
    if isinstance(do, Apply):
        thing = do.manifest
        return " ".join(filter(None, ("apply", do.subresource, f"{thing['kind']}/{thing['metadata']['name']}")))
    said = [(field.name, getattr(do, field.name)) for field in fields(do) if getattr(do, field.name) != field.default]
    return " ".join([do.word, *(_value(name, value) for name, value in said)])


def _value(name: str, value: object) -> str:
    match name:
        case "seconds":
            return f"{value:g}s"
        case "resource" | "kind" | "name" | "owner" | "component" | "verb" | "replicas" | "phase":
            return str(value)
        case "ordinal":
            return f"#{value}"
        case "frames" | "times":
            return f"x{value}"
        case _:
            return f"{name}={value}"


def trigger(when: Trigger) -> str:
    match when:
        case Watch(resource=resource, event=event, nth=nth, name=name):
            kind = "" if event is Event.ANY else f" {event}"
            return f"event {nth} of {resource}{kind}{f' {name}' if name else ''}"
        case Writes(verb=verb, resource=resource, nth=nth, agent=agent, before=before):
            by = f" by {agent}" if agent else ""
            return f"{'before ' if before else ''}request {nth} of {verb} {resource}{by}"
        case _:
            assert_never(when)


def step(it: Step) -> str:
    return f"{action(it.do)} at {trigger(it.when)}" if it.when else action(it.do)
