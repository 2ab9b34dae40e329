from __future__ import annotations

from hypothesis import given

from skel.trace.codec import Event, encode_object
from skel.trace.model import Trace
from skel.trace.statistics import UNNAMED, statistics
from tests.trace.making import trace_of
from tests.trace.recordings import START, recorded, recordings

WEB, CART, NODE = ("Deployment", "shop", "web"), ("Deployment", "shop", "cart"), ("Node", "", "node-1")


def test_the_figures() -> None:
    trace = recorded((0, {}, []), (0, {WEB: 10, NODE: 0}, []), (10, {CART: 20, WEB: 30}, []), (95, {}, [CART]))
    found = statistics(trace)
    assert (found.events, found.markers, found.start, found.end) == (4, 1, START, START + 95)
    assert [(group.name, group.objects, group.applied, group.deleted, group.at_end) for group in found.kinds] == [
        ("Deployment", 2, 3, 1, 1),
        ("Node", 1, 1, 0, 1),
    ]
    assert [(group.name, group.objects) for group in found.namespaces] == [("shop", 2), ("", 1)]
    assert [(busy.start, busy.changes) for busy in found.busiest] == [(10, 2), (94, 1)]
    assert found.width == 2
    assert [(one.object[1], one.applied, one.deleted) for one in found.churn][:2] == [
        ("shop/cart", 1, 1),
        ("shop/web", 2, 0),
    ]
    lives = found.lifetimes
    assert (lives.owners, lives.finished, lives.shortest, lives.median, lives.longest) == (2, 3, 10, 20, 30)


def test_what_has_no_name_counts_as_well() -> None:
    found = statistics(trace_of(Event(1, [encode_object({"a": 1}), encode_object({"kind": "Pod"})], [])))
    assert [(group.name, group.applied) for group in found.kinds] == [(UNNAMED, 2)]
    assert found.churn == ()


def test_nothing_at_all() -> None:
    found = statistics(trace_of())
    assert (found.events, found.total.objects, found.density, found.lifetimes.owners) == (0, 0, (0,), 0)


@given(recordings())
def test_sums(trace: Trace) -> None:
    found = statistics(trace)
    applied = sum(len(event.applied_objs) for event in trace.events)
    assert found.total.applied == applied
    for groups in (found.kinds, found.namespaces):
        assert sum(group.applied for group in groups) == applied
        assert sum(group.bytes for group in groups) == found.total.bytes
    assert sum(found.density) == sum(
        len(event.applied_objs) + len(event.deleted_objs) for event in trace.events if event.ts > trace.start
    )
