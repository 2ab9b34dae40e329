from __future__ import annotations

import pytest

from skel.tools.joining import OnConflict, join, with_prefix
from skel.trace.codec import Event, decode_object, encode_object
from skel.trace.errors import TraceError
from skel.trace.model import Trace
from skel.trace.structure import structural_findings
from tests.trace.recordings import START, recorded

WEB, CART, NODE = ("Deployment", "shop", "web"), ("Deployment", "shop", "cart"), ("Node", "", "node-1")
KEY = "apps/v1.Deployment"
ONE = recorded((0, {WEB: 1, NODE: 1}, []), (10, {WEB: 2}, []), (40, {}, []))
OTHER = recorded((0, {WEB: 1, NODE: 2}, []), (10, {WEB: 5}, []), (20, {CART: 1}, []), (40, {}, []))


def test_conflicts_are_told() -> None:
    joined = join([ONE, OTHER])
    assert [str(conflict) for conflict in joined.merged.conflicts] == [f"{KEY} shop/web", "v1.Node node-1"]


def test_both_stories() -> None:
    joined = join([ONE, OTHER], on_conflict=OnConflict.BOTH)
    assert len(joined.merged.conflicts) == 2
    assert len(joined.trace.events[1].applied_objs) == 2


def test_the_story_of_the_first() -> None:
    joined = join([ONE, OTHER], on_conflict=OnConflict.FIRST)
    assert (joined.merged.conflicts, len(joined.settled)) == ((), 2)
    assert joined.trace.index[KEY] == ONE.index[KEY] | {"shop/cart": OTHER.index[KEY]["shop/cart"]}
    assert structural_findings(joined.trace) == []


def test_another_name_for_the_namespaces() -> None:
    joined = join([ONE, OTHER], on_conflict=OnConflict.PREFIX)
    assert joined.merged.conflicts == ()
    assert [prefix for _, prefix in joined.prefixes] == ["t2-"]
    assert set(joined.trace.index[KEY]) == {"shop/web", "t2-shop/web", "t2-shop/cart"}
    assert joined.trace.index["v1.Node"] == ONE.index["v1.Node"]
    assert set(joined.trace.pod_lifecycles) == {(KEY, "shop/web"), (KEY, "t2-shop/web"), (KEY, "t2-shop/cart")}
    assert structural_findings(joined.trace) == []


def test_a_prefix_from_the_start() -> None:
    joined = join([ONE, OTHER], prefixes=["", "blue-"])
    assert [str(conflict) for conflict in joined.merged.conflicts] == ["v1.Node node-1"]


def test_other_times() -> None:
    joined = join([ONE, OTHER], starts=[None, START + 100])
    assert joined.merged.conflicts == ()
    assert (joined.trace.start, joined.trace.end) == (START, START + 140)
    assert joined.trace.pod_lifecycles[KEY, "shop/cart"] == {1: [{"Finished": [START + 120, START + 121]}]}


def test_references_follow() -> None:
    things = [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": "shop", "labels": {"kubernetes.io/metadata.name": "shop"}},
        },
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "a", "namespace": "shop"},
            "subjects": [{"kind": "ServiceAccount", "name": "b", "namespace": "blog"}],
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "a", "namespace": "shop"},
            "spec": {
                "ingress": [
                    {
                        "from": [
                            {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "blog"}}},
                            {
                                "namespaceSelector": {
                                    "matchExpressions": [
                                        {
                                            "key": "kubernetes.io/metadata.name",
                                            "operator": "In",
                                            "values": ["blog", "shop"],
                                        }
                                    ]
                                }
                            },
                        ]
                    }
                ]
            },
        },
    ]
    trace = Trace.make([Event(1, list(map(encode_object, things)), [])], {}, {}, {})
    space, binding, policy = map(decode_object, with_prefix(trace, "x-").events[0].applied_objs)
    assert space["metadata"] == {"name": "x-shop", "labels": {"kubernetes.io/metadata.name": "x-shop"}}
    assert binding["metadata"]["namespace"] == "x-shop"
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "b", "namespace": "x-blog"}]
    first, second = (peer["namespaceSelector"] for peer in policy["spec"]["ingress"][0]["from"])
    assert first == {"matchLabels": {"kubernetes.io/metadata.name": "x-blog"}}
    assert second["matchExpressions"][0]["values"] == ["x-blog", "x-shop"]


def test_too_long_a_name() -> None:
    with pytest.raises(TraceError, match="longer than 63 characters"):
        with_prefix(ONE, "x" * 60)
