from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from skel.trace.census import recompute_index
from skel.trace.errors import TraceError
from skel.trace.history import state_at
from skel.trace.identity import Identity
from skel.trace.merging import merge_traces
from skel.trace.model import Trace
from skel.trace.slicing import slice_trace
from tests.trace.making import trace_of, unpacked
from tests.trace.recordings import START, manifest, recorded, recordings

WEB, CART, NODE = ("Deployment", "shop", "web"), ("Deployment", "shop", "cart"), ("Node", "", "node-1")
KEY = "apps/v1.Deployment"


def story() -> Trace:
    return recorded(
        (0, {}, []),
        (0, {WEB: 1, NODE: 0}, []),
        (10, {CART: 5}, []),
        (20, {WEB: 2}, []),
        (30, {}, [CART]),
        (40, {WEB: 3}, []),
        (50, {}, []),
    )


def told(trace: Trace) -> list[tuple[int, list[str], list[str]]]:
    def name(raw: Raw) -> str:
        thing: Any = unpacked(raw)
        return f"{thing['metadata']['name']}:{thing['spec']['replicas']}"

    return [(e.ts - START, [*map(name, e.applied_objs)], [*map(name, e.deleted_objs)]) for e in trace.events]


def test_the_first_event_has_all_that_was_there() -> None:
    part = slice_trace(story(), start=START + 20, end=START + 40)
    assert told(part) == [
        (20, ["web:1", "node-1:0", "cart:5"], []),
        (20, ["web:2"], []),
        (30, [], ["cart:5"]),
        (40, [], []),
    ]


def test_without_ends_nothing_changes() -> None:
    trace = story()
    assert slice_trace(trace) is trace
    assert slice_trace(trace, start=START - 5, end=START + 99) is trace


def test_the_end_is_not_in_it_and_leaves_a_marker() -> None:
    assert told(slice_trace(story(), end=START + 10)) == [(0, [], []), (0, ["web:1", "node-1:0"], []), (10, [], [])]


def test_a_start_between_events_is_the_start() -> None:
    part = slice_trace(story(), start=START + 25)
    assert told(part)[0] == (25, ["web:2", "node-1:0", "cart:5"], [])
    assert part.start == START + 25


def test_the_index_is_that_of_the_slice() -> None:
    trace = story()
    early, late = slice_trace(trace, end=START + 10), slice_trace(trace, start=START + 45)
    assert early.index == recompute_index(early)
    assert set(early.index[KEY]) == {"shop/web"}
    assert late.index == recompute_index(late)
    assert late.index[KEY] == {"shop/web": trace.index[KEY]["shop/web"]}


def test_a_recorded_hash_of_a_later_spec_stays() -> None:
    """The recorder may have seen a spec after the last event."""
    trace = story().with_events(index={KEY: {"shop/web": 7, "shop/unseen": 9}})
    assert slice_trace(trace, start=START + 45).index == {KEY: {"shop/web": 7, "shop/unseen": 9}}
    assert slice_trace(trace, end=START + 30).index[KEY]["shop/web"] != 7


def test_lifetimes_are_those_that_touch_the_slice() -> None:
    trace = story()
    part = slice_trace(trace, start=START + 12, end=START + 20)
    # The pod of the cart lived from 10 to 15, the first one of web from 0 to 1.
    assert part.pod_lifecycles == {(KEY, "shop/cart"): {1: [{"Finished": [START + 10, START + 15]}]}}


def test_objects_can_be_chosen() -> None:
    part = slice_trace(story(), keep=lambda who: who == (KEY, "shop/cart"))
    assert told(part) == [(0, [], []), (10, ["cart:5"], []), (30, [], ["cart:5"]), (50, [], [])]
    assert part.index == {KEY: {"shop/cart": story().index[KEY]["shop/cart"]}}
    assert [*part.pod_lifecycles] == [(KEY, "shop/cart")]


def test_objects_without_a_name_go_when_objects_are_chosen() -> None:
    from skel.trace.codec import Event, encode_object

    trace = trace_of(Event(5, [encode_object({"kind": "Pod"})], []))
    assert slice_trace(trace, keep=lambda _: True).events[0].applied_objs == []


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [(20, 20, "end before it begins"), (51, None, "ends 1 seconds before"), (None, 0, "begins 0 seconds after")],
)
def test_nothing_in_common(start: int | None, end: int | None, words: str) -> None:
    with pytest.raises(TraceError, match=words):
        slice_trace(story(), start=start and START + start, end=START + end if end is not None else None)


