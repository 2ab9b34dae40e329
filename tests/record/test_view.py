"""The line that a person sees."""

from __future__ import annotations

from dataclasses import replace

import pytest

from skel.record.live.status import Figures, Gauge
from skel.record.live.view import render, size
from skel.record.recording import Counts

CALM = Figures(
    started=1000.0,
    now=4725.0,
    objects=10_234,
    pods=12,
    counts=Counts(seen=40_000, applied=500, deleted=12),
    rate=3.21,
    lag=0.04,
    waiting=0,
    journal_bytes=36_300_000,
    unwritten=0.4,
    is_ready=True,
    away=(),
    problems=(),
    written=0,
    feeds=20,
    clock_ahead=0.0,
)


def test_all_is_well() -> None:
    line = "recording 1:02:05  10,234 objects, 512 events, 3.2 a second, 12 pods, 36.3 MB  lag 0.0 s"
    assert render(CALM).plain == line


def test_what_is_wrong_is_below() -> None:
    troubled = replace(CALM, is_ready=False, lag=4.0, pods=0, problems=("the server is away", "the disk is full"))
    assert render(troubled).plain == (
        "recording 1:02:05  10,234 objects, 512 events, 3.2 a second, 36.3 MB  listing what is there  lag 4.0 s"
        "\n! the server is away\n! the disk is full"
    )


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (3_000_000_000_000, "3000.0 GB")]
)
def test_sizes(count: float, text: str) -> None:
    assert size(count) == text


def test_the_rate_is_that_of_the_last_seconds() -> None:
    now = [0.0]
    gauge = Gauge(lambda: now[0])
    assert gauge.rate == 0
    for second in range(100):
        now[0] = float(second)
        gauge.mark(second * 5 if second < 50 else 250)
        if second == 40:
            assert gauge.rate == 5
    assert gauge.rate == 0
