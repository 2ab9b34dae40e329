from __future__ import annotations

from dataclasses import MISSING
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from skel import resources
from skel.faults.actions import ACTIONS, Hold, SetPhase
from skel.faults.model import TRIGGERS, Event, Expectation, Scenario, Setup, Step, Verdict, Watch
from skel.faults.scenario.check import check
from skel.faults.scenario.codes import TITLES, meaning
from skel.faults.scenario.emit import emit, plain_scenario
from skel.faults.scenario.form import Slot, slots
from skel.faults.scenario.parse import Parsed, open_scenario, parse, read_scenario
from skel.faults.scenario.schema import schema, schema_text
from skel.language.diagnostic import SkelError
from skel.language.text import Source

ROOT = Path(__file__).resolve().parents[2]
WORDS = st.text("abcdefghij-0123456789", min_size=1, max_size=8).filter(lambda text: text.strip("-"))
VALIDATOR = jsonschema.Draft202012Validator(schema())
MODES = sorted(resources.failure_modes().glob("*/scenario.yaml"))


def of(text: str) -> Parsed:
    return parse(Source("s.yaml", text))


def codes(text: str) -> list[str]:
    return [it.code for it in of(text).diagnostics]


def values(slot: Slot) -> st.SearchStrategy[Any]:
    if slot.is_duration or slot.type is float:
        return st.integers(1, 10**6).map(lambda number: number / 8)
    if slot.type is str:
        return WORDS
    if slot.type is bool:
        return st.booleans()
    if slot.type is Event:
        return st.sampled_from(Event)
    if slot.type is int:
        return st.integers(1, 500)
    return WORDS.map(lambda name: {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})


