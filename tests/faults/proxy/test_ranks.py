from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.faults.proxy.ranks import COST, Ranks
from skel.faults.proxy.route import parse_route
from skel.faults.proxy.wire import NotProtobuf, with_annotation
from tests.faults.proxy.test_frames import message

NEW = parse_route("POST", "/api/v1/namespaces/shop/pods")


def pod(*annotations: tuple[str, str], spec: bytes = b"s" * 200) -> bytes:
    entries = [(12, message((1, key), (2, value))) for key, value in annotations]
    meta = message((2, "rs-"), (3, "shop"), *entries, (16, "finalizer"))
    return b"k8s\0" + message((1, message((1, "v1"), (2, "Pod"))), (2, message((1, meta), (2, spec))), (3, ""), (4, ""))


@given(st.text(max_size=200), st.text(max_size=200), st.binary(max_size=500))
def test_one_more_annotation_and_the_rest_as_it_was(key: str, value: str, spec: bytes) -> None:
    meta = message((2, "rs-"), (3, "shop"), (12, message((1, "a"), (2, "b"))), (16, "finalizer"))
    wanted = meta + message((12, message((1, key), (2, value))))
    thing = b"k8s\0" + message(
        (1, message((1, "v1"), (2, "Pod"))), (2, message((1, wanted), (2, spec))), (3, ""), (4, "")
    )
    assert with_annotation(pod(("a", "b"), spec=spec), key, value) == thing


@pytest.mark.parametrize("body", [b"", b"k8s\0", b"k8s\0\x12\xff", b"k8s\0" + message((1, "v1"))])
def test_what_is_no_object_gets_none(body: bytes) -> None:
    with pytest.raises(NotProtobuf):
        with_annotation(body, "a", "b")


def test_the_newest_pod_goes_first_and_one_with_a_cost_of_its_own_keeps_it() -> None:
    ranks = Ranks()
    bodies = (b'{"metadata":{"annotations":{"a":"b"}},"spec":{}}', b'{"kind":"Pod"}', b'{"metadata":null}')
    costs = [json.loads(ranks.ranked(NEW, body)).get("metadata") or {} for body in bodies]
    assert costs == [{"annotations": {"a": "b", COST: "-1"}}, {"annotations": {COST: "-2"}}, {}]
    assert ranks.ranked(NEW, pod((COST, "7"))) == pod((COST, "7"))
    assert ranks.ranked(NEW, pod()) == with_annotation(pod(), COST, "-4")
    for odd in (b"", b"[]", b"k8s\0\xff", b"\x00"):
        assert ranks.ranked(NEW, odd) == odd


def test_who_deletes_a_pod_says_what_it_said() -> None:
    body = b'{"kind":"DeleteOptions","apiVersion":"v1"}'
    assert Ranks().ranked(parse_route("DELETE", "/api/v1/namespaces/shop/pods/a"), body) == body


def test_it_is_about_pods_that_come_and_go() -> None:
    ranks = Ranks()
    concerned = [
        ranks.concerns(parse_route(method, f"/api/v1/namespaces/shop/{what}"))
        for method, what in (
            ("POST", "pods"),
            ("DELETE", "pods/a"),
            ("POST", "pods/a/eviction"),
            ("PUT", "pods/a"),
            ("POST", "events"),
        )
    ]
    assert concerned == [True, True, False, False, False]