@given(recordings(), st.data())
def test_a_slice_has_the_state_of_the_whole(trace: Trace, data: st.DataObject) -> None:
    start = data.draw(st.integers(trace.start, trace.end))
    end = data.draw(st.integers(start + 1, trace.end + 5))
    part = slice_trace(trace, start=start, end=end)
    for time in range(start, min(end, trace.end + 1)):
        assert state_at(part, time).items() == state_at(trace, time).items()
    assert part.index.keys() <= trace.index.keys()
    assert part.index == recompute_index(part)


@given(recordings(), st.lists(st.integers(0, 160), max_size=3), st.booleans(), st.randoms())
def test_slices_merge_to_the_whole(trace: Trace, cuts: list[int], in_alphabet: bool, random: Any) -> None:
    """Byte for byte: adjacent parts, in whatever order they are named."""
    if in_alphabet:
        trace = sorted_parts(trace)
    times = sorted({START + cut for cut in cuts if trace.start < START + cut <= trace.end})
    edges = [None, *times, None]
    parts = [slice_trace(trace, start=one, end=other) for one, other in pairwise(edges)]
    random.shuffle(parts)
    merged = merge_traces(parts)
    assert merged.conflicts == ()
    assert same_parts(merged.trace) == same_parts(trace)
    assert Trace.from_bytes(merged.trace.to_bytes()).events == trace.events


@given(recordings(), st.data())
def test_overlapping_slices_merge_to_the_whole(trace: Trace, data: st.DataObject) -> None:
    start = data.draw(st.integers(trace.start, trace.end))
    end = data.draw(st.integers(start, trace.end)) + 1
    merged = merge_traces([slice_trace(trace, end=end), slice_trace(trace, start=start)])
    assert merged.conflicts == ()
    assert same_parts(merged.trace) == same_parts(trace)


@given(recordings(), st.data())
def test_a_part_adds_nothing_to_the_whole(trace: Trace, data: st.DataObject) -> None:
    start = data.draw(st.integers(trace.start, trace.end))
    end = data.draw(st.integers(start, trace.end)) + 1
    merged = merge_traces([trace, slice_trace(trace, start=start, end=end)])
    assert merged.conflicts == ()
    assert merged.trace.to_bytes() == trace.to_bytes()


@given(recordings())
def test_slices_of_namespaces_merge_to_the_whole(trace: Trace) -> None:
    """But for the order in which objects stand within one second."""

    def is_shop(who: Identity) -> bool:
        return who[1].startswith("shop/")

    parts = [slice_trace(trace, keep=is_shop), slice_trace(trace, keep=lambda who: not is_shop(who))]
    merged = merge_traces(parts)
    assert merged.conflicts == ()
    assert merged.trace.index == trace.index
    assert merged.trace.pod_lifecycles == trace.pod_lifecycles
    for time in range(trace.start, trace.end + 1):
        assert state_at(merged.trace, time) == state_at(trace, time), (
            told(trace),
            told(merged.trace),
            [told(p) for p in parts],
        )


def same_parts(trace: Trace) -> Any:
    """What must be equal byte for byte where the order of index and lifetimes can be told."""
    events = [(e.ts, [*map(bytes, e.applied_objs)], [*map(bytes, e.deleted_objs)]) for e in trace.events]
    return events, trace.index, trace.pod_lifecycles, trace.config


def sorted_parts(trace: Trace) -> Trace:
    index = {kind: dict(sorted(entries.items())) for kind, entries in sorted(trace.index.items())}
    return Trace.make(trace.events, trace.config, index, dict(sorted(trace.pod_lifecycles.items())))


def test_recorded_traces(shared_traces: Path) -> None:
    for file in sorted(shared_traces.glob("*.sktrace")):
        trace = Trace.open(str(file))
        middle = (trace.start + trace.end) // 2
        parts = [slice_trace(trace, end=middle), slice_trace(trace, start=middle)]
        assert same_parts(merge_traces(parts).trace) == same_parts(trace)


def test_the_example_byte_for_byte() -> None:
    from tests.conftest import ROOT

    trace = Trace.open(str(ROOT / "examples" / "traces" / "shop.sktrace"))
    for cut in range(trace.start + 1, trace.end + 1, 97):
        parts = [slice_trace(trace, end=cut), slice_trace(trace, start=cut)]
        assert merge_traces(parts).trace.to_bytes() == trace.to_bytes()


def test_a_manifest_is_what_it_should_be() -> None:
    assert manifest(NODE)["metadata"] == {"labels": {"app": "node-1"}, "name": "node-1"}
