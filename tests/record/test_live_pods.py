"""Lifetimes of pods, and what is left out because its owner makes it again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from skel.record.live.session import Orders, Recorded
from skel.trace.model import Trace
from skel.trace.pod_hash import pod_spec_hash
from tests.record.recordings import caught_up, names, orders, recording
from tests.record.watch_server import Objects, WatchServer

Json = Any
SHOP = Objects()
SPEC = {"containers": [{"name": "c", "image": "i"}], "nodeName": "n1", "restartPolicy": "Never"}
START, END = "2024-05-01T10:00:00Z", "2024-05-01T10:00:30Z"
BEGAN, ENDED = 1714557600, 1714557630


def owned(api_version: str, kind: str, name: str, uid: str) -> dict[str, Json]:
    return {"apiVersion": api_version, "kind": kind, "name": name, "uid": uid, "controller": True}


def pod(name: str, *owners: Json, phase: str = "Running", ended: str = "") -> Json:
    running = {"running": {"startedAt": START}}
    state = {"terminated": {"startedAt": START, "finishedAt": ended}} if ended else running
    thing = SHOP.thing("v1", "Pod", name, SPEC, ownerReferences=list(owners), uid=f"pod-{name}")
    started = phase != "Pending"
    return {
        **thing,
        "status": {"phase": phase, "containerStatuses": [{"name": "c", "state": state}] if started else []},
    }


def trace_of(server: WatchServer, tmp_path: Path, wanted: Orders, things: list[Json | tuple[str, Json]]) -> Trace:
    async def meanwhile(recorded: Recorded) -> None:
        for thing in things:
            if isinstance(thing, tuple):
                server.delete(thing[1])
            else:
                server.apply(thing)
            await caught_up(recorded, server)

    asyncio.run(recording(server, wanted, meanwhile))
    return Trace.open(str(tmp_path / "out.sktrace"))


def cron_job(uid: str = "cron") -> Json:
    return SHOP.thing("batch/v1", "CronJob", "nightly", {"schedule": "@daily"}, uid=uid)


def job(name: str, uid: str) -> Json:
    owner = owned("batch/v1", "CronJob", "nightly", "cron")
    return SHOP.thing("batch/v1", "Job", name, {"template": {}}, uid=uid, ownerReferences=[owner])


def test_the_pods_of_a_cron_job(server: WatchServer, tmp_path: Path) -> None:
    server.apply(cron_job())
    owner = owned("batch/v1", "Job", "nightly-1", "job1")
    things = [
        job("nightly-1", "job1"),
        pod("p", owner, phase="Pending"),
        pod("p", owner),
        pod("p", owner, phase="Succeeded", ended=END),
        ("delete", pod("p")),
        ("delete", job("nightly-1", "job1")),
    ]
    kinds = ("batch/v1.CronJob", "batch/v1.Job")
    trace = trace_of(server, tmp_path, orders(tmp_path, *kinds), things)
    assert names(trace) == [("applied", "nightly")], "what a CronJob makes is not recorded"
    lives = {pod_spec_hash(SPEC): [{"Finished": [BEGAN, ENDED]}]}
    assert trace.pod_lifecycles == {("batch/v1.CronJob", "shop/nightly"): lives}


def test_owners_that_are_not_tracked_are_asked_for(server: WatchServer, tmp_path: Path) -> None:
    """The reference's usual configuration: only the CronJob, whose Jobs no watch shows."""
    server.apply(cron_job())
    server.apply(job("nightly-1", "job1"))
    owner = owned("batch/v1", "Job", "nightly-1", "job1")
    trace = trace_of(server, tmp_path, orders(tmp_path, "batch/v1.CronJob"), [pod("p", owner), pod("q", owner)])
    assert list(trace.pod_lifecycles) == [("batch/v1.CronJob", "shop/nightly")]
    assert server.asked["GET /apis/batch/v1/namespaces/shop/jobs/nightly-1"] == 1


def test_a_pod_that_is_deleted_ends_then(server: WatchServer, tmp_path: Path) -> None:
    server.apply(pod("bare"))
    trace = trace_of(server, tmp_path, orders(tmp_path, "v1.Pod"), [("delete", pod("bare"))])
    ((life,),) = trace.pod_lifecycles["v1.Pod", "shop/bare"].values()
    start, end = life["Finished"]
    assert start == BEGAN
    assert end >= trace.start


def test_a_pod_that_runs_on(server: WatchServer, tmp_path: Path) -> None:
    trace = trace_of(server, tmp_path, orders(tmp_path, "v1.Pod"), [pod("bare")])
    assert list(trace.pod_lifecycles["v1.Pod", "shop/bare"].values()) == [[{"Running": BEGAN}]]
    assert names(trace) == [("applied", "bare")]


def test_pods_of_deployments_are_neither_recorded_nor_end(server: WatchServer, tmp_path: Path) -> None:
    """Their lifetimes would tell a replay to end pods that the Deployment then makes again."""
    server.apply(SHOP.deployment("web", uid="web"))
    replica_set = SHOP.thing(
        "apps/v1",
        "ReplicaSet",
        "web-1",
        {"replicas": 1},
        uid="rs",
        ownerReferences=[owned("apps/v1", "Deployment", "web", "web")],
    )
    things = [replica_set, pod("web-1-x", owned("apps/v1", "ReplicaSet", "web-1", "rs"))]
    wanted = Orders(str(tmp_path / "out.sktrace"), tmp_path / "journal")
    trace = trace_of(server, tmp_path, wanted, things)
    assert names(trace) == [("applied", "web")]
    assert trace.pod_lifecycles == {}


def test_what_only_goes_with_its_owner_is_recorded(server: WatchServer, tmp_path: Path) -> None:
    """A garbage collector takes it along, but nobody makes it again."""
    owner = {**owned("apps/v1", "Deployment", "web", "web"), "controller": False}
    kinds = ("apps/v1.Deployment", "v1.ConfigMap")
    thing = SHOP.thing("v1", "ConfigMap", "settings", ownerReferences=[owner])
    trace = trace_of(server, tmp_path, orders(tmp_path, *kinds), [SHOP.deployment("web", uid="web"), thing])
    assert names(trace) == [("applied", "web"), ("applied", "settings")]


def test_pods_that_vanish_unseen_have_ended(server: WatchServer, tmp_path: Path) -> None:
    server.apply(pod("bare"))

    async def meanwhile(recorded: Recorded) -> None:
        server.gone = True
        server.apply(SHOP.deployment("wake"))
        await asyncio.sleep(0.3)
        server.delete(pod("bare"))
        server.forget()
        server.gone = False
        await caught_up(recorded, server)

    asyncio.run(recording(server, orders(tmp_path, "v1.Pod"), meanwhile))
    trace = Trace.open(str(tmp_path / "out.sktrace"))
    ((life,),) = trace.pod_lifecycles["v1.Pod", "shop/bare"].values()
    assert "Finished" in life
    assert names(trace) == [("applied", "bare"), ("deleted", "bare")]
