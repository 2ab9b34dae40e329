from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from skel.replay.driver import Driver
from skel.replay.errors import ReplayError
from skel.replay.result import Ended
from skel.replay.schedule import Window
from tests.replay.api_server import MARK, ApiServer, Fault
from tests.replay.replays import deployment, drive, history, lines, plan_of, replay, simple

CRON = {**simple("CronJob", "report", "batch/v1beta1"), "spec": {"schedule": "* * * * *", "jobTemplate": {}}}


def test_a_history_is_played_recorded_and_cleaned_up(server: ApiServer, tmp_path: Path) -> None:
    trace = history(
        (0, [deployment("web"), simple("ConfigMap", "settings")], []),
        (60, [deployment("web", replicas=3)], [simple("ConfigMap", "settings")]),
    )
    result = replay(server, trace, tmp_path / "run")
    assert (result.ended, result.exit_code, result.error) == (Ended.COMPLETE, 0, "")
    assert server.applied() == [
        "/api/v1/namespaces/virtual-shop/configmaps/settings",
        "/apis/apps/v1/namespaces/virtual-shop/deployments/web",
        "/apis/apps/v1/namespaces/virtual-shop/deployments/web",
    ]
    assert set(server.objects) == {MARK}
    info = result.info
    assert (info["ended"], info["cleaned"], info["target"], info["kubernetes"]) == (
        "complete",
        True,
        "context:test",
        "1.25",
    )
    assert info["counts"]["steps"] == info["counts"]["accepted"] == 4
    assert info["trace"]["objects"] == 4
    assert [(line["t"], line["verb"], line["kind"], line["status"]) for line in lines(tmp_path / "run")] == [
        (0.0, "apply", "ConfigMap", 201),
        (0.0, "apply", "Deployment", 201),
        (60.0, "apply", "Deployment", 200),
        (60.0, "delete", "ConfigMap", 200),
    ]


def test_everything_hangs_on_the_root_object(server: ApiServer) -> None:
    result = replay(
        server,
        history((0, [deployment("web"), simple("ClusterRole", "r", "rbac.authorization.k8s.io/v1", None)], [])),
        keep=True,
    )
    assert result.left == "sim-1"
    root = server.objects["/apis/scheduling.k8s.io/v1/priorityclasses/sim-1"]
    for path in (
        "/api/v1/namespaces/virtual-shop",
        "/apis/apps/v1/namespaces/virtual-shop/deployments/web",
        "/apis/rbac.authorization.k8s.io/v1/clusterroles/r",
    ):
        assert server.objects[path]["metadata"]["ownerReferences"][0]["uid"] == root["metadata"]["uid"]
    assert "/api/v1/namespaces/virtual-shop/serviceaccounts/default" in server.objects


def test_what_is_not_served_is_named_with_its_rule_and_the_command(server: ApiServer, tmp_path: Path) -> None:
    result = replay(server, history((0, [CRON, deployment("web")], [])), tmp_path / "run")
    assert (result.ended, result.exit_code) == (Ended.COMPLETE, 1)
    (rejected,) = result.rejected
    assert (str(rejected.object), rejected.status, rejected.reason) == ("CronJob/shop/report", 404, "NotFound")
    assert rejected.repair is not None
    assert rejected.repair.rule == "kubernetes/cronjob-batch-v1"
    assert rejected.repair.fix == "skel migrate t.sktrace --to 1.25 -o t-1.25.sktrace"
    line = next(line for line in lines(tmp_path / "run") if line["kind"] == "CronJob")
    assert (line["verdict"], line["rule"], line["fix"]) == ("rejected", rejected.repair.rule, rejected.repair.fix)
    assert result.info["rejected"][0]["name"] == "report"


def test_fail_fast_ends_with_the_first_rejection(server: ApiServer) -> None:
    trace = history((0, [CRON], []), (1, [deployment("late")], []))
    result = replay(server, trace, fail_fast=True)
    assert (result.ended, result.exit_code) == (Ended.FAILED, 1)
    assert server.applied() == []
    assert set(server.objects) == {MARK}


def test_deleting_what_is_gone_is_no_failure_but_of_an_unknown_kind_it_is(server: ApiServer) -> None:
    result = replay(server, history((0, [deployment("web")], [deployment("other"), CRON])))
    assert (result.counts.accepted, result.counts.rejected) == (2, 1)


def test_objects_that_cannot_be_sent_are_rejected_here(server: ApiServer) -> None:
    nameless = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}
    generated = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "c-", "namespace": "shop"}}
    result = replay(server, history((0, [nameless, generated], [])))
    assert [one.reason for one in result.rejected] == ["Unreadable"]
    (path,) = server.applied()
    assert path.startswith("/api/v1/namespaces/virtual-shop/configmaps/c-")


def test_what_the_cluster_had_before_is_only_tried(server: ApiServer) -> None:
    path = "/apis/storage.k8s.io/v1/storageclasses/standard"
    server.objects[path] = {"metadata": {"name": "standard", "uid": "theirs"}}
    standard = simple("StorageClass", "standard", "storage.k8s.io/v1", None)
    hook = simple("ValidatingWebhookConfiguration", "w", "admissionregistration.k8s.io/v1", None)
    result = replay(server, history((0, [standard, hook], []), (1, [], [standard])))
    assert (result.counts.accepted, result.counts.rejected) == (3, 0)
    assert server.objects[path] == {"metadata": {"name": "standard", "uid": "theirs"}}
    assert server.applied() == []


