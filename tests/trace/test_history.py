from __future__ import annotations

import pytest

from skel.trace.codec import Event, encode_object
from skel.trace.errors import TraceError
from skel.trace.history import ObjectName, histories, object_names, state_at
from tests.trace.making import trace_of
from tests.trace.recordings import START, manifest, recorded

WEB, BLOG, NODE = ("Deployment", "shop", "web"), ("Deployment", "blog", "web"), ("Node", "", "node-1")
TRACE = recorded((0, {WEB: 1, NODE: 0}, []), (10, {WEB: 2, BLOG: 9}, []), (20, {}, [WEB]), (30, {WEB: 3}, []))


def test_the_versions_of_an_object() -> None:
    (history,) = histories(TRACE, ObjectName.parse("deployment/shop/web"))
    assert str(history) == "Deployment/shop/web"
    assert [(version.event, version.time - START, version.deleted) for version in history.versions] == [
        (0, 0, False),
        (1, 10, False),
        (2, 20, True),
        (3, 30, False),
    ]


def test_any_namespace_will_do() -> None:
    assert [str(one) for one in histories(TRACE, ObjectName.parse("Deployment/web"))] == [
        "Deployment/blog/web",
        "Deployment/shop/web",
    ]
    assert [str(one) for one in histories(TRACE, ObjectName.parse("Node/node-1"))] == ["Node/node-1"]
    assert histories(TRACE, ObjectName.parse("Node/shop/node-1")) == []


@pytest.mark.parametrize(("after", "replicas"), [(-1, None), (0, 1), (9, 1), (10, 2), (20, None), (29, None), (99, 3)])
def test_the_version_in_force(after: int, replicas: int | None) -> None:
    (history,) = histories(TRACE, ObjectName.parse("Deployment/shop/web"))
    version = history.at(START + after)
    assert (version and bytes(version.raw)) == (replicas and bytes(encode_object(manifest(WEB, replicas))))


def test_an_object_stays_itself_in_another_version_of_its_api() -> None:
    old = {**manifest(WEB, 1), "apiVersion": "extensions/v1beta1"}
    trace = trace_of(Event(1, [encode_object(old)], []), Event(2, [encode_object(manifest(WEB, 1))], []))
    (history,) = histories(trace, ObjectName.parse("Deployment/shop/web"))
    assert [version.api_version for version in history.versions] == ["extensions/v1beta1", "apps/v1"]


def test_the_state_at_a_moment() -> None:
    assert [name for _, name in state_at(TRACE, START + 25)] == ["node-1", "blog/web"]
    assert len(state_at(TRACE)) == 3
    assert state_at(TRACE, START - 1) == {}


def test_names() -> None:
    assert object_names(TRACE) == ["Deployment/shop/web", "Node/node-1", "Deployment/blog/web"]


@pytest.mark.parametrize("text", ["", "web", "a/b/c/d", "/shop/web", "Deployment/shop/"])
def test_what_names_no_object(text: str) -> None:
    with pytest.raises(TraceError, match="names no object"):
        ObjectName.parse(text)