def forms(known: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    def build(form: Any) -> st.SearchStrategy[Any]:
        return st.builds(form, **{slot.name: values(slot) for slot in slots(form) if slot.default is not MISSING})

    return st.one_of(*map(build, known))


STEPS = st.builds(Step, forms(ACTIONS), st.none() | forms(TRIGGERS))
GATES = st.dictionaries(WORDS, st.booleans(), max_size=2)
SCENARIOS = st.builds(
    Scenario,
    WORDS,
    st.lists(STEPS, max_size=6).map(tuple),
    st.builds(
        Setup, values(Slot("", "", object, "", False, True, None)).map(lambda it: (it,)), nodes=st.integers(0, 9)
    ),
    title=st.just("A title: with, all kinds of #signs"),
    seed=st.integers(0, 99),
    kubernetes=st.lists(st.sampled_from(["1.24", "1.24.17", "1.30"]), max_size=2).map(tuple),
    gates=GATES,
    expect=st.lists(st.builds(Expectation, st.sampled_from(Verdict), st.just("1.30"), GATES), max_size=2).map(tuple),
)


@settings(max_examples=50)
@given(SCENARIOS)
def test_what_is_written_is_read_again(scenario: Scenario) -> None:
    text = emit(scenario)
    parsed = of(text)
    assert parsed.diagnostics == ()
    assert parsed.scenario == scenario
    assert emit(parsed.scenario) == text


@settings(max_examples=50)
@given(SCENARIOS)
def test_the_schema_takes_what_is_written(scenario: Scenario) -> None:
    VALIDATOR.validate(yaml.safe_load(emit(scenario)))
    VALIDATOR.validate(plain_scenario(scenario))


STRANGE = st.recursive(
    WORDS | st.integers() | st.none(),
    lambda it: st.lists(it, max_size=3) | st.dictionaries(WORDS, it, max_size=3),
    max_leaves=6,
)


@settings(max_examples=50)
@given(st.dictionaries(WORDS, STRANGE, max_size=4))
def test_strange_files_are_refused_without_falling_over(value: Any) -> None:
    parsed = of(yaml.safe_dump({"name": "x", "steps": [], **value}))
    assert bool(set(value) - {"name", "steps"}) <= bool(parsed.diagnostics)


@settings(max_examples=50)
@given(STRANGE)
def test_strange_steps_are_complaints(value: Any) -> None:
    parsed = of(yaml.safe_dump({"name": "x", "steps": [{"do": value}]}))
    assert parsed.diagnostics
    assert not parsed.is_usable


def test_the_published_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert (ROOT / "docs" / "fault-scenario.schema.json").read_text("utf-8") == schema_text()


@pytest.mark.parametrize("file", MODES, ids=lambda file: file.parent.name)
def test_the_catalogue_is_right(file: Path) -> None:
    parsed = read_scenario(file)
    assert check(parsed) == ()
    assert parsed.scenario is not None
    assert parsed.scenario.name == file.parent.name
    assert parsed.scenario.expect
    assert parsed.scenario.links
    assert (file.parent / "README.md").is_file()
    VALIDATOR.validate(yaml.safe_load(file.read_text("utf-8")))


def test_short_forms() -> None:
    text = """
name: x
steps:
- when: {watch: pods, event: added, nth: 2}
  do: {hold: pods}
- {when: {watch: {resource: jobs}}, do: restart}
- do: {kill: kwok}
- do: {setPhase: Job/a}
- do: {advance: 1h30m}
"""
    scenario = of(text).scenario
    assert scenario is not None
    assert scenario.steps[0] == Step(Hold("pods"), Watch("pods", Event.ADDED, 2))
    assert scenario.steps[3].do == SetPhase("Job/a")
    assert [step.line for step in scenario.steps] == [4, 6, 7, 8, 9]


WRONG = {
    "no map": ("[1]", "FT002"),
    "no YAML": ("name: [", "FT001"),
    "no name": ("steps: []", "FT002"),
    "a clock": ("{name: x, steps: [{when: {after: 5s}, do: {hold: pods}}]}", "FT003"),
    "a sleep": ("{name: x, steps: [{do: {sleep: 5s}}]}", "FT003"),
    "a mistyped action": ("{name: x, steps: [{do: {hodl: pods}}]}", "FT002"),
    "a missing field": ("{name: x, steps: [{do: {scale: {kind: Job}}}]}", "FT002"),
    "a number as duration": ("{name: x, steps: [{do: {advance: 5}}]}", "FT002"),
    "a negative duration": ("{name: x, steps: [{do: {advance: -5s}}]}", "FT002"),
    "no times": ("{name: x, steps: [{do: {lose: {resource: pods, times: 0}}}]}", "FT002"),
    "two triggers": ("{name: x, steps: [{when: {watch: pods, writes: pods}, do: settle}]}", "FT002"),
    "an unknown field": ("{name: x, steps: [{do: {hold: {resource: pods, colour: red}}}]}", "FT002"),
    "an unknown key": ("{name: x, steps: [], invariant: [a]}", "FT002"),
    "a strange gate": ("{name: x, steps: [], gates: {A: on!}}", "FT002"),
    "a strange verdict": ("{name: x, steps: [], expect: [{verdict: broken}]}", "FT002"),
    "no manifest": ("{name: x, steps: [{do: {apply: {kind: Pod}}}]}", "FT002"),
    "a negative seed": ("{name: x, steps: [], seed: -1}", "FT002"),
}


@pytest.mark.parametrize(("text", "code"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_has_a_code_and_a_place(text: str, code: str) -> None:
    parsed = of(text)
    assert code in [it.code for it in parsed.diagnostics]
    assert not parsed.is_usable


def test_all_complaints_come_at_once() -> None:
    text = "name: x\nsteps:\n- do: {hodl: pods}\n- when: {after: 5s}\n  do: settle\n- do: {advance: 5}\n"
    assert codes(text) == ["FT002", "FT003", "FT002"]


def test_illegal_faults_need_a_word(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("name: x\nsteps:\n- do: {drop: pods}\n", "utf-8")
    with pytest.raises(SkelError) as caught:
        open_scenario(file)
    assert [it.code for it in caught.value.diagnostics] == ["FT004"]
    assert not open_scenario(file, illegal=True).is_legal


LINTS = {
    "unknown resource": ("- do: {hold: podz}", "FT005"),
    "unknown oracle": ("- do: {hold: pods}\n- do: {release: pods}\ninvariants: [no-orphan]", "FT006"),
    "hold without release": ("- do: {hold: pods}\ninvariants: [converges<60s]", "FT007"),
    "trigger on what is held": (
        "- do: {hold: pods}\n- when: {watch: pods}\n  do: {advance: 1s}\n- do: {touch: ReplicaSet}",
        "FT008",
    ),
    "trigger on what nobody makes": ("- when: {watch: deployments}\n  do: {hold: pods}", "FT008"),
    "too many": ("- when: {watch: deployments, event: ADDED, nth: 2}\n  do: {hold: pods}", "FT008"),
    "release of what flows": ("- do: {release: pods}", "FT009"),
    "step after release": ("- do: {hold: pods}\n- do: {release: pods}\n- do: {credit: pods}", "FT009"),
    "nobody looks": ("- do: {hold: pods}\n- do: {advance: 301s}", "FT010"),
    "unknown object": ("- do: {hold: pods}\n- do: {scale: {kind: ReplicaSet, name: rz, replicas: 1}}", "FT011"),
    "no fault": ("- do: {touch: ReplicaSet}", "FT012"),
    "illegal": ("- do: {reorder: pods}", "FT004"),
}
SETUP = """
name: x
setup:
  manifests:
  - {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: rs}}
steps:
"""


@pytest.mark.parametrize(("steps", "code"), LINTS.values(), ids=LINTS)
def test_lints(steps: str, code: str) -> None:
    assert [it.code for it in check(of(SETUP + steps + "\n"))] == [code]


def test_a_scenario_that_is_right_is_silent() -> None:
    steps = "- do: {hold: pods}\n- do: {advance: 301s}\n- do: {touch: ReplicaSet}\n- do: {release: '*'}\n"
    assert check(of(SETUP + steps)) == ()


def test_each_code_has_a_page() -> None:
    assert all(meaning(code) for code in TITLES)
    assert {code for _, code in (*WRONG.values(), *LINTS.values())} == set(TITLES)
