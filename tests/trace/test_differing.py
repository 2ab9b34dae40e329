from __future__ import annotations

from hypothesis import given

from skel.trace.codec import Event, decode_object, encode_object
from skel.trace.differing import Side, diff_traces
from skel.trace.model import Trace
from skel.trace.retiming import retimed
from tests.trace.making import trace_of
from tests.trace.recordings import manifest, recorded, recordings

WEB, CART, BLOG = ("Deployment", "shop", "web"), ("Deployment", "shop", "cart"), ("Deployment", "blog", "web")


def test_what_only_one_has_and_what_differs() -> None:
    one = recorded((0, {WEB: 1, CART: 1}, []), (10, {WEB: 2}, []), (20, {WEB: 3}, []))
    other = recorded((0, {WEB: 1, BLOG: 1}, []), (10, {WEB: 5}, []), (30, {WEB: 3}, []))
    found = diff_traces(one, other)
    assert [(str(difference), difference.side) for difference in found.differences] == [
        ("Deployment/blog/web", Side.OTHER),
        ("Deployment/shop/cart", Side.ONE),
        ("Deployment/shop/web", Side.BOTH),
    ]
    web = found.differences[2]
    assert [(moment.time, moment.side) for moment in web.moments] == [(10, Side.BOTH), (20, Side.ONE), (30, Side.OTHER)]
    assert (web.same, found.objects) == (1, 3)
    assert found.lifetimes == ("Deployment/blog/web", "Deployment/shop/cart", "Deployment/shop/web")


def test_a_deletion_is_no_change_of_the_manifest() -> None:
    one = recorded((0, {WEB: 1}, []), (10, {WEB: 1}, []))
    other = recorded((0, {WEB: 1}, []), (10, {}, [WEB]))
    (difference,) = diff_traces(one, other).differences
    (moment,) = difference.moments
    assert moment.side is Side.BOTH


def test_another_version_of_the_api_is_a_change() -> None:
    old = {**manifest(WEB, 1), "apiVersion": "extensions/v1beta1"}
    one, other = (trace_of(Event(5, [encode_object(thing)], [])) for thing in (old, manifest(WEB, 1)))
    (difference,) = diff_traces(one, other).differences
    assert difference.side is Side.BOTH


def test_two_groups_may_have_a_kind_of_one_name() -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "b"}}
    other = {**service, "apiVersion": "serving.knative.dev/v1"}
    both = trace_of(Event(5, [encode_object(service), encode_object(other)], []))
    assert diff_traces(both, both).differences == ()
    assert [
        difference.side
        for difference in diff_traces(both, trace_of(Event(5, [encode_object(service)], []))).differences
    ] == [Side.ONE]


def test_the_order_of_keys_says_nothing() -> None:
    thing = manifest(WEB, 1)
    other = dict(reversed(thing.items()))
    assert not diff_traces(
        trace_of(Event(5, [encode_object(thing)], [])), trace_of(Event(5, [encode_object(other)], []))
    )


@given(recordings())
def test_a_trace_is_itself_at_any_time(trace: Trace) -> None:
    later = retimed(trace, lambda time: time + 100)
    assert not diff_traces(trace, later)
    found = diff_traces(trace, later, absolute=True)
    assert bool(found) == any(event.applied_objs or event.deleted_objs for event in trace.events)


@given(recordings(), recordings())
def test_from_the_other_side_it_is_the_same(one: Trace, other: Trace) -> None:
    there, back = diff_traces(one, other), diff_traces(other, one)
    assert there.count(Side.ONE) == back.count(Side.OTHER)
    assert there.count(Side.BOTH) == back.count(Side.BOTH)
    assert there.lifetimes == back.lifetimes
    for difference in there.differences:
        for moment in difference.moments:
            if moment.one and moment.other and moment.one.deleted == moment.other.deleted:
                assert decode_object(moment.one.raw) != decode_object(moment.other.raw)
