"""Recorded lifetimes and observation on a real control plane: what is measured there is what was recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from skel.cli.main import run as command
from skel.client.request import Request
from skel.cluster.cluster import Cluster
from skel.cluster.control_plane import down, up
from skel.cluster.nodes import from_template
from skel.replay.webhook import CONFIGURATIONS, Webhook
from skel.trace.codec import Event, encode_object
from skel.trace.model import Lifecycles, Trace
from tests.cluster.programs import REAL, need
from tests.replay.real import connected, play, seen

pytestmark = [*REAL]

Json = Any
START = 1_700_000_000
SPEED = 10.0
LATE = 12.0
"""Simulated seconds by which a loaded machine may be late: 1.2 s of the run."""
EARLY = 4.0
"""The same where it is late to see a pod begin."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        need(patch, "1.25")
        made = up("1.25", "lifetimes", from_template(3))
        try:
            yield made
        finally:
            down("lifetimes")


@pytest.fixture(autouse=True)
def same_home(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state of the cluster is looked up by name."""
    monkeypatch.setenv("XDG_STATE_HOME", str(cluster.folder.parent.parent.parent))


def template(image: str, **spec: Json) -> Json:
    return {"spec": {"containers": [{"name": "c", "image": image}], **spec}}


def deployment(name: str, replicas: int, image: str) -> Json:
    made = template(image)
    made["metadata"] = {"labels": {"app": name}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": made}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "shop"}, "spec": spec,
    }  # fmt: skip


def job(name: str, completions: int) -> Json:
    spec = {"completions": completions, "parallelism": 1, "template": template("x", restartPolicy="Never")}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


def bare(name: str) -> Json:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"}, **template("y")}


def finished(*seconds: int) -> list[Json]:
    return [{"Finished": [START, START + each]} for each in seconds]


def history(lifecycles: Lifecycles, *events: tuple[int, list[Json]]) -> Trace:
    made = [Event(START + at, [encode_object(one) for one in applied], []) for at, applied in events]
    return Trace.make(made, {"trackedObjects": {}}, {}, lifecycles)


def lifetimes(folder: Path) -> dict[str, list[float]]:
    """Measured lifetimes by owner, in the order in which the pods ended."""
    found: dict[str, list[float]] = {}
    for line in seen(folder, "pods.jsonl"):
        if line["phase"] == "Succeeded":
            found.setdefault(line["owner"], []).append(line["finished"] - line["running"])
    return found


@pytest.mark.parametrize("webhook", [True, False], ids=["webhook", "patch"])
def test_pods_live_as_long_as_the_recorded_ones(cluster: Cluster, tmp_path: Path, webhook: bool) -> None:
    running = [{"Running": START}] * 2
    lifecycles: Lifecycles = {
        ("apps/v1.Deployment", "shop/web"): {5: running, 6: [{"Running": START + 60}] * 2},
        # Recorded on a release that still had it, under the version that it had there.
        ("batch/v1.Job", "shop/report"): {7: finished(10, 20, 40)},
        ("v1.Pod", "shop/lonely"): {8: finished(30)},
    }
    first = [deployment("web", 2, "a"), job("report", 3), bare("lonely")]
    trace = history(lifecycles, (0, first), (60, [deployment("web", 2, "b")]), (140, []))
    around = asyncio.run(play(cluster, trace, tmp_path, speed=SPEED, webhook=webhook))

    measured = lifetimes(tmp_path)
    assert {owner: len(times) for owner, times in measured.items()} == {"Job/report": 3, "Pod/lonely": 1}
    for recorded, time in zip((10, 20, 40, 30), [*measured["Job/report"], *measured["Pod/lonely"]], strict=True):
        assert recorded - EARLY <= time <= recorded + LATE

    info = around.info()
    assert info["observed"]["problems"] == []
    assert info["lifetimes"] == {
        "way": "webhook" if webhook else "patch", "pods": 8, "ending": 4,
        "byHash": 0, "byOnlyHash": 4, "byOrder": 4, "beyondRecord": 0, "unrecorded": 0,
    }  # fmt: skip
    finals = {line["kind"]: line for line in seen(tmp_path, "objects.jsonl") if line["change"] == "final"}
    assert finals["Deployment"]["object"]["status"]["readyReplicas"] == 2
    assert finals["Job"]["object"]["status"]["succeeded"] == 3
    reasons = {line["reason"] for line in seen(tmp_path, "events.jsonl")}
    assert {"Scheduled", "SuccessfulCreate", "ScalingReplicaSet"} <= reasons
    components = {line["component"] for line in seen(tmp_path, "metrics.jsonl")}
    assert components == {"kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd", "kwok"}
    assert len(seen(tmp_path, "nodes.jsonl")) == 3


@pytest.mark.shared
def test_recorded_bare_pods_are_found_by_their_hash(cluster: Cluster, tmp_path: Path, shared_traces: Path) -> None:
    trace = Trace.open(str(shared_traces / "bare-pods.sktrace"))
    around = asyncio.run(play(cluster, trace, tmp_path, speed=20.0, webhook=True))
    measured = [time for times in lifetimes(tmp_path).values() for time in times]
    assert len(measured) == 3
    for recorded, time in zip((12, 30, 30), measured, strict=True):
        assert recorded - EARLY <= time <= recorded + 2 * LATE
    assert around.info()["lifetimes"]["byHash"] == 4


def test_the_command_line_gives_lifetimes_and_watches(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lifecycles: Lifecycles = {("batch/v1.Job", "shop/report"): {7: finished(10, 20)}}
    history(lifecycles, (0, [job("report", 2)]), (60, [])).save(str(tmp_path / "t.sktrace"))
    minor = cluster.version.rpartition(".")[0]
    words = ["--on", f"local:{minor}", "--cluster", "lifetimes", "--speed", "10", "--run-dir", str(tmp_path / "run")]
    assert command(["replay", str(tmp_path / "t.sktrace"), *words]) == 0
    assert "lifetimes: 2 pods, 2 with a recorded end, 2 by a fallback" in capsys.readouterr().out
    info = msgspec.json.decode((tmp_path / "run" / "run.json").read_bytes())
    assert info["lifetimes"]["way"] == "webhook"
    assert info["observed"]["problems"] == []
    assert [round(time, -1) for time in lifetimes(tmp_path / "run")["Job/report"]] == [10, 20]


def test_a_webhook_that_does_not_answer_costs_time_and_nothing_else(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silence(webhook: Webhook, body: bytes) -> bytes:
        await asyncio.sleep(30)
        return b""

    monkeypatch.setattr("skel.replay.webhook.SECONDS", 1)
    monkeypatch.setattr(Webhook, "answer", silence)
    lifecycles: Lifecycles = {("v1.Pod", f"shop/{name}"): {8: finished(10)} for name in "abc"}
    trace = history(lifecycles, (0, [bare(name) for name in "abc"]), (100, []))
    around = asyncio.run(play(cluster, trace, tmp_path, speed=SPEED, webhook=True))
    assert {owner: len(times) for owner, times in lifetimes(tmp_path).items()} == dict.fromkeys(
        ("Pod/a", "Pod/b", "Pod/c"), 1
    )
    assert around.info()["lifetimes"]["pods"] == 3


def test_nothing_is_left_behind(cluster: Cluster, tmp_path: Path) -> None:
    lifecycles: Lifecycles = {("v1.Pod", "shop/a"): {8: finished(10)}}
    asyncio.run(play(cluster, history(lifecycles, (0, [bare("a")]), (5, [])), tmp_path, speed=SPEED, webhook=True))

    async def hooks() -> Json:
        async with connected(cluster) as target:
            return (await target.send(Request("GET", CONFIGURATIONS.collection()))).body["items"]

    assert asyncio.run(hooks()) == []
