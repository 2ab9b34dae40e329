from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.replay.measure import Measure, Worse
from skel.replay.tolerances import (
    BadToleranceError,
    Judgement,
    Tolerance,
    judge,
    read_tolerance,
    tolerance_for,
    tolerances,
)

PENDING = Measure("pods.pending", "pending", Worse.UP)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("latency=20%", Tolerance("latency", 0.2)),
        ("latency.start-up = 20% , 0.5s", Tolerance("latency.start-up", 0.2, 0.5)),
        ("latency=250ms", Tolerance("latency", 0, 0.25)),
        ("events.Pod.FailedScheduling=5", Tolerance("events.Pod.FailedScheduling", 0, 5)),
        ("warnings=ignore", Tolerance("warnings", 0, float("inf"))),
    ],
)
def test_reading(text: str, expected: Tolerance) -> None:
    assert read_tolerance(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("latency", "NAME=VALUE"),
        ("=5", "NAME=VALUE"),
        ("latenzy=20%", "there is no measure `latenzy`; known: requests, warnings"),
        ("latency=", "'' is no tolerance for latency"),
        ("latency=-5%", "'-5%' is no tolerance"),
        ("latency=20%,many", "'many' is no tolerance"),
        ("latency=nan", "'nan' is no tolerance"),
    ],
)
def test_what_says_nothing_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadToleranceError, match=words):
        read_tolerance(text)


def test_the_longest_name_counts_and_what_is_said_covers_the_defaults() -> None:
    known = tolerances(["latency=50%", "latency.start-up.p99=5s"])
    assert tolerance_for("latency.start-up.p99", known).amount == 5
    assert tolerance_for("latency.start-up.p50", known).share == 0.5
    assert tolerance_for("latency.start-up.max", known).share == 0.5
    assert tolerance_for("pods.pending", known) == Tolerance("pods")
    assert tolerance_for("podsy.pending", known) == Tolerance("podsy.pending")


VALUES = st.lists(st.integers(0, 50).map(float), min_size=1, max_size=4)


@given(VALUES, VALUES, st.integers(0, 20).map(float))
def test_runs_whose_bands_touch_are_never_a_difference(before: list[float], after: list[float], amount: float) -> None:
    found = judge(PENDING, before, after, [Tolerance("pods", amount=amount)])
    apart = min(abs(one - other) for one, other in product(before, after))
    overlap = min(before) <= max(after) and min(after) <= max(before)
    assert found.judgement.is_difference is (not overlap and apart > amount)


@pytest.mark.parametrize(("after", "is_difference"), [(220.0, False), (221.0, True), (90.0, False), (89.0, True)])
def test_a_share_is_one_of_the_end_of_the_band_that_is_left(after: float, is_difference: bool) -> None:
    found = judge(PENDING, [100.0, 200.0], [after], [Tolerance("pods", share=0.1)])
    assert found.judgement.is_difference is is_difference


@given(VALUES, VALUES)
def test_worse_one_way_is_better_the_other(before: list[float], after: list[float]) -> None:
    there = judge(PENDING, before, after, []).judgement
    back = judge(PENDING, after, before, []).judgement
    turned = {Judgement.WORSE: Judgement.BETTER, Judgement.BETTER: Judgement.WORSE}
    assert back is turned.get(there, there)


def test_what_is_not_measured_is_not_judged() -> None:
    assert judge(PENDING, [], [3.0], []).judgement is Judgement.NOT_JUDGED
