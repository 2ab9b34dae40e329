"""Which upgrades are refused, and why, before anything is started."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.client.errors import ClientError
from skel.cluster.versions import pinned
from skel.replay.hops import Hop, plan_hops, read_hop
from skel.replay.schedule import Window

HOUR = 3600.0
AT_60 = Window(speed=60.0)


def planned(source: str, *texts: str, window: Window = AT_60, length: float = HOUR) -> list[tuple[float, str]]:
    return [(hop.at, hop.version) for hop in plan_hops(source, map(read_hop, texts), window, length)]


def test_hops_go_in_the_order_of_their_times() -> None:
    assert planned("1.24", "50m=1.26", "30m=1.25") == [(1800.0, "1.25.16"), (3000.0, "1.26.15")]
    assert planned("1.24.3", "0s=1.24.17", "1h=1.25", length=HOUR + 1)[0] == (0.0, "1.24.17"), "a newer patch is a hop"


@pytest.mark.parametrize(
    ("texts", "said", "help_"),
    [
        (["30m=1.26"], r"skips 1\.25: the API server may only", "to 1.25, then to 1.26"),
        (["30m=1.25", "40m=1.28"], r"1\.25\.16 to 1\.28\.15 skips 1\.26, 1\.27", "1.26, then to 1.27, then to 1.28"),
        (["30m=1.25", "40m=1.24"], r"can't go back to 1\.24\.17", "version-skew-policy"),
        (["30m=1.24.3"], r"can't go back to 1\.24\.3", "version-skew-policy"),
        (["30m=1.24"], "twice, or runs it from the beginning", ""),
        (["30m=1.25", "40m=1.25"], "twice", ""),
        (["30m=1.99"], r"no data for Kubernetes 1\.99", ""),
        (["30m=1.20"], r"1\.20 can't be had", "1.24 to 1."),
        (["60m=1.25"], "1.25.16 at 1h is outside of what is played: 0s to 1h of", ""),
        (["300h0m1.5s=1.25"], "at 300h1.5s is outside", ""),
        (["1.25"], "TIME=RELEASE", ""),
        (["-5m=1.25"], "TIME=RELEASE", ""),
        (["soon=1.25"], "TIME=RELEASE", ""),
    ],
)
def test_what_the_skew_policy_or_the_trace_forbids(texts: list[str], said: str, help_: str) -> None:
    with pytest.raises(ClientError, match=said) as refused:
        planned("1.24", *texts)
    assert help_ in refused.value.hint


def test_the_part_that_is_played_counts() -> None:
    late = Window(start=1800.0, duration=600.0, speed=60.0)
    assert planned("1.24", "35m=1.25", window=late, length=600.0) == [(2100.0, "1.25.16")]
    for time in ("29m", "40m"):
        with pytest.raises(ClientError, match="30m to 40m"):
            planned("1.24", f"{time}=1.25", window=late, length=600.0)
    with pytest.raises(ClientError, match="needs a speed"):
        planned("1.24", "30m=1.25", window=Window(speed=None))


@given(st.lists(st.sampled_from(sorted(pinned())), min_size=1, max_size=5))
def test_only_ways_without_a_gap_are_taken(minors: list[str]) -> None:
    known = list(pinned())
    steps = [known.index(minor) for minor in ("1.24", *minors)]
    is_a_way = all(after - before == 1 for before, after in pairwise(steps))
    hops = [Hop(60.0 * number, pinned()[minor]) for number, minor in enumerate(minors)]
    try:
        found = plan_hops("1.24", hops, AT_60, HOUR)
    except ClientError:
        assert not is_a_way
    else:
        assert is_a_way
        assert [hop.minor for hop in found] == minors
