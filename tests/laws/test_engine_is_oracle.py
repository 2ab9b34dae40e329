"""The engine does what the naive interpreter does: events, skips, findings, and the refusal to choose."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given, note

import skel
from tests.laws.cases import Case, cases, is_accepted, long_program, short_program, trace_program
from tests.laws.running import TARGETS, compiled, exact, examples, pack, resolved, unpack
from tests.oracle import Ambiguous, interpret
from tests.strategies import TRACKED
from tests.strategies_programs import write_block, write_program

Answer = tuple[object, ...]


def by_engine(case: Case) -> Answer:
    """Events, objects and rules with skips, findings; or that there was an error."""
    try:
        trace, changes = compiled(case.text).apply(skel.Trace.from_bytes(pack(case.events)), workers=1)
    except skel.TraceError as error:
        note(f"engine: {error}")
        return ("error",)
    summary = changes.summary
    skips = summary.skipped, {rule.id for rule in summary.rules if rule.skipped}
    findings = Counter((finding.rule, finding.message) for finding in summary.findings)
    return exact(unpack(trace.to_bytes())["events"]), skips, findings


def by_oracle(case: Case) -> Answer:
    try:
        outcome = interpret(resolved(case.text), case.events, TRACKED, TARGETS)
    except Ambiguous as error:
        note(f"oracle: {error}")
        return ("error",)
    skips = len(outcome.skips), set[str]().union(*outcome.skips)
    findings = Counter((finding.rule, finding.message) for finding in outcome.findings)
    return exact(outcome.events), skips, findings


def check(case: Case) -> None:
    note(case.text)
    assert by_engine(case) == by_oracle(case)


@examples(600)
@given(cases(short_program))
def test_commands_on_objects(case: Case) -> None:
    check(case)


@examples(400)
@given(cases(write_block))
def test_variables_follow_their_items(case: Case) -> None:
    check(case)


@examples(200)
@given(cases(trace_program))
def test_commands_on_the_trace(case: Case) -> None:
    check(case)


@examples(150)
@given(cases(long_program))
def test_long_programs(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("writer", [write_program, write_block])
def test_most_programs_are_accepted(writer) -> None:  # type: ignore[no-untyped-def]
    texts = [writer(Random(number).randrange) for number in range(200)]
    assert sum(map(is_accepted, texts)) > 160
