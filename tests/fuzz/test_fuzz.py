"""A short run of the fuzzer, the same each time."""

from __future__ import annotations

import pytest

from tests.fuzz.corpus import programs, traces
from tests.fuzz.fuzz import fuzz
from tests.fuzz.targets import codec, parser


@pytest.mark.parametrize(("target", "seeds"), [(parser, programs), (codec, traces)], ids=["parser", "codec"])
def test_only_our_errors_come_out(target, seeds) -> None:  # type: ignore[no-untyped-def]
    assert fuzz(target, seeds(), seed=1, seconds=5) is None
