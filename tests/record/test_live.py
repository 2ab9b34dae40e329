"""The recorder against a server that behaves: what comes into the trace."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from skel.client.errors import ClientError
from skel.record.live.choosing import Scope
from skel.record.live.session import Orders, Recorded
from skel.record.noise import Noise
from skel.trace.model import Trace
from tests.record.recordings import caught_up, names, objects, orders, recording, replicas
from tests.record.watch_server import Objects, WatchServer

Json = Any
SHOP = Objects()
OTHER = Objects("other")


def test_what_is_there_and_what_changes(server: WatchServer, tmp_path: Path) -> None:
    server.apply(SHOP.deployment("a"))
    server.apply(SHOP.deployment("b"))

    async def meanwhile(recorded: Recorded) -> None:
        await asyncio.sleep(1.1)
        server.apply(SHOP.deployment("a", 3))
        server.apply(SHOP.deployment("a", 3, labels={"x": "y"}))
        server.apply(SHOP.deployment("c"))
        server.delete(SHOP.deployment("b"))
        await caught_up(recorded, server)

    outcome = asyncio.run(recording(server, orders(tmp_path), meanwhile))
    trace = Trace.open(str(tmp_path / "out.sktrace"))
    first, *others = trace.events
    assert len(first.applied_objs) == 2
    assert names(trace)[2:] == [("applied", "a"), ("applied", "c"), ("deleted", "b")]
    assert replicas(trace, "a") == [1, 3]
    assert all(event.ts > first.ts for event in others)
    assert outcome.trace is not None
    assert outcome.trace.applied == 4
    assert not (tmp_path / "journal").exists()


def changed(server: WatchServer, tmp_path: Path, things: list[Json], wanted: Orders) -> Trace:
    """A recording during which these objects are applied one after the other."""

    async def meanwhile(recorded: Recorded) -> None:
        for thing in things:
            server.apply(thing)
        await caught_up(recorded, server)

    asyncio.run(recording(server, wanted, meanwhile))
    return Trace.open(str(tmp_path / "out.sktrace"))


def test_objects_without_a_spec_change_by_their_content(server: WatchServer, tmp_path: Path) -> None:
    def config(value: str, **metadata: Json) -> Json:
        return {**SHOP.thing("v1", "ConfigMap", "c", **metadata), "data": {"key": value}}

    things = [config("1"), config("1", labels={"a": "b"}), config("2")]
    trace = changed(server, tmp_path, things, orders(tmp_path, "v1.ConfigMap"))
    assert [thing["data"] for thing in objects(trace)] == [{"key": "1"}, {"key": "2"}]
    # The index of a trace holds the hash of the spec, whatever changes are seen by.
    assert len(set(trace.index["v1.ConfigMap"].values())) == 1


def test_every_change_if_asked_for(server: WatchServer, tmp_path: Path) -> None:
    labelled = [SHOP.deployment("a"), SHOP.deployment("a", labels={"x": "1"}), SHOP.deployment("a", labels={"x": "1"})]
    trace = changed(server, tmp_path, labelled, orders(tmp_path, every_change=True))
    assert [thing["metadata"].get("labels") for thing in objects(trace)] == [None, {"x": "1"}]


@pytest.mark.parametrize(("words", "left"), [("", {"managedFields", "annotations"}), ("noise", set())])
def test_noise_is_dropped_if_asked_for(server: WatchServer, tmp_path: Path, words: str, left: set[str]) -> None:
    metadata: dict[str, Json] = {
        "managedFields": [{"manager": "kubectl"}],
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"},
        "generation": 3,
        "creationTimestamp": "2024-01-01T00:00:00Z",
    }
    thing = {**SHOP.deployment("a", **metadata), "status": {"replicas": 1}}
    (recorded,) = objects(changed(server, tmp_path, [thing], orders(tmp_path, noise=Noise.of(words))))
    filled = {key for key, value in recorded["metadata"].items() if value}
    assert filled == {"name", "namespace", *left}
    assert "status" not in recorded
    assert (recorded["apiVersion"], recorded["kind"]) == ("apps/v1", "Deployment")


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(("shop",)), {"a", "b"}),
        (Scope(("shop", "other")), {"a", "b", "c"}),
        (Scope(excluded=("shop",)), {"c"}),
        (Scope(selector="app=b"), {"b"}),
    ],
)
def test_namespaces_and_labels(server: WatchServer, tmp_path: Path, scope: Scope, expected: set[str]) -> None:
    things = [SHOP.deployment("a"), SHOP.deployment("b", labels={"app": "b"}), OTHER.deployment("c")]
    trace = changed(server, tmp_path, things, orders(tmp_path, scope=scope))
    assert {name for _, name in names(trace)} == expected


def test_the_usual_kinds_without_secrets(server: WatchServer, tmp_path: Path) -> None:
    things = [
        SHOP.deployment("web"),
        SHOP.thing("v1", "Secret", "password"),
        SHOP.thing("v1", "ServiceAccount", "robot"),
        SHOP.thing("batch/v1", "CronJob", "nightly", {"schedule": "* * * * *"}),
        SHOP.thing("v1", "ConfigMap", "kube-root-ca.crt"),
    ]
    wanted = Orders(str(tmp_path / "out.sktrace"), tmp_path / "journal")
    trace = changed(server, tmp_path, things, wanted)
    assert {name for _, name in names(trace)} == {"web", "robot", "nightly"}
    tracked = trace.config["trackedObjects"]
    assert tracked["batch/v1.CronJob"] == {
        "podSpecTemplatePaths": ["/spec/jobTemplate/spec/template"],
        "trackLifecycle": True,
    }
    assert "autoscaling/v2.HorizontalPodAutoscaler" in tracked
    assert "v1.Secret" not in tracked


def test_another_version_of_a_usual_kind(server: WatchServer, tmp_path: Path) -> None:
    wanted = Orders(
        str(tmp_path / "out.sktrace"), tmp_path / "journal", extra=("autoscaling/v1.HorizontalPodAutoscaler",)
    )
    trace = changed(server, tmp_path, [], wanted)
    scalers = [kind for kind in trace.config["trackedObjects"] if "Autoscaler" in kind]
    assert scalers == ["autoscaling/v1.HorizontalPodAutoscaler"]


@pytest.mark.parametrize("whole", [False, True])
def test_secrets_come_without_their_values(server: WatchServer, tmp_path: Path, whole: bool) -> None:
    secret = {**SHOP.thing("v1", "Secret", "password"), "data": {"word": "c2VjcmV0"}, "type": "Opaque"}
    server.apply(secret)
    trace = changed(server, tmp_path, [], orders(tmp_path, "v1.Secret", secrets=whole))
    (recorded,) = objects(trace)
    assert recorded["data"] == {"word": "c2VjcmV0" if whole else ""}
    assert (b"c2VjcmV0" in trace.to_bytes()) is whole


def test_many_pages(server: WatchServer, tmp_path: Path) -> None:
    server.page = 7
    for number in range(50):
        server.apply(SHOP.deployment(f"d{number:02}"))
    trace = changed(server, tmp_path, [], orders(tmp_path))
    assert len(trace.events[0].applied_objs) == 50


def test_a_kind_that_is_not_served_is_told(server: WatchServer, tmp_path: Path) -> None:
    async def meanwhile(_: Recorded) -> None: ...

    said: list[str] = []
    wanted = orders(tmp_path, "apps/v1.Deployment", "example.com/v1.Widget")
    outcome = asyncio.run(recording(server, wanted, meanwhile, said=said))
    assert said == ["not recorded: example.com/v1.Widget is not served here"]
    assert outcome.not_recorded == ("example.com/v1.Widget is not served here",)


def test_nothing_that_could_be_recorded(server: WatchServer, tmp_path: Path) -> None:
    async def meanwhile(_: Recorded) -> None: ...

    with pytest.raises(ClientError, match="nothing of what was asked for"):
        asyncio.run(recording(server, orders(tmp_path, "example.com/v1.Widget"), meanwhile))
    assert not (tmp_path / "journal").exists()
