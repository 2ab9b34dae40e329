from __future__ import annotations

import pytest

from skel.findings.labels import parse_selector
from skel.trace.choosing import Choice
from skel.trace.codec import Event, encode_object
from skel.trace.identity import identity_of
from tests.trace.making import trace_of
from tests.trace.recordings import manifest

WEB, CART, BLOG, NODE = (
    ("Deployment", "shop", "web"),
    ("Deployment", "shop", "cart"),
    ("Deployment", "blog", "web"),
    ("Node", "", "node-1"),
)
SPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
ODD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "odd", "labels": {"app": 7}}}
THINGS = [*map(manifest, (WEB, CART, BLOG, NODE)), SPACE, ODD]
TRACE = trace_of(Event(1, list(map(encode_object, THINGS)), []))


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (Choice(namespaces=frozenset({"shop"})), ["shop/web", "shop/cart", "shop"]),
        (Choice(without_namespaces=frozenset({"shop"})), ["blog/web", "node-1", "odd"]),
        (Choice(kinds=frozenset({"node", "pod"})), ["node-1", "odd"]),
        (Choice(labels=parse_selector("app=web")), ["shop/web", "blog/web"]),
        (Choice(labels=parse_selector("app!=web")), ["shop/cart", "node-1", "shop", "odd"]),
        (Choice(labels=parse_selector("app in (cart, node-1),!tier")), ["shop/cart", "node-1"]),
        (
            Choice(frozenset({"deployment"}), frozenset({"shop"}), frozenset(), parse_selector("app=cart")),
            ["shop/cart"],
        ),
    ],
)
def test_who_is_chosen(choice: Choice, names: list[str]) -> None:
    keep = choice.keep(TRACE)
    found = [who for thing in THINGS if (who := identity_of(thing))]
    assert [who[1] for who in found if keep(who)] == names


def test_labels_of_any_version_count() -> None:
    later = {**manifest(WEB), "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "new"}}}
    trace = trace_of(
        *(Event(number, [encode_object(thing)], []) for number, thing in enumerate((manifest(WEB), later)))
    )
    assert Choice(labels=parse_selector("app=new")).keep(trace)(("apps/v1.Deployment", "shop/web"))
