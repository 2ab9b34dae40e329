"""Each API that a release took away: what the rules make of its objects is served there, and in every later release."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from skel.engine.change import Changes, ObjectChange
from skel.kube.release import Gvk, life, lookup, minors, served, successor
from skel.kube.schema import validate
from skel.packs import registry
from skel.packs.cases import Case, Manifest, read_cases
from skel.packs.manifest import Pack, PackRule
from skel.program import Program
from skel.trace.codec import Event, decode_object, encode_object
from skel.trace.model import Trace
from skel.upgrade.route import KUBERNETES, Route
from skel.upgrade.selection import REMOVAL, Chosen, Stage, choose, compile_rules

BEFORE = "1.15"
TARGETS = minors()[minors().index(BEFORE) + 1 :]


@dataclass(frozen=True)
class Example:
    """An object of a lost API that a rule takes, from its cases. What a rule leaves alone may be a mere sketch."""

    rule: PackRule
    case: Case
    gvk: Gvk
    removed: str

    def is_lost_in(self, minor: str) -> bool:
        return minors().index(minor) >= minors().index(self.removed)

    def is_rewritten_for(self, minor: str) -> bool:
        """False where nothing took the place of the API, or the case says that a person has to do it."""
        by_hand = self.case.expected.finding and self.case.expected.after is None
        return successor(*self.gvk, minor) is not None and not by_hand

    def __str__(self) -> str:
        return f"{self.rule.id}: {self.case.name} ({'/'.join(self.gvk)})"


@cache
def pack() -> Pack:
    return registry.find(KUBERNETES)


@cache
def lost() -> dict[Gvk, str]:
    """Each API but the alphas that a release from 1.16 on does not serve (any more, by default), with that release."""
    known = {gvk for minor in minors() for gvk in served(minor) if "alpha" not in gvk[0]}
    lives = {gvk: found for gvk in sorted(known) if (found := life(*gvk)) is not None and found.gone in TARGETS}
    return {gvk: found.removed or found.gone for gvk, found in lives.items()}


@cache
def examples() -> tuple[Example, ...]:
    return tuple(_examples())


def _examples() -> Iterator[Example]:
    for rule in pack().rules:
        if rule.category != REMOVAL:
            continue
        cases, problems = read_cases(rule.cases_file)
        assert not problems
        for case in cases:
            gvk = (str(case.before.get("apiVersion")), str(case.before.get("kind")))
            if gvk in lost() and not case.is_quiet:
                yield Example(rule, case, gvk, lost()[gvk])


@cache
def due(target: str) -> tuple[Chosen, ...]:
    """The removals on the way to a release. They are the same from wherever one comes."""
    chosen = choose([pack()], {KUBERNETES: Route(KUBERNETES, "", target)})
    return tuple(one for one in chosen if one.stage is Stage.DUE and one.rule.category == REMOVAL)


@cache
def first_like(target: str) -> str:
    """The first release with the same rules, so that each program is compiled and run once."""
    asks = any("target(" in file.read_text() for file in pack().folder.rglob("*.skel"))
    return target if asks else next(minor for minor in TARGETS if due(minor) == due(target))


@cache
def program(target: str) -> Program:
    if first_like(target) != target:
        return program(first_like(target))
    return compile_rules(due(target), {KUBERNETES: Route(KUBERNETES, "", target)}).program


@cache
def originals() -> Trace:
    """An event for each example, so that its number is that of the example."""
    events = [Event(number, [encode_object(item.case.before)], []) for number, item in enumerate(examples())]
    return Trace.make(events, {"trackedObjects": {}}, {}, {})


@cache
def jump(target: str) -> tuple[Trace, Changes]:
    """All examples at once to the target."""
    if first_like(target) != target:
        return jump(first_like(target))
    return program(target).apply(originals(), workers=1)


def objects(trace: Trace) -> list[Manifest]:
    return [decode_object(event.applied_objs[0]) for event in trace.events]


def lost_in(target: str) -> Iterator[tuple[Example, Manifest]]:
    """The examples that the target does not serve, with what the rules made of them."""
    pairs = zip(examples(), objects(jump(target)[0]), strict=True)
    return ((example, made) for example, made in pairs if example.is_lost_in(target))


def test_the_facts_name_all_losses() -> None:
    assert len(lost()) == 54


def test_each_lost_api_has_examples_that_change_or_are_reported() -> None:
    assert sorted(lost().keys() - {example.gvk for example in examples()}) == []


def test_each_object_is_taken_by_one_rule() -> None:
    """Two rules for one API are allowed where they share its objects out, never where both take the same one."""
    for target in sorted(set(lost().values())):
        takers: dict[int, set[str]] = {}
        for change in jump(target)[1].objects():
            takers.setdefault(change.object.event, set()).update(_renaming(change))
        for number, example in enumerate(examples()):
            if example.removed == target and example.is_rewritten_for(target):
                assert len(takers.get(number, ())) == 1, (str(example), takers.get(number))


def _renaming(change: ObjectChange) -> Iterator[str]:
    """The rules that gave the object another version."""
    for step in change.changes:
        if any(operation.path[:1] in {("apiVersion",), ("kind",)} for operation in step.operations):
            yield step.rule


@pytest.mark.parametrize("target", TARGETS)
def test_what_was_lost_is_served_and_fits(target: str) -> None:
    wrong = [
        (str(example), problem)
        for example, made in lost_in(target)
        if example.is_rewritten_for(target)
        for problem in validate(made, target)
    ]
    assert wrong == []


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_not_rewritten_is_reported(target: str) -> None:
    reported = {finding.event for finding in jump(target)[1].summary.findings}
    for number, example in enumerate(examples()):
        if example.is_lost_in(target) and not example.is_rewritten_for(target):
            assert number in reported, str(example)


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_served_keeps_its_version(target: str) -> None:
    for example, made in zip(examples(), objects(jump(target)[0]), strict=True):
        there = lookup(*example.gvk, target)
        if there is not None and not example.is_lost_in(target):
            assert (made["apiVersion"], made["kind"]) == example.gvk, str(example)


@pytest.mark.parametrize("target", TARGETS)
def test_a_second_run_changes_nothing(target: str) -> None:
    _, again = program(target).apply(jump(target)[0], workers=1)
    assert [(str(examples()[change.object.event]), change.changes) for change in again.objects()] == []


@pytest.mark.parametrize("target", TARGETS)
def test_no_rule_has_to_skip_anything(target: str) -> None:
    assert [(rule.id, rule.skips) for rule in jump(target)[1].summary.rules if rule.skipped] == []


def test_hop_by_hop_equals_one_jump() -> None:
    hopped = originals()
    for target in TARGETS:
        hopped, _ = program(target).apply(hopped, workers=1)
        for example, one, other in zip(examples(), objects(hopped), objects(jump(target)[0]), strict=True):
            assert one == other, (target, str(example))


def test_the_other_rules_of_the_pack_do_not_spoil_it() -> None:
    """What only behaves differently is repaired on the same way, in the order of the pack."""
    newest = TARGETS[-1]
    routes = {KUBERNETES: Route(KUBERNETES, BEFORE, newest)}
    whole = tuple(chosen for chosen in choose([pack()], routes) if chosen.stage is Stage.DUE)
    after, _ = compile_rules(whole, routes).program.apply(originals(), workers=1)
    rewritten = [pair for pair in zip(examples(), objects(after), strict=True) if pair[0].is_rewritten_for(newest)]
    assert [(str(example), found) for example, made in rewritten for found in validate(made, newest)] == []
