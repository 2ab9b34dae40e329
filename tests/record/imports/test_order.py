"""Sorting with runs on the disk is sorting; versions ascend within the window."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from skel.record.imports.audit.note import Did, Note
from skel.record.imports.audit.order import Sorter, by_version


def note(time: int, version: int, number: int, uid: str = "u") -> Note:
    body = b"x" * (number * 37 % 500)
    return Note(time, version, str(number), Did.WROTE, "r", "n", "o", uid, "v1", "Kind", 0, body, "f", number)


notes = st.lists(st.builds(note, st.integers(0, 50), st.integers(0, 9), st.integers(0, 40)), max_size=80)


@given(notes, st.integers(1, 40_000))
def test_runs(given_notes: list[Note], run: int) -> None:
    with Sorter(run) as sorter:
        for item in given_notes:
            sorter.add(item)
        found = list(sorter)
    assert [item.key for item in found] == sorted({item.key for item in given_notes})


@given(st.lists(st.tuples(st.integers(1, 500), st.sampled_from("ab")), max_size=40), st.integers(0, 100))
def test_versions_ascend(given_versions: list[tuple[int, str]], spread: int) -> None:
    """Each object gets its own versions in order, at the times that its changes had."""
    found = [note(number * 10, version, number, uid) for number, (version, uid) in enumerate(given_versions)]
    ordered = list(by_version(found, window=10_000 + spread))
    assert [item.time for item in ordered] == [item.time for item in found]
    assert [item.uid for item in ordered] == [item.uid for item in found]
    for uid in "ab":
        assert [item.version for item in ordered if item.uid == uid] == sorted(
            v for v, of in given_versions if of == uid
        )


def test_far_apart_is_left_alone() -> None:
    """A clock that went back by hours is no reason to hold everything."""
    found = [note(0, 5, 1), note(10_000, 3, 2)]
    assert [item.version for item in by_version(found, window=100)] == [5, 3]
