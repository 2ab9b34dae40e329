"""A rule from a stranger ends, whatever it says."""

from __future__ import annotations

import pytest

import skel
from tests.engine.making import plain, thing, trace

OLD = trace((1, [thing(spec={"l": list(range(400))})], []))


def test_many_double_stars_cost_no_more_than_their_places() -> None:
    """One by one they would visit a place once for each way to it: tens of thousands to the power of six."""
    deep = trace((1, [thing(spec={"a": {"b": {"c": [{"n": 1}] * 30}}})], []))
    new, changes = skel.compile("modify(spec.**.**.**.**.**.**.n = 2);").apply(deep)
    assert changes.summary.changed == 1
    assert plain(new)[0][1][0]["spec"]["a"]["b"]["c"] == [{"n": 2}] * 30
    _, changes = skel.compile("deny(spec.**.**.**.**.**.**.n == 2, 'two');").apply(new)
    assert len(changes.summary.findings) == 1


def test_too_many_combinations_end_the_run_with_a_place() -> None:
    program = skel.compile('delete(metadata.name == concat(spec.l[*], spec.l[*], "x"));', name="wide.skel")
    with pytest.raises(skel.TraceError, match=r"wide\.skel:1:25: .*more than 100,000 combinations"):
        program.apply(OLD)
