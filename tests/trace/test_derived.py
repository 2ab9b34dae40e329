"""Index, pod lifecycles and tracked kinds after objects moved, went or came."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.trace.derived import rebuild, rebuild_index
from skel.trace.identity import Identity
from skel.trace.lifecycle import merge_lifetimes, rebuild_lifecycles, start_of
from skel.trace.moves import Moves
from skel.trace.tracked import rebuild_config
from tests.trace.making import trace_of

OLD = ("batch/v1beta1.CronJob", "n/a")
NEW = ("batch/v1.CronJob", "n/a")
OTHER = ("batch/v1.CronJob", "n/b")
STRANGER = ("v1.ConfigMap", "n/c")


def index(*entries: tuple[Identity, int]) -> dict[str, dict[str, int]]:
    result: dict[str, dict[str, int]] = {}
    for (kind, name), found in entries:
        result.setdefault(kind, {})[name] = found
    return result


MOVED = Moves(seen={NEW: 7}, moved={OLD: [NEW]}, lost={OLD})
ONLY_A_DELETED_ONE_MOVED = Moves(moved={OLD: [NEW]}, lost={OLD})
SWAPPED = Moves(seen={NEW: 8, OTHER: 9}, moved={NEW: [OTHER], OTHER: [NEW]}, lost={NEW, OTHER})
CHAIN = Moves(seen={NEW: 7, OTHER: 8}, moved={OLD: [NEW], NEW: [OTHER]}, lost={OLD, NEW})


@pytest.mark.parametrize(
    ("before", "moves", "after"),
    [
        (index((OLD, 1), (OTHER, 2)), MOVED, index((NEW, 7), (OTHER, 2))),
        (index((OLD, 1)), ONLY_A_DELETED_ONE_MOVED, index((NEW, 1))),
        (index((OLD, 1), (NEW, 5)), ONLY_A_DELETED_ONE_MOVED, index((NEW, 5))),
        (index((NEW, 5), (OLD, 1)), MOVED, index((NEW, 7))),
        (index((NEW, 1), (OTHER, 2)), SWAPPED, index((NEW, 8), (OTHER, 9))),
        (index((OLD, 1), (NEW, 2)), CHAIN, index((NEW, 7), (OTHER, 8))),
        # Deleted: all of it, or a part.
        (index((OLD, 1), (NEW, 2)), Moves(lost={OLD}), index((NEW, 2))),
        (index((OLD, 1)), Moves(lost={OLD}, stayed={OLD}, seen={OLD: None}), index((OLD, 1))),
        (index((OLD, 1)), Moves(lost={OLD}, stayed={OLD}, seen={OLD: 4}), index((OLD, 4))),
        # Some objects of a name moved, some stayed.
        (index((OLD, 1)), Moves({OLD: None, NEW: 7}, {OLD: [NEW]}, {OLD}, {OLD}), index((OLD, 1), (NEW, 7))),
        # A new spec under the old name, and one of a name that the index does not know.
        (index((OLD, 1)), Moves(seen={OLD: 3, NEW: None, OTHER: 5}), index((OLD, 3))),
        # What is not tracked gets no entry, unless its new kind is tracked.
        (index((OTHER, 2)), Moves({STRANGER: 7}, {("v1.Pod", "x"): [STRANGER]}), index((OTHER, 2))),
        (index((OTHER, 2)), Moves({NEW: 7}, {("v1.Pod", "x"): [NEW]}), index((OTHER, 2), (NEW, 7))),
        # Clones and inserted objects.
        (index((OLD, 1)), Moves(seen={NEW: 7}, added={NEW: OLD}), index((OLD, 1), (NEW, 7))),
        (index((OLD, 1)), Moves(added={NEW: OLD}), index((OLD, 1), (NEW, 1))),
        (
            index((OTHER, 1)),
            Moves(seen={NEW: 7, STRANGER: 8}, added={NEW: None, STRANGER: None}),
            index((OTHER, 1), (NEW, 7)),
        ),
        # A kind without entries that was there stays.
        ({"v1.Pod": {}, **index((OLD, 1))}, Moves(lost={OLD}), {"v1.Pod": {}}),
    ],
)
def test_index(before: dict[str, dict[str, int]], moves: Moves, after: dict[str, dict[str, int]]) -> None:
    kept = copy.deepcopy(before)
    assert rebuild_index(before, moves, set(before)) == after
    assert before == kept


RUNNING, FIRST, SECOND, EMPTY = {"Running": 50}, {"Finished": [10, 20]}, {"Finished": [30, 40]}, "Empty"


@pytest.mark.parametrize(
    ("before", "moves", "after"),
    [
        ({OLD: {1: [FIRST]}, OTHER: {1: []}}, MOVED, {NEW: {1: [FIRST]}, OTHER: {1: []}}),
        ({OLD: {1: [SECOND, EMPTY]}, NEW: {1: [FIRST, RUNNING]}}, MOVED, {NEW: {1: [FIRST, SECOND, RUNNING, EMPTY]}}),
        ({OLD: {1: [FIRST]}, NEW: {2: [SECOND]}}, MOVED, {NEW: {1: [FIRST], 2: [SECOND]}}),
        ({NEW: {1: [FIRST]}, OTHER: {2: [SECOND]}}, SWAPPED, {OTHER: {1: [FIRST]}, NEW: {2: [SECOND]}}),
        ({OLD: {1: [FIRST]}, NEW: {2: [SECOND]}}, CHAIN, {NEW: {1: [FIRST]}, OTHER: {2: [SECOND]}}),
        ({OLD: {1: [FIRST]}}, Moves(lost={OLD}), {}),
        ({OLD: {1: [FIRST]}}, Moves(lost={OLD}, stayed={OLD}), {OLD: {1: [FIRST]}}),
        (
            {OLD: {1: [FIRST]}},
            Moves(added={NEW: OLD, OTHER: OLD, STRANGER: None}),
            {OLD: {1: [FIRST]}, NEW: {1: [FIRST]}, OTHER: {1: [FIRST]}},
        ),
        (
            {OLD: {1: [FIRST]}},
            Moves(moved={OLD: [NEW, OTHER, NEW]}, lost={OLD}),
            {NEW: {1: [FIRST]}, OTHER: {1: [FIRST]}},
        ),
        # The clone was made before its model was renamed.
        (
            {OLD: {1: [FIRST]}},
            Moves(moved={OLD: [NEW]}, lost={OLD}, added={OTHER: OLD}),
            {NEW: {1: [FIRST]}, OTHER: {1: [FIRST]}},
        ),
    ],
)
def test_lifecycles(before: Any, moves: Moves, after: Any) -> None:
    kept = copy.deepcopy(before)
    assert rebuild_lifecycles(before, moves) == after
    assert before == kept


lifetimes = st.lists(
    st.one_of(st.just("Empty"), st.builds(lambda s: {"Running": s}, st.integers(0, 9))), max_size=4
).map(lambda found: sorted(found, key=lambda entry: (entry == "Empty", start_of(entry) or 0)))
by_hash = st.dictionaries(st.integers(0, 3), lifetimes, max_size=3)


@given(by_hash, by_hash)
def test_merging_keeps_every_lifetime_and_their_order(left: Any, right: Any) -> None:
    merged = merge_lifetimes(left, right)
    assert merged.keys() == left.keys() | right.keys()
    for key, found in merged.items():
        both = [*left.get(key, []), *right.get(key, [])]
        assert Counter(map(str, found)) == Counter(map(str, both))
        starts = [start_of(entry) for entry in found]
        assert starts == sorted(starts, key=lambda start: (start is None, start or 0))


@pytest.mark.parametrize(
    ("lifetime", "start"),
    [
        (RUNNING, 50),
        (FIRST, 10),
        (EMPTY, None),
        ({}, None),
        ({"Running": "x"}, None),
        ({"Finished": []}, None),
        (5, None),
    ],
)
def test_start(lifetime: Any, start: int | None) -> None:
    assert start_of(lifetime) == start


LIFE = {"trackLifecycle": True}
PATHS = {"podSpecTemplatePaths": ["/spec"]}


@pytest.mark.parametrize(
    ("before", "left", "after"),
    [
        ({OLD[0]: LIFE, "v1.Pod": {}}, {}, {NEW[0]: LIFE, "v1.Pod": {}}),
        ({OLD[0]: LIFE}, {OLD[0]: 1}, {OLD[0]: LIFE, NEW[0]: LIFE}),
        ({OLD[0]: LIFE, NEW[0]: PATHS}, {}, {NEW[0]: {**PATHS, **LIFE}}),
        ({NEW[0]: PATHS, OLD[0]: LIFE}, {}, {NEW[0]: {**PATHS, **LIFE}}),
        ({OLD[0]: PATHS, NEW[0]: LIFE}, {}, {NEW[0]: LIFE}),
        ({OLD[0]: {"trackLifecycle": False}, NEW[0]: PATHS}, {}, {NEW[0]: PATHS}),
        ({"v1.Pod": {}}, {}, {"v1.Pod": {}}),
        ({OLD[0]: None}, {}, {NEW[0]: None}),
    ],
)
def test_tracked_kinds(before: Any, left: dict[str, int], after: Any) -> None:
    moves = Moves(moved={OLD: [NEW]}, lost={OLD}, kinds_left=Counter(left))
    config = {"trackedObjects": before, "more": 1}
    kept = copy.deepcopy(config)
    assert rebuild_config(config, moves) == {"trackedObjects": after, "more": 1}
    assert config == kept


@pytest.mark.parametrize("config", [{}, {"trackedObjects": None}, {"trackedObjects": []}])
def test_a_configuration_that_tracks_nothing(config: Any) -> None:
    assert rebuild_config(config, MOVED) is config


def test_a_new_name_changes_no_kind() -> None:
    config = {"trackedObjects": {NEW[0]: LIFE}}
    assert rebuild_config(config, SWAPPED) is config


def test_nothing_happened() -> None:
    found = rebuild(trace_of(index=5), Moves(seen={OLD: None}, kinds_left=Counter({OLD[0]: 1})))
    assert found == (None, None, None)  # and the index, which is none, was not even read


def test_all_three() -> None:
    trace = trace_of(
        config={"trackedObjects": {OLD[0]: LIFE}}, index=index((OLD, 1)), pod_lifecycles={OLD: {1: [FIRST]}}
    )
    found = rebuild(trace, MOVED)
    after = trace.with_events(trace.events, config=found.config, index=found.index, pod_lifecycles=found.pod_lifecycles)
    assert after.config == {"trackedObjects": {NEW[0]: LIFE}}
    assert after.index == index((NEW, 7))
    assert after.pod_lifecycles == {NEW: {1: [FIRST]}}
    assert trace.index == index((OLD, 1))


identities = st.sampled_from([OLD, NEW, OTHER, STRANGER])


@given(st.dictionaries(identities, st.integers(0, 5)), st.dictionaries(identities, identities))
def test_renaming_all_objects_at_once(entries: dict[Identity, int], names: dict[Identity, Identity]) -> None:
    """Every object of the index has a new name: the index is the old one with the new names."""
    moved = {old: [new] for old, new in names.items() if old in entries and old != new}
    seen = {names.get(old, old): found for old, found in entries.items()}
    stayed = {old for old in entries if old not in moved}
    moves = Moves(dict(seen), moved, set(moved), stayed)
    assert rebuild_index(index(*entries.items()), moves, ()) == index(*seen.items())
