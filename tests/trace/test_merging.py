from __future__ import annotations

import pytest
from hypothesis import given

from skel.trace.errors import TraceError
from skel.trace.merging import merge_traces
from skel.trace.model import Trace
from skel.trace.retiming import retimed
from skel.trace.structure import structural_findings
from tests.trace.making import trace_of
from tests.trace.recordings import START, recorded, recordings
from tests.trace.test_slicing import told

WEB, CART, BLOG = ("Deployment", "shop", "web"), ("Deployment", "shop", "cart"), ("Deployment", "blog", "web")
KEY = "apps/v1.Deployment"


def test_two_clusters_at_one_time() -> None:
    one = recorded((0, {WEB: 1}, []), (10, {WEB: 2}, []), (30, {}, []))
    other = recorded((5, {BLOG: 7}, []), (10, {BLOG: 8}, []), (20, {}, [BLOG]))
    merged = merge_traces([other, one])
    assert merged.conflicts == ()
    assert told(merged.trace) == [
        (0, ["web:1"], []),
        (5, ["web:7"], []),
        (10, ["web:2", "web:8"], []),
        (20, [], ["web:8"]),
        (30, [], []),
    ]
    assert set(merged.trace.index[KEY]) == {"shop/web", "blog/web"}
    assert set(merged.trace.pod_lifecycles) == {(KEY, "shop/web"), (KEY, "blog/web")}
    assert structural_findings(merged.trace) == []


def test_a_later_recording_goes_on_from_the_first() -> None:
    """What is there already is no event; what changed while nobody looked is one."""
    one = recorded((0, {WEB: 1, CART: 1}, []), (10, {}, []))
    other = recorded((60, {WEB: 1, CART: 4}, []), (70, {WEB: 2}, []))
    merged = merge_traces([one, other])
    assert told(merged.trace) == [(0, ["web:1", "cart:1"], []), (60, ["cart:4"], []), (70, ["web:2"], [])]
    assert (merged.conflicts, merged.repeated) == ((), 1)
    assert merged.trace.index == other.index


def test_two_stories_of_one_object() -> None:
    one = recorded((0, {WEB: 1, CART: 1}, []), (10, {WEB: 2}, []), (20, {WEB: 3}, []))
    other = recorded((0, {WEB: 1, CART: 1}, []), (12, {WEB: 5}, []), (20, {}, []))
    (conflict,) = merge_traces([one, other]).conflicts
    assert (str(conflict), conflict.time, conflict.times) == (f"{KEY} shop/web", START + 10, 2)


def test_the_first_events_may_disagree() -> None:
    one = recorded((0, {WEB: 1}, []), (20, {}, []))
    other = recorded((0, {WEB: 2}, []), (20, {}, []))
    assert [conflict.time for conflict in merge_traces([one, other]).conflicts] == [START]


def test_the_tracked_kinds_of_both() -> None:
    one = recorded((0, {WEB: 1}, [])).with_events(config={"trackedObjects": {KEY: {"trackLifecycle": False}}, "x": 1})
    tracked = {KEY: {"trackLifecycle": True, "podSpecTemplatePaths": ["/spec/template"]}, "v1.Node": {}}
    other = recorded((0, {BLOG: 1}, [])).with_events(config={"trackedObjects": tracked})
    assert merge_traces([one, other]).trace.config == {"trackedObjects": tracked, "x": 1}


def test_a_trace_without_events() -> None:
    with pytest.raises(TraceError, match="has no events"):
        merge_traces([trace_of(), recorded((0, {}, []))])


@given(recordings())
def test_a_trace_with_itself_is_itself(trace: Trace) -> None:
    merged = merge_traces([trace, trace, trace])
    assert merged.conflicts == ()
    assert merged.trace.to_bytes() == trace.to_bytes()


@given(recordings(), recordings())
def test_whatever_comes_is_in_order_and_complete(one: Trace, other: Trace) -> None:
    other = retimed(other, lambda time: time + 7)
    merged = merge_traces([one, other]).trace
    times = [event.ts for event in merged.events]
    assert times == sorted(times)
    assert (times[0], times[-1]) == (min(one.start, other.start), max(one.end, other.end))
    objects = {bytes(raw) for event in merged.events for raw in event.applied_objs}
    assert objects == {bytes(raw) for trace in (one, other) for event in trace.events for raw in event.applied_objs}
