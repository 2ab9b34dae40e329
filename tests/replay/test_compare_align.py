"""Requests of several runs side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from skel.replay.aligning import align, key_of
from skel.replay.run_lines import RequestLine
from tests.replay.runs import cronjob, request


def line(*arguments: object, **more: object) -> RequestLine:
    return msgspec.convert(request(*arguments, **more), RequestLine)  # type: ignore[arg-type]


def times(found: Iterator[object]) -> int:
    return sum(1 for _ in found)


RUNS = st.lists(
    st.builds(
        line,
        st.integers(0, 3).map(float),
        st.sampled_from("ab"),
        round=st.integers(0, 1),
        verdict=st.sampled_from(["accepted", "rejected"]),
    ),
    max_size=12,
)


@given(RUNS, RUNS)
def test_every_line_is_there_once_and_pairs_are_of_one_key(one: list[RequestLine], other: list[RequestLine]) -> None:
    found = list(align([iter(one), iter(other)]))
    left = [pair.lines[0] for pair in found if pair.lines[0] is not None]
    right = [pair.lines[1] for pair in found if pair.lines[1] is not None]
    assert sorted(map(id, left)) == sorted(map(id, one))
    assert sorted(map(id, right)) == sorted(map(id, other))
    pairs = Counter(key_of(pair.first) for pair in found if None not in pair.lines)
    mine, yours = Counter(map(key_of, one)), Counter(map(key_of, other))
    assert pairs == mine & yours
    assert all(len({key_of(entry) for entry in pair.lines if entry is not None}) == 1 for pair in found)


@given(RUNS, st.randoms(use_true_random=False))
def test_the_order_within_a_moment_makes_no_difference(one: list[RequestLine], random: object) -> None:
    """Requests that go out together are answered in any order."""
    first = sorted(one, key=lambda entry: (entry.round, entry.t))
    keys = {id(entry): random.random() for entry in one}  # type: ignore[attr-defined]
    second = sorted(one, key=lambda entry: (entry.round, entry.t, keys[id(entry)]))
    assert all(None not in pair.lines for pair in align([iter(first), iter(second)]))


def test_a_moved_api_version_is_the_same_object() -> None:
    old = msgspec.convert(cronjob(0, "report"), RequestLine)
    new = msgspec.convert(cronjob(0, "report", version="batch/v1"), RequestLine)
    (pair,) = align([iter([old]), iter([new])])
    assert pair.lines == (old, new)


def test_only_what_runs_are_apart_is_kept() -> None:
    """The run that is behind is read on."""
    read: list[str] = []

    def run(name: str) -> Iterator[RequestLine]:
        for number in range(100):
            read.append(name)
            yield line(float(number))

    pairs = align([run("a"), run("b")])
    for _ in range(50):
        next(pairs)
    assert abs(read.count("a") - read.count("b")) <= 1
    assert times(pairs) == 50
