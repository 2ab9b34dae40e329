from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from skel.replay.series import MOST, WIDTHS, Counts, Level, bar_width

TIMES = st.lists(st.integers(0, 200_000).map(float), min_size=1, max_size=60)


def test_each_width_divides_the_next() -> None:
    assert all(later % width == 0 for width, later in pairwise(WIDTHS))


@given(TIMES)
def test_counts_stay_exact_and_small_whatever_the_order(times: list[float]) -> None:
    counts = Counts()
    for time in times:
        counts.add(time)
    width = bar_width(max(times), [counts.width])
    bars = int(max(times) // width) + 1
    expected = [0] * bars
    for time in times:
        expected[int(time // width)] += 1
    assert len(counts.buckets) <= MOST
    assert bars <= 101
    assert list(counts.spread(width, bars)) == expected


@given(TIMES)
def test_a_level_shows_its_peak_in_each_bar(times: list[float]) -> None:
    """Up at each time, down again 30 s later."""
    changes = sorted([(time, 1) for time in times] + [(time + 30, -1) for time in times])
    level = Level()
    for time, by in changes:
        level.change(time, by)
    width = bar_width(max(times) + 30, [level.width])
    bars = int((max(times) + 30) // width) + 1
    shown = level.spread(width, bars)
    assert level.now == 0
    assert max(shown) == level.peak
    for time in times:
        assert shown[int(time // width)] >= 1


def test_a_level_goes_on_until_it_changes() -> None:
    level = Level()
    level.change(10, 3)
    level.change(100, -1)
    assert level.spread(10, 12) == (0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2)


def test_a_year_fits() -> None:
    counts = Counts()
    for day in range(365):
        counts.add(day * 86_400.0)
    assert sum(counts.buckets) == 365
    assert len(counts.buckets) <= MOST
