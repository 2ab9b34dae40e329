from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from skel.trace.scan import children, end_of
from tests.trace.making import packed, values


@given(values, values)
def test_the_end_of_a_value(first: Any, second: Any) -> None:
    data = packed(first) + packed(second)
    assert end_of(data, 0) == len(packed(first))
    assert end_of(data, len(packed(first))) == len(data)
    for cut in range(len(packed(first))):
        with pytest.raises(ValueError, match="ends in the middle"):
            end_of(data[:cut], 0)


@given(values)
def test_children(value: Any) -> None:
    if isinstance(value, dict):
        assert children(packed(value)) == [packed(part) for entry in value.items() for part in entry]
    elif isinstance(value, list):
        assert children(packed(value)) == [packed(item) for item in value]
    else:
        assert children(packed(value)) == []


@pytest.mark.parametrize("size", [16, 255, 256, 65535, 65536])
def test_sizes(size: int) -> None:
    for value in ("x" * size, b"x" * size, [None] * size, dict.fromkeys(range(size))):
        assert end_of(packed(value), 0) == len(packed(value))


def test_depth_and_nonsense() -> None:
    deep = b"\x91" * 100_000 + b"\xc0"
    assert end_of(deep, 0) == len(deep)
    with pytest.raises(ValueError, match="0xc1"):
        end_of(b"\x91\xc1", 0)
