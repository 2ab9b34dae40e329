"""The search on a simulated world: what it finds is proven without binaries."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.faults.actions import Advance, Hold, Lose, Release, Scale, Settle, Touch
from skel.faults.model import Event, Report, Scenario, Step, Verdict, Watch
from skel.faults.scenario.check import check
from skel.faults.scenario.emit import emit
from skel.faults.scenario.parse import parse
from skel.faults.search.explore import Exploration, Orders, explore
from skel.faults.search.generate import generate
from skel.faults.search.profile import Profile, Workload, learn
from skel.faults.search.seeds import parse_seeds
from skel.faults.search.shrink import shrink
from skel.language.diagnostic import Severity
from skel.language.text import Source
from tests.faults.simulated import SimulatedWorld, base

PROFILE = Profile(("pods",), ("nodes", "replicasets"), (("POST", "pods"),), (Workload("ReplicaSet", "rs", 5),))
NOISE = (
    Step(Hold("replicasets")),
    Step(Settle()),
    Step(Release("replicasets")),
    Step(Scale("ReplicaSet", "rs", 4)),
    Step(Advance(60)),
    Step(Scale("ReplicaSet", "rs", 5)),
)
LEAK = (Step(Hold("pods"), Watch("replicasets", Event.ADDED)), Step(Advance(3600)), Step(Touch("ReplicaSet", "rs")))


def explored(world: SimulatedWorld, seeds: range, **more: object) -> Exploration:
    orders = replace(Orders(tuple(seeds), 60.0), **more)  # type: ignore[arg-type]
    return asyncio.run(explore(base(), orders, world.trial, lambda _: None))


def run(world: SimulatedWorld, scenario: Scenario) -> Report:
    return asyncio.run(world.trial(scenario))


@given(st.integers(0, 10_000))
def test_a_seed_makes_the_same_steps_again(seed: int) -> None:
    assert generate(base(), seed, PROFILE) == generate(base(), seed, PROFILE)


@given(st.integers(0, 10_000))
def test_what_is_made_is_a_right_and_legal_scenario(seed: int) -> None:
    made = generate(base(), seed, PROFILE)
    parsed = parse(Source("s.yaml", emit(made)))
    assert parsed.scenario == made
    assert made.is_legal
    assert not [it for it in check(parsed) if it.severity is Severity.ERROR]


def test_it_holds_what_the_component_writes() -> None:
    made = [generate(base(), seed, PROFILE) for seed in range(100)]
    assert all(isinstance(it.steps[0].do, Hold) and it.steps[0].do.resource == "pods" for it in made)


def test_only_the_actions_that_are_asked_for() -> None:
    made = generate(base(), 1, PROFILE, kinds=frozenset({"advance", "touch"}))
    assert {step.do.word for step in made.steps} <= {"advance", "touch"}


def test_the_profile_is_learned_from_a_run_without_faults() -> None:
    found = learn(run(SimulatedWorld(), base()))
    assert (found.own, found.others) == (("pods",), ("replicasets",))
    assert found.workloads == (Workload("ReplicaSet", "rs", 5),)


def test_it_finds_the_known_defect_and_makes_it_small() -> None:
    found = explored(SimulatedWorld(), range(1, 60))
    words = [{step.do.word for step in it.shrunk.scenario.steps} for it in found.found if it.shrunk]
    assert all(it.is_proven and it.again == 3 for it in found.found)
    assert {"hold", "advance"} in words
    assert any("lose" in it for it in words)
    assert all(it.shrunk and it.shrunk.trials <= 30 for it in found.found)
    assert found.control.verdict is Verdict.PASSED


def test_with_the_repair_only_other_causes_are_left() -> None:
    found = explored(SimulatedWorld(consistent=True), range(1, 60))
    words = [{step.do.word for step in it.shrunk.scenario.steps} for it in found.found if it.shrunk]
    assert words
    assert all("lose" in it or "staleList" in it for it in words)


def test_without_faults_and_with_clock_jumps_alone_nothing_is_found() -> None:
    for kinds in (frozenset({"touch", "scale", "deletePod"}), frozenset({"advance", "touch"})):
        assert explored(SimulatedWorld(), range(1, 201), kinds=kinds).is_clean


def test_each_seed_repeats() -> None:
    found = explored(SimulatedWorld(), range(1, 20), repeat=3)
    assert all(it.is_all and it.runs == 3 for it in found.repeats)


def test_a_violation_that_does_not_repeat_is_no_discovery() -> None:
    found = explored(SimulatedWorld(flaky=2), range(1, 30), kinds=frozenset({"hold", "advance", "touch", "deletePod"}))
    assert found.found
    assert not any(it.is_proven or it.shrunk for it in found.found)


def test_the_budget_ends_it() -> None:
    ticks = iter(range(10_000))
    orders = Orders(tuple(range(1, 500)), 10.0)
    said: list[str] = []
    found = asyncio.run(
        explore(base(), orders, SimulatedWorld(consistent=True).trial, said.append, lambda: next(ticks))
    )
    assert len(found.tried) < 20
    assert "the budget is spent" in said[-1]


def test_shrinking_leaves_what_matters() -> None:
    world = SimulatedWorld()
    report = run(world, replace(base(), steps=(LEAK[0], *NOISE, *LEAK[1:], *NOISE)))
    assert report.verdict is Verdict.VIOLATED
    shrunk = asyncio.run(shrink(report, world.trial))
    assert [step.do.word for step in shrunk.scenario.steps] == ["hold", "advance"]
    assert shrunk.is_minimal
    assert shrunk.trials <= 30
    assert run(world, shrunk.scenario).verdict is Verdict.VIOLATED


def test_parameters_shrink_too() -> None:
    world = SimulatedWorld()
    report = run(world, replace(base(), steps=(Step(Lose("pods", times=3)), Step(Scale("ReplicaSet", "rs", 9)))))
    shrunk = asyncio.run(shrink(report, world.trial))
    assert Step(Lose("pods", times=1)) in shrunk.scenario.steps
    assert shrunk.scenario.setup.manifests[0]["spec"]["replicas"] == 2


def test_a_candidate_counts_only_if_it_fails_each_time() -> None:
    world = SimulatedWorld()
    report = run(world, replace(base(), steps=LEAK))
    world.flaky = 2
    shrunk = asyncio.run(shrink(report, world.trial))
    assert shrunk.scenario.steps == LEAK


@pytest.mark.parametrize("trials", [0, 1, 5])
def test_the_trials_of_a_shrink_are_bounded(trials: int) -> None:
    world = SimulatedWorld()
    report = run(world, replace(base(), steps=(LEAK[0], *NOISE, *LEAK[1:], *NOISE)))
    before = world.runs
    shrunk = asyncio.run(shrink(report, world.trial, trials=trials))
    assert world.runs - before == shrunk.trials <= trials
    assert not shrunk.is_minimal


def test_seeds() -> None:
    assert parse_seeds("1-3,9,2") == (1, 2, 3, 9)


@pytest.mark.parametrize("text", ["", "a", "3-1", "-1", "1-", "1-99999999"])
def test_strange_seeds(text: str) -> None:
    with pytest.raises(ValueError, match=r"seed|begins"):
        parse_seeds(text)