def test_objects_of_a_definition_follow_it(server: ApiServer) -> None:
    spec = {"group": "shop.example", "scope": "Namespaced", "names": {"kind": "Cart", "plural": "carts"}}
    versions = [{"name": "v1", "served": True, "storage": True}]
    definition = {
        **simple("CustomResourceDefinition", "carts.shop.example", "apiextensions.k8s.io/v1", None),
        "spec": {**spec, "versions": versions},
    }

    async def serve_it(_: Driver) -> None:
        while not server.applied():
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.15)
        server.extra["shop.example/v1"] = [{"name": "carts", "kind": "Cart", "namespaced": True}]

    cart = simple("Cart", "one", "shop.example/v1")
    result = asyncio.run(drive(server, plan_of(history((0, [cart, definition], []))), meanwhile=serve_it))
    assert result.counts.accepted == 2
    assert server.applied()[-1] == "/apis/shop.example/v1/namespaces/virtual-shop/carts/one"


def test_independent_objects_go_out_together_and_one_object_in_order(server: ApiServer) -> None:
    server.faults.append(Fault("PATCH", "/deployments/d0", times=1, delay=0.3))
    server.faults.append(Fault("PATCH", "/deployments/", times=100, delay=0.02))
    many = history(*((n, [deployment(f"d{k}", replicas=n) for k in range(8)], []) for n in range(3)))
    result = replay(server, many, at_once=8)
    assert result.counts.accepted == 24
    assert 4 <= server.most_at_once <= 8
    steps: dict[str, list[int]] = {}
    for method, path, step in server.writes:
        if method == "PATCH" and step:
            steps.setdefault(path, []).append(int(step.partition(".")[2]))
    assert all(numbers == sorted(numbers) and len(numbers) == 3 for numbers in steps.values())


def test_the_speed_sets_the_pace_and_the_delay_is_measured(server: ApiServer) -> None:
    result = replay(
        server, history((0, [deployment("a")], []), (30, [deployment("b")], []), (60, [], [])), window=Window(speed=100)
    )
    assert 0.6 <= result.seconds < 5
    assert result.behind.steps == 2
    assert 0 <= result.behind.mean <= result.behind.max < 1


def test_a_pause_stops_the_time(server: ApiServer) -> None:
    async def pause(driver: Driver) -> None:
        driver.pace.pause()
        await asyncio.sleep(0.5)
        assert server.applied() == []
        driver.pace.resume()

    plan = plan_of(history((0, [deployment("a")], [])))
    result = asyncio.run(drive(server, plan, meanwhile=pause))
    assert server.applied()
    assert result.seconds >= 0.5


def test_it_can_be_repeated(server: ApiServer, tmp_path: Path) -> None:
    result = replay(server, history((0, [deployment("a")], [])), tmp_path / "run", repeat=3)
    assert result.counts.accepted == 3
    assert [line["round"] for line in lines(tmp_path / "run")] == [0, 1, 2]
    assert sum(path.endswith("/priorityclasses/sim-1") for method, path, _ in server.writes if method == "POST") == 3


def test_a_cluster_without_the_mark_is_not_written_to(server: ApiServer) -> None:
    del server.objects[MARK]
    trace = history((0, [deployment("a")], []))
    with pytest.raises(ReplayError, match="not marked as a simulation") as refused:
        replay(server, trace)
    assert "--i-know-this-cluster" in refused.value.hint
    server.objects["/api/v1/nodes/real"] = {"metadata": {"name": "real"}}
    with pytest.raises(ReplayError):
        replay(server, trace)
    assert server.writes == []
    assert replay(server, trace, known_cluster=True).exit_code == 0


def test_a_cluster_with_fake_nodes_alone_is_a_simulation(server: ApiServer) -> None:
    del server.objects[MARK]
    server.objects["/api/v1/nodes/n"] = {"metadata": {"name": "n", "annotations": {"kwok.x-k8s.io/node": "fake"}}}
    assert replay(server, history((0, [deployment("a")], []))).exit_code == 0


def test_the_namespace_of_somebody_else_is_left_alone(server: ApiServer) -> None:
    theirs = {"metadata": {"name": "virtual-shop", "uid": "x", "labels": {"simkube.io/simulation": "sim-0"}}}
    server.objects["/api/v1/namespaces/virtual-shop"] = theirs
    result = replay(server, history((0, [deployment("a")], [])))
    assert (result.exit_code, result.ended) == (2, Ended.FAILED)
    assert "virtual-shop is there already and of the replay sim-0" in result.error
    assert "kubectl delete priorityclass sim-0" in result.hint
    assert server.objects["/api/v1/namespaces/virtual-shop"] is theirs


def test_the_clean_up_waits_until_all_is_gone(server: ApiServer) -> None:
    server.linger = 3
    result = replay(server, history((0, [deployment("a")], [])))
    assert (result.exit_code, result.left) == (0, "")
    assert server.seen["GET /apis/scheduling.k8s.io/v1/priorityclasses/sim-1"] >= 3


def test_a_folder_with_a_run_is_not_written_over(server: ApiServer, tmp_path: Path) -> None:
    trace = history((0, [deployment("a")], []))
    replay(server, trace, tmp_path / "run")
    with pytest.raises(ReplayError, match="holds a run already"):
        replay(server, trace, tmp_path / "run")
