"""The short cuts of the engine change nothing but time."""

from __future__ import annotations

from hypothesis import given, note

import skel
from skel.compiler.program import build
from skel.engine.run import apply as run
from tests.laws.cases import Case, any_program, cases
from tests.laws.running import TARGETS, examples, pack, resolved

SWITCHES = (
    (True, True, True),
    (True, True, False),
    (True, False, True),
    (False, True, True),
    (False, False, False),
)


@examples(300)
@given(cases(any_program))
def test_kind_index_prefilter_and_scripts(case: Case) -> None:
    note(case.text)
    results = [outcome(case, *switches) for switches in SWITCHES]
    for other in results[1:]:
        assert other == results[0]


def outcome(case: Case, kind_index: bool, prefilter: bool, scripts: bool) -> object:
    module = resolved(case.text)
    program = build(module, targets=TARGETS, kind_index=kind_index, prefilter=prefilter, scripts=scripts)
    try:
        trace, changes = run(program, skel.Trace.from_bytes(pack(case.events)), workers=1)
    except skel.TraceError:
        return "error"
    return trace.to_bytes(), changes.summary, [(str(change.object), change.operations) for change in changes]
