from __future__ import annotations

import pytest

from skel.trace.errors import TraceError
from skel.trace.instant import Instant

START, END = 1_700_000_000, 1_700_003_600


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("10m", START + 600),
        ("1h30m", START + 5400),
        ("0", START),
        ("1.5s", START + 1),
        ("-30m", END - 1800),
        ("2d", START + 172_800),
        ("1d12h", START + 129_600),
        ("-1d30m", END - 88_200),
        ("1700000042", START + 42),
        ("2023-11-14T22:13:20Z", START),
        ("2023-11-14T22:13:20", START),
        ("2023-11-15T00:13:20+02:00", START),
    ],
)
def test_what_people_write(text: str, time: int) -> None:
    assert Instant.parse(text).at(START, END) == time


@pytest.mark.parametrize(
    "text", ["", "10", "soon", "10 minutes", "m", "d", "1d2d", "1d-2h", "1d 2h", "1.5d", "2023-13-01", "9999999"]
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(TraceError, match="is no time"):
        Instant.parse(text)
