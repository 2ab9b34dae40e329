"""The naive interpreter gives what the reference gave, or what is right instead: so it may judge the engine."""

from __future__ import annotations

import pytest

from tests.conformance.corpus import Case, canonical, cases, deviations, events_of, expected_events, inputs
from tests.laws.running import resolved
from tests.oracle import interpret


def is_run(case: Case) -> bool:
    deviation = deviations().get(case.id)
    return deviation.outcome == "ok" if deviation else case.outcome == "ok"


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in cases() if is_run(case)])
def test_case(case: Case) -> None:
    outcome = interpret(resolved(case.program), events_of(inputs()[case.input]))
    assert canonical(outcome.events) == canonical(expected_events(case))
