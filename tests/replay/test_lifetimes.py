"""Which recorded lifetime each pod of a replay gets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.replay.lifetimes import Basis, LifetimeBook, Place, owner_key, seconds_of
from skel.replay.result import Behind, Counts, Ended, RunResult
from skel.report.replay import replay_lines
from skel.report.terminal import Paint
from skel.trace.identity import Identity

WEB: Identity = ("apps/v1.Deployment", "shop/web")
SET: Identity = ("apps/v1.ReplicaSet", "shop/web-6d4f")
POD: Identity = ("v1.Pod", "shop/web-6d4f-x2x")
CHAIN = (SET, WEB, POD)


def finished(start: int, seconds: int) -> dict[str, Any]:
    return {"Finished": [start, start + seconds]}


def take(book: LifetimeBook, spec: int, owners: tuple[Identity, ...] = CHAIN) -> Place:
    place = book.take(owners, spec)
    assert place is not None
    return place


def test_the_nth_pod_gets_the_nth_lifetime_and_then_they_begin_again() -> None:
    book = LifetimeBook({WEB: {1: [finished(0, 10), finished(5, 20)]}})
    assert [take(book, 1).seconds for _ in range(4)] == [10, 20, 10, 20]
    assert book.counts.summary() == {
        "pods": 4, "ending": 4, "byHash": 4, "byOnlyHash": 0, "byOrder": 0, "beyondRecord": 2, "unrecorded": 0,
    }  # fmt: skip


def test_each_spec_of_an_owner_and_each_owner_counts_for_itself() -> None:
    other = ("apps/v1.Deployment", "shop/api")
    book = LifetimeBook(
        {WEB: {1: [finished(0, 10)], 2: [finished(0, 20), finished(0, 21)]}, other: {1: [finished(0, 30)]}}
    )
    assert [take(book, 1).seconds, take(book, 2).seconds, take(book, 2).seconds] == [10, 20, 21]
    assert take(book, 1, (other,)).seconds == 30


def test_the_nearest_owner_with_a_record_counts() -> None:
    book = LifetimeBook({WEB: {1: [finished(0, 10)]}, SET: {1: [finished(0, 20)]}})
    assert take(book, 1).seconds == 20
    assert take(book, 1, (WEB, POD)).seconds == 10


def test_a_bare_pod_is_its_own_owner() -> None:
    assert take(LifetimeBook({POD: {1: [finished(3, 4)]}}), 1).seconds == 4


def test_nothing_is_known_of_a_stranger() -> None:
    book = LifetimeBook({WEB: {1: [finished(0, 10)]}})
    assert book.take([("apps/v1.Deployment", "other/web")], 1) is None
    assert book.counts.unrecorded == 1


@pytest.mark.parametrize("record", [{"Running": 7}, "Empty", None, {"Finished": "x"}])
def test_a_pod_that_ran_on_runs_on(record: Any) -> None:
    assert take(LifetimeBook({WEB: {1: [record]}}), 1).seconds is None


def test_a_lifetime_is_never_negative() -> None:
    assert seconds_of({"Finished": [10, 4]}) == 0


def test_an_owner_without_any_lifetime_is_none() -> None:
    book = LifetimeBook({SET: {1: []}, WEB: {1: [finished(0, 10)]}})
    assert take(book, 1).seconds == 10
    assert not LifetimeBook({SET: {1: []}, WEB: {}})


@pytest.mark.parametrize(
    ("recorded", "seen"),
    [
        ("batch/v1beta1.CronJob", "batch/v1.CronJob"),
        ("batch/v1.CronJob", "batch/v1beta1.CronJob"),
        ("extensions/v1beta1.Deployment", "apps/v1.Deployment"),
    ],
)
def test_an_owner_is_the_same_in_every_version(recorded: str, seen: str) -> None:
    book = LifetimeBook({(recorded, "a/b"): {1: [finished(0, 10)]}})
    assert take(book, 1, ((seen, "a/b"),)).seconds == 10


def test_an_owner_that_stands_in_two_versions_has_the_lifetimes_of_both() -> None:
    old, new = ("batch/v1beta1.CronJob", "a/b"), ("batch/v1.CronJob", "a/b")
    book = LifetimeBook({new: {1: [finished(60, 2)]}, old: {1: [finished(0, 1)]}})
    assert [take(book, 1, (new,)).seconds for _ in range(2)] == [1, 2]


def test_the_core_group_is_a_group() -> None:
    assert owner_key(("v1.Pod", "a/b")) == ("", "Pod", "a/b")
    assert owner_key(("batch.example.com/v1.Job", "a/b")) != owner_key(("batch/v1.Job", "a/b"))


def test_a_changed_template_takes_the_only_lifetimes_that_there_are() -> None:
    book = LifetimeBook({WEB: {1: [finished(0, 10), finished(0, 11)]}})
    places = [take(book, 99), take(book, 98)]
    assert [place.seconds for place in places] == [10, 11]
    assert {place.basis for place in places} == {Basis.ONLY}
    assert book.counts.fallbacks == 2


def test_changed_templates_take_lifetimes_in_the_order_of_first_appearance() -> None:
    book = LifetimeBook({WEB: {7: [finished(100, 3)], 5: [finished(0, 1), finished(9, 2)], 6: ["Empty"]}})
    first, second, again = take(book, 51), take(book, 71), take(book, 51)
    assert [first.seconds, second.seconds, again.seconds] == [1, 3, 2]
    assert {first.basis, second.basis, again.basis} == {Basis.ORDER}
    assert take(book, 61).seconds is None, "the spec whose pods never ran comes last"


def test_what_is_found_by_its_hash_is_not_given_to_another() -> None:
    book = LifetimeBook({WEB: {5: [finished(0, 1)], 7: [finished(100, 3)]}})
    assert take(book, 5).basis is Basis.HASH
    assert take(book, 71).seconds == 3


def test_more_specs_than_were_recorded_take_the_last() -> None:
    book = LifetimeBook({WEB: {5: [finished(0, 1)], 7: [finished(100, 3)]}})
    assert [take(book, spec).spec for spec in (51, 71, 81)] == [5, 7, 7]


def test_pods_of_a_changed_and_of_the_recorded_spec_are_counted_together() -> None:
    book = LifetimeBook({WEB: {5: [finished(0, 1), finished(0, 2), finished(0, 3)], 7: [finished(9, 9)]}})
    assert [take(book, spec).seconds for spec in (51, 5, 51)] == [1, 2, 3]


def test_a_run_that_is_taken_up_again_goes_on_counting() -> None:
    book = LifetimeBook({WEB: {1: [finished(0, seconds) for seconds in range(5)]}})
    book.recall(CHAIN, 1, 2)
    book.recall(CHAIN, 1, 0)
    book.recall([("v1.Pod", "a/stranger")], 1, 9)
    assert take(book, 1).number == 3


def test_a_repetition_begins_anew() -> None:
    book = LifetimeBook({WEB: {5: [finished(0, 1)], 7: [finished(100, 3)]}})
    first = [take(book, spec) for spec in (71, 51, 51)]
    book.restart()
    assert [take(book, spec) for spec in (71, 51, 51)] == first


specs = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=5, unique=True)


@st.composite
def owners(draw: st.DrawFn) -> dict[int, list[Any]]:
    """Revisions one after the other, each with some pods."""
    clock = 0
    found: dict[int, list[Any]] = {}
    for spec in draw(specs):
        found[spec] = []
        for _ in range(draw(st.integers(1, 4))):
            found[spec].append(finished(clock, draw(st.integers(0, 99))))
            clock += 1
    return found


@given(owners(), st.integers(1, 2**64 - 1))
def test_law_a_rule_that_changes_every_template_loses_no_lifetime(recorded: dict[int, list[Any]], salt: int) -> None:
    plain, changed = LifetimeBook({WEB: recorded}), LifetimeBook({WEB: recorded})
    pods = [spec for spec, records in recorded.items() for _ in records]
    same = [take(plain, spec).seconds for spec in pods]
    # Another hash for each spec, and none that is recorded.
    moved = {spec: -1 - (spec ^ salt) for spec in recorded}
    assert [take(changed, moved[spec]).seconds for spec in pods] == same
    assert plain.counts.fallbacks == 0
    assert changed.counts.fallbacks == len(pods)


@given(owners(), st.lists(st.integers(0, 8), max_size=30))
def test_law_counts_add_up_and_each_number_is_given_once(recorded: dict[int, list[Any]], asked: list[int]) -> None:
    book = LifetimeBook({WEB: recorded})
    known = list(recorded)
    places = [take(book, known[number] if number < len(known) else -number) for number in asked]
    assert len({(place.spec, place.number) for place in places}) == len(places)
    counts = book.counts
    assert counts.pods == counts.by_hash + counts.fallbacks + counts.unrecorded == len(asked)
    for place in places:
        records = recorded[place.spec]
        assert place.seconds == seconds_of(records[place.number % len(records)])


def told(info: dict[str, Any]) -> list[str]:
    result = RunResult(Ended.COMPLETE, "local:1.25", "1.25", "s", Counts(), Behind(), (), 1.0, info=info)
    return [line for line in replay_lines(result, "t", Paint(color=False)) if "lifetimes" in line]


def test_the_end_of_a_run_tells_of_fallbacks() -> None:
    book = LifetimeBook({WEB: {5: [finished(0, 1)], 7: [{"Running": 9}]}})
    assert told({}) == told({"lifetimes": book.counts.summary()}) == []
    take(book, 5)
    assert told({"lifetimes": book.counts.summary()}) == ["  lifetimes: 1 pod, 1 with a recorded end"]
    take(book, 71)
    take(book, 5)
    book.take([POD], 1)
    assert told({"lifetimes": book.counts.summary()}) == [
        "  lifetimes: 4 pods, 2 with a recorded end, 1 by a fallback, since their specs were not recorded, "
        "1 more than recorded, 1 of which nothing is recorded"
    ]
