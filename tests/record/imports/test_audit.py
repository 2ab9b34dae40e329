"""The audit log of an API server gives back what became of each object, and names what it can't use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skel.record.imports.options import Wanted
from skel.trace.codec import decode_object
from tests.record.imports.audit_log import read
from tests.record.imports.server import SECONDS, Server, deployment
from tests.record.imports.story import named, steps


def test_a_life(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.at = 2_000
    server.update(cart, {"replicas": 2}, verb="patch")
    server.at = 5_000
    server.delete(cart)
    trace, losses = read(tmp_path, server.lines)
    assert steps(trace) == server.truth
    assert [event.ts - SECONDS for event in trace.events] == [0, 2, 5]
    assert not losses
    assert trace.index == {"apps/v1.Deployment": {"shop/cart": trace.index["apps/v1.Deployment"]["shop/cart"]}}


def test_what_the_server_wrote_is_left_out(server: Server, tmp_path: Path) -> None:
    server.create(deployment("cart"))
    trace, _ = read(tmp_path, server.lines)
    assert decode_object(trace.events[0].applied_objs[0])["metadata"] == {"name": "cart", "namespace": "shop"}


@pytest.mark.parametrize(
    "how",
    [
        {"code": 409},
        {"code": 500},
        {"dry": True},
        {"stage": "RequestReceived"},
        {"stage": "Panic"},
        {"level": "Metadata"},
        {"level": "Request"},
    ],
    ids=str,
)
def test_requests_that_changed_nothing_or_show_nothing(server: Server, tmp_path: Path, how: dict[str, Any]) -> None:
    server.create(deployment("cart"))
    server.log("update", deployment("cart", 9), deployment("cart", 9), **how)
    trace, losses = read(tmp_path, server.lines)
    assert steps(trace) == server.truth
    assert bool(losses) == ("level" in how)


def test_the_level_is_named(server: Server, tmp_path: Path) -> None:
    server.create(deployment("cart"))
    for _ in range(1_200):
        server.log("patch", deployment("cart"), None, level="Metadata")
    for verb in ("get", "list", "watch"):
        server.log(verb, deployment("cart"), None, level="Metadata")
    _, losses = read(tmp_path, server.lines)
    (line,) = losses.lines()
    assert line.startswith("could not use 1,200 requests: level Metadata ")
    assert f"{tmp_path}/audit.log:2, " in line


def test_status_says_nothing_new(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.status(cart, {"readyReplicas": 1})
    trace, _ = read(tmp_path, server.lines, Wanted(every_change=True))
    assert steps(trace) == server.truth


def test_status_shows_what_was_there_before_the_log(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.lines.clear()
    server.status(cart, {"readyReplicas": 1})
    trace, _ = read(tmp_path, server.lines)
    assert steps(trace) == server.truth


@pytest.mark.parametrize("replicas", [0, 7])
def test_scale(server: Server, tmp_path: Path, replicas: int) -> None:
    cart = server.create(deployment("cart"))
    server.scale(cart, replicas)
    server.status(cart, {"replicas": replicas})
    trace, losses = read(tmp_path, server.lines)
    assert named(steps(trace), "cart") == named(server.truth, "cart")
    assert not losses


def test_scale_of_something_never_seen(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.lines.clear()
    server.scale(cart, 3)
    server.status(cart, {"replicas": 3})
    trace, losses = read(tmp_path, server.lines)
    assert named(steps(trace), "cart") == [cart["spec"]]
    assert "1 scaling" in losses.lines()[0]


def test_finalizers_hold_an_object(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.at = 3_000
    server.mark(cart, finalizers=["foregroundDeletion"])
    server.at = 9_000
    server.release(cart)
    trace, _ = read(tmp_path, server.lines)
    assert steps(trace) == server.truth
    assert trace.events[-1].ts == SECONDS + 9


def partial(thing: dict[str, Any]) -> dict[str, Any]:
    """What the garbage collector gets: it asks for metadata alone."""
    return {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": thing["metadata"]}


def test_the_garbage_collector_takes_the_last_finalizer(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.mark(cart, finalizers=["foregroundDeletion"])
    del cart["metadata"]["finalizers"]
    server.log("patch", cart, partial(cart))
    trace, losses = read(tmp_path, server.lines)
    assert named(steps(trace), "cart") == [cart["spec"], None]
    assert not losses


def test_metadata_alone(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    for thing in (cart, deployment("unknown")):
        thing["metadata"] |= {"labels": {"a": "b"}, "resourceVersion": "900"}
        server.log("patch", thing, partial(thing))
    assert len(steps(read(tmp_path, server.lines)[0])) == 1
    trace, _ = read(tmp_path, server.lines, Wanted(every_change=True))
    assert [decode_object(event.applied_objs[0])["metadata"].get("labels") for event in trace.events] == [
        None,
        {"a": "b"},
    ]


def test_two_versions_of_one_object(server: Server, tmp_path: Path) -> None:
    """A controller's status in another version of the API is not another object."""
    cart = server.create(deployment("cart"))
    other = {**cart, "apiVersion": "apps/v1beta2", "spec": {**cart["spec"], "rollbackTo": None}}
    server.status(other, {"replicas": 1})
    other["metadata"]["resourceVersion"] = server._next()
    server.log("patch", other, other)
    server.at = 5_000
    server.delete(other, shown=True)
    trace, _ = read(tmp_path, server.lines)
    assert steps(trace) == server.truth
    assert {decode_object(event.deleted_objs[0])["apiVersion"] for event in trace.events[1:]} == {"apps/v1"}
