"""The JSON Schema of scenario files, made of the classes of actions and triggers: it can't say anything else."""

from __future__ import annotations

import json
from typing import Any

from skel.faults.actions import ACTIONS, DURATION
from skel.faults.model import CONTROLLER_MANAGER, TRIGGERS, Verdict
from skel.faults.scenario.form import Slot, is_enum, slots
from skel.patch.values import Json

URL = "https://json-schema.org/draft/2020-12/schema"
_DURATION = {"type": "string", "pattern": r"^([0-9]+(\.[0-9]*)?(ns|us|ms|s|m|h))+$"}
_TEXT: Json = {"type": "string", "minLength": 1}
_TEXTS: Json = {"type": "array", "items": _TEXT}
_GATES: Json = {"type": "object", "additionalProperties": {"type": "boolean"}}
_COUNT: Json = {"type": "integer", "minimum": 0}
# Releases may be written without quotes: the text counts.
_RELEASE: Json = {"type": ["string", "number"]}


def schema() -> Json:
    """The schema of a file."""
    return {
        "$schema": URL,
        "title": "A fault scenario of skel",
        "type": "object",
        "required": ["name", "steps"],
        "additionalProperties": False,
        "properties": {
            "name": _about(_TEXT, "what reports call it"),
            "title": _about(_TEXT, "one sentence"),
            "seed": _about(_COUNT, "decides what is left to chance"),
            "target": _about({**_TEXT, "default": CONTROLLER_MANAGER}, "the component that has the faults"),
            "beside": _about(_TEXTS, "components that run without faults: kube-scheduler, kwok"),
            "flags": _about(_TEXTS, "further flags of the target"),
            "kubernetes": _about({"type": "array", "items": _RELEASE}, "releases to run on"),
            "gates": _about(_GATES, "feature gates of the target"),
            "links": _about(_TEXTS, "where it is told"),
            "setup": _setup(),
            "steps": _about({"type": "array", "items": _step()}, "done in this order"),
            "invariants": _about(_TEXTS, "oracles by name; none means all; `converges<60s` has a bound"),
            "expect": _about({"type": "array", "items": _expectation()}, "the first that fits a run counts"),
        },
    }


def _setup() -> Json:
    manifest: Json = {"type": "object", "required": ["apiVersion", "kind", "metadata"]}
    return _object(
        {
            "manifests": _about({"type": "array", "items": manifest}, "created in this order"),
            "trace": _about(_TEXT, "a trace, as seen from the file"),
            "events": _about(_COUNT, "how many events of the trace; 0: all"),
            "nodes": _about(_COUNT, "simulated nodes"),
        },
        "what is there at the beginning",
    )


def _step() -> Json:
    return _object({"when": _trigger(), "do": _action()}, "without `when`, once the step before has settled", ("do",))


def _trigger() -> Json:
    """Two ways to write each: `{watch: pods, nth: 2}` and `{watch: {resource: pods, nth: 2}}`."""
    forms: list[Json] = []
    for form in TRIGGERS:
        first, *rest = slots(form)
        whole = _object({form.word: _fields(form)}, _doc(form), (form.word,))
        short = {form.word: _slot(first)} | {slot.key: _slot(slot) for slot in rest}
        forms += [whole, _object(short, _doc(form), (form.word,))]
    return {"description": "logical events only, never time", "oneOf": forms}


def _action() -> Json:
    alone = [form.word for form in ACTIONS if not any(slot.is_required for slot in slots(form))]
    maps = {form.word: _whole(form) for form in ACTIONS}
    one = {"type": "object", "properties": maps, "additionalProperties": False, "minProperties": 1, "maxProperties": 1}
    return {"description": "one action", "oneOf": [{"enum": alone}, one]}


def _whole(form: Any) -> Json:
    known = slots(form)
    legal = "" if form.is_legal else " Illegal: needs --illegal."
    if not known:
        return {"description": _doc(form), "type": "null"}
    first, *rest = known
    forms: list[Json] = [_fields(form)]
    if first.type is object:
        forms = [{"type": "object", "required": ["apiVersion", "kind", "metadata"]}, _fields(form)]
    elif not any(slot.is_required for slot in rest):
        forms.append(_slot(first))
        forms += [{"type": "null"}] * (not first.is_required)
    return {"description": _doc(form) + legal, "oneOf": forms}


def _fields(form: Any) -> Json:
    known = slots(form)
    required = tuple(slot.key for slot in known if slot.is_required)
    return _object({slot.key: _slot(slot) for slot in known}, "", required)


def _slot(slot: Slot) -> Json:
    found = _about(_type(slot), slot.about)
    return found if slot.default in {None, ""} else {**found, "default": slot.default}


def _type(slot: Slot) -> Json:
    if slot.is_duration:
        return {**_DURATION, "format": DURATION}
    if is_enum(slot.type):
        return {"enum": [word.value for word in slot.type]}
    if slot.type is object:
        return {"type": "object"}
    return {str: _TEXT, int: _COUNT, float: {"type": "number", "exclusiveMinimum": 0}, bool: {"type": "boolean"}}[
        slot.type
    ]


def _expectation() -> Json:
    words = {
        "verdict": {"enum": [word.value for word in Verdict]},
        "kubernetes": _RELEASE,
        "gates": _GATES,
        "invariant": _TEXT,
    }
    return _object(words, "what a run gives on such a release with such gates", ("verdict",))


def _object(properties: dict[str, Json], about: str, required: tuple[str, ...] = ()) -> Json:
    found: dict[str, Json] = {"type": "object", "additionalProperties": False, "properties": properties}
    return _about(found | ({"required": [*required]} if required else {}), about)


def _about(found: Json, about: str) -> Json:
    return {"description": about, **found} if about else found


def _doc(form: Any) -> str:
    said = " ".join((form.__doc__ or "").split())
    return "" if said.startswith(f"{form.__name__}(") else said


def schema_text() -> str:
    """The schema as it is published."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
