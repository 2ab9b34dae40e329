"""Entries -> traces: events, windows, lifetimes."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw, msgpack

from skel.record.assemble import Window, write_trace
from skel.record.entries import RUNNING, Applied, Deleted, Entry, Held, Lived, Moment, Place
from skel.record.frames import Spool
from skel.trace.census import recompute_index
from skel.trace.codec import decode_object
from skel.trace.index import spec_hash
from skel.trace.model import Trace

KIND = "apps/v1.Deployment"
CONFIG: dict[str, Any] = {"trackedObjects": {KIND: {}}}


def manifest(name: str, value: int) -> Raw:
    thing = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "n"}}
    return Raw(msgpack.encode({**thing, "spec": {"replicas": value}}))


def applied(at: int, name: str, value: int = 0) -> Applied:
    hash_ = spec_hash({"replicas": value})
    return Applied(at, KIND, f"n/{name}", "u", hash_, hash_, manifest(name, value))


def deleted(at: int, name: str) -> Deleted:
    return Deleted(at, KIND, f"n/{name}", manifest(name, 0))


def trace_of(entries: list[Entry], window: Window | None = None) -> Trace:
    file = BytesIO()
    result = write_trace(file, Held(entries), CONFIG, window)
    trace = Trace.from_bytes(file.getvalue())
    assert result.events == len(trace.events)
    assert (result.applied, result.deleted) == (
        sum(len(event.applied_objs) for event in trace.events),
        sum(len(event.deleted_objs) for event in trace.events),
    )
    return trace


def shape(trace: Trace) -> list[tuple[int, list[str], list[str]]]:
    def names(raws: list[Raw]) -> list[str]:
        return [decode_object(raw)["metadata"]["name"] for raw in raws]

    return [(event.ts, names(event.applied_objs), names(event.deleted_objs)) for event in trace.events]


def test_an_event_a_second() -> None:
    entries: list[Entry] = [
        Moment(10),
        applied(10, "a"),
        applied(10, "b"),
        Place("x", "1"),
        deleted(12, "a"),
        Moment(20),
    ]
    assert shape(trace_of(entries)) == [(10, ["a", "b"], []), (12, [], ["a"]), (20, [], [])]


def test_the_order_within_a_second_is_kept() -> None:
    """In an event what is applied comes first: an object that goes and comes again needs two."""
    entries: list[Entry] = [
        applied(1, "a", 1),
        applied(1, "a", 2),
        deleted(1, "a"),
        applied(1, "b"),
        applied(1, "a", 3),
    ]
    assert shape(trace_of(entries)) == [(1, ["a"], []), (1, ["a", "b"], ["a"]), (1, ["a"], [])]


def test_a_window_begins_with_what_was_there() -> None:
    entries: list[Entry] = [
        applied(1, "a", 1),
        applied(2, "b"),
        applied(3, "a", 2),
        deleted(4, "b"),
        applied(9, "c"),
        applied(20, "d"),
    ]
    trace = trace_of(entries, Window(5, 20))
    assert shape(trace) == [(5, ["a"], []), (9, ["c"], [])]
    assert decode_object(trace.events[0].applied_objs[0])["spec"] == {"replicas": 2}
    assert sorted(trace.index[KIND]) == ["n/a", "n/c"]
    assert shape(trace_of(entries, Window(5, 20, closed=True)))[-1] == (20, [], [])


def test_lifetimes_are_cut_to_the_window() -> None:
    def life(pod: str, start: int, end: int, at: int, owner: str = "n/a") -> Lived:
        return Lived(at, pod, KIND, owner, 7, start, end)

    entries: list[Entry] = [
        applied(1, "a"),
        life("before", 1, 3, 3),
        life("into", 2, RUNNING, 2),
        life("within", 12, RUNNING, 12),
        life("into", 2, 14, 14),
        life("of nobody", 12, 13, 13, owner="n/b"),
        life("behind", 31, RUNNING, 31),
        life("within", 12, 35, 35),
    ]
    trace = trace_of(entries, Window(10, 30))
    assert trace.pod_lifecycles == {(KIND, "n/a"): {7: [{"Finished": [10, 14]}, {"Finished": [12, 35]}]}}


def test_a_bare_pod_that_has_ended_before_the_window_is_not_in_it() -> None:
    pod = Applied(1, "v1.Pod", "n/p", "u", 5, 5, Raw(msgpack.encode({"kind": "Pod"})))
    entries: list[Entry] = [pod, Lived(3, "u", "v1.Pod", "n/p", 7, 2, 3)]
    assert shape(trace_of(entries, Window(10, 20))) == [(10, [], [])]
    assert trace_of(entries, Window(10, 20)).index.get("v1.Pod", {}) == {}


changes = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 3))), max_size=30
)


@given(changes, st.integers(0, 40), st.integers(0, 40))
def test_windows_join_to_the_whole(steps: list[tuple[int, str, int | None]], first: int, length: int) -> None:
    """What is there at the end of one window is what the next begins with, and the index is that of its objects."""
    entries: list[Entry] = []
    at, there = 1, set[str]()
    for pause, name, value in steps:
        at += pause
        if value is not None:
            entries.append(applied(at, name, value))
            there.add(name)
        elif name in there:
            entries.append(deleted(at, name))
            there.discard(name)
    whole = trace_of(entries)
    assert final(whole) == final(trace_of(entries, Window(first)))
    cut = first + length + 1
    one, two = trace_of(entries, Window(first, cut)), trace_of(entries, Window(cut))
    assert state(two.events[0].applied_objs) == final(one)
    for trace in (whole, one, two):
        assert {kind: names for kind, names in trace.index.items() if names} == recompute_index(trace)


def state(raws: list[Raw]) -> dict[str, int]:
    return {thing["metadata"]["name"]: thing["spec"]["replicas"] for thing in map(decode_object, raws)}


def final(trace: Trace) -> dict[str, int]:
    """What is there after the last event."""
    there: dict[str, int] = {}
    for event in trace.events:
        there |= state(event.applied_objs)
        for raw in event.deleted_objs:
            del there[decode_object(raw)["metadata"]["name"]]
    return there


def test_a_spool_gives_back_what_was_put() -> None:
    spool = Spool()
    entries: list[Entry] = [
        applied(1, "a"),
        deleted(2, "a"),
        Moment(3),
        Place("f", "9"),
        Lived(4, "p", KIND, "n/a", 1, 2),
    ]
    for entry in entries:
        spool.put(entry)
    assert list(spool()) == list(spool()) == entries
    spool.put(Moment(9))
    assert len(list(spool())) == 6
    spool.close()
