"""A scenario -> the text of a file, to keep or to paste into an issue. Read again, it is the same scenario."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from skel.faults.actions import Action, Apply
from skel.faults.model import CONTROLLER_MANAGER, Expectation, Scenario, Setup, Step, Trigger
from skel.faults.scenario.form import slots
from skel.manifests.words import word
from skel.packs.yaml_text import yaml_text
from skel.patch.values import Json


def emit(scenario: Scenario) -> str:
    """The file."""
    return "".join(f"{line}\n" for line in _lines(scenario))


def plain_scenario(scenario: Scenario) -> Json:
    """The same as plain values, for reports in JSON."""
    said: dict[str, Json] = {"name": scenario.name, **_head(scenario)}
    if setup := _setup(scenario.setup):
        said["setup"] = setup
    said["steps"] = [plain_step(step) for step in scenario.steps]
    if scenario.oracles:
        said["invariants"] = [*scenario.oracles]
    if scenario.expect:
        said["expect"] = [_expectation(it) for it in scenario.expect]
    return said


def plain_step(step: Step) -> Json:
    """`{"when": {"watch": ...}, "do": {"hold": "pods"}}`."""
    return ({"when": _form(step.when)} if step.when else {}) | {"do": _form(step.do)}


def _lines(scenario: Scenario) -> Iterator[str]:
    yield f"name: {word(scenario.name)}"
    for key, value in _head(scenario).items():
        yield f"{key}: {word(value) if isinstance(value, str) else flow(value)}"
    if setup := _setup(scenario.setup):
        yield "setup:"
        yield from (f"  {line}" for line in yaml_text(setup).splitlines())
    yield "steps:" if scenario.steps else "steps: []"
    for step in scenario.steps:
        yield from _step(step)
    if scenario.oracles:
        yield f"invariants: {flow([*scenario.oracles])}"
    if scenario.expect:
        yield "expect:"
        yield from (f"- {flow(_expectation(it))}" for it in scenario.expect)


def _step(step: Step) -> Iterator[str]:
    said = [(key, flow(value)) for key, value in plain_step(step).items()]
    for number, (key, text) in enumerate(said):
        yield f"{'  ' if number else '- '}{key}: {text}"


def flow(value: Json) -> str:
    """One line of YAML."""
    match value:
        case dict():
            return "{" + ", ".join(f"{word(key, flow=True)}: {flow(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(flow, value)) + "]"
        case _:
            return word(value, flow=True)


def _head(scenario: Scenario) -> dict[str, Json]:
    found: dict[str, Json] = {
        "title": scenario.title,
        "links": [*scenario.links],
        "seed": scenario.seed,
        "target": scenario.target if scenario.target != CONTROLLER_MANAGER else "",
        "beside": [*scenario.beside],
        "flags": [*scenario.flags],
        "kubernetes": [*scenario.kubernetes],
        "gates": dict(scenario.gates),
    }
    return {key: value for key, value in found.items() if value}


def _setup(setup: Setup) -> dict[str, Json]:
    found: dict[str, Json] = {
        "nodes": setup.nodes,
        "trace": setup.trace,
        "events": setup.events,
        "manifests": [*setup.manifests],
    }
    return {key: value for key, value in found.items() if value}


def _expectation(it: Expectation) -> dict[str, Json]:
    found: dict[str, Json] = {
        "kubernetes": it.kubernetes,
        "gates": dict(it.gates),
        "verdict": it.verdict.value,
        "invariant": it.oracle,
    }
    return {key: value for key, value in found.items() if value}


def _form(it: Action | Trigger) -> Json:
    """The short form where the first field says it all."""
    if isinstance(it, Apply) and not it.subresource:
        return {it.word: it.manifest}
    said = {
        slot.key: _value(getattr(it, slot.name), is_duration=slot.is_duration)
        for slot in slots(type(it))
        if getattr(it, slot.name) != slot.default
    }
    if not said:
        return it.word
    first = slots(type(it))[0]
    return {it.word: said[first.key] if list(said) == [first.key] and first.type is not object else said}


def _value(value: Any, *, is_duration: bool) -> Json:
    if is_duration:
        return f"{value:.9f}".rstrip("0").rstrip(".") + "s"
    return str(value) if isinstance(value, str) else value
