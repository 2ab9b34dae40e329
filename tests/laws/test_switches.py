"""The short cuts of the engine change nothing but time."""

from __future__ import annotations

import itertools

from hypothesis import given, note

import skel
from skel.compiler.program import build
from skel.engine.run import apply as run
from tests.laws.cases import Case, any_program, cases
from tests.laws.running import TARGETS, examples, pack, resolved


@examples(300)
@given(cases(any_program))
def test_kind_index_and_prefilter(case: Case) -> None:
    note(case.text)
    results = [outcome(case, *switches) for switches in itertools.product((True, False), repeat=2)]
    for other in results[1:]:
        assert other == results[0]


def outcome(case: Case, kind_index: bool, prefilter: bool) -> object:
    program = build(resolved(case.text), targets=TARGETS, kind_index=kind_index, prefilter=prefilter)
    try:
        trace, changes = run(program, skel.Trace.from_bytes(pack(case.events)), workers=1)
    except skel.TraceError:
        return "error"
    return trace.to_bytes(), changes.summary, [(str(change.object), change.operations) for change in changes]
