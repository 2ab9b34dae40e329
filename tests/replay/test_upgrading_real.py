"""With real control planes: 1.24 becomes 1.25 on the same data while a replay goes on; and a replay with few rights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from skel.cli.main import run as skel
from skel.client.discovery import Resource
from skel.cluster.control_plane import down, up
from skel.cluster.nodes import from_template
from skel.cluster.state import homes
from skel.kube.release import lookup
from skel.replay.upgrade_lines import read_upgrade
from skel.storage.store import write_atomically
from skel.trace.model import Trace
from tests.cluster.api import ask
from tests.cluster.programs import REAL, need
from tests.replay.replays import deployment, history, lines, simple

Json = Any
ROOT = Path(__file__).resolve().parents[2]
pytestmark = [*REAL]


@pytest.fixture(autouse=True)
def clusters(plain_terminal: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A state folder of the test's own, which is empty behind it; skips where the programs are not on the machine."""
    need(monkeypatch, "1.24", "1.25")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield
    for place in homes():
        down(place.name)


def pod() -> Json:
    return {"containers": [{"name": "c", "image": "x"}], "restartPolicy": "Never"}


def job(name: str) -> Json:
    return {**simple("Job", name, "batch/v1"), "spec": {"template": {"spec": pod()}}}


def cron_job(name: str, version: str, schedule: str = "0 0 1 1 *") -> Json:
    spec = {"schedule": schedule, "jobTemplate": {"spec": {"template": {"spec": pod()}}}}
    return {**simple("CronJob", name, version), "spec": spec}


def web(replicas: int) -> Json:
    made = deployment("web", replicas=replicas)
    made["spec"]["selector"] = {"matchLabels": {"app": "web"}}
    made["spec"]["template"]["metadata"] = {"labels": {"app": "web"}}
    return made


def policy(name: str) -> Json:
    anyone = {"rule": "RunAsAny"}
    keys = ("seLinux", "supplementalGroups", "runAsUser", "fsGroup")
    return {**simple("PodSecurityPolicy", name, "policy/v1beta1", None), "spec": dict.fromkeys(keys, anyone)}


def test_1_24_becomes_1_25_in_the_middle_of_a_replay(tmp_path: Path) -> None:
    first = [web(3), cron_job("report", "batch/v1beta1"), job("load"), job("sweep"), policy("tight")]
    maps: list[Any] = [(second, [simple("ConfigMap", f"c{second}")], []) for second in range(10, 1200, 20)]
    late = [cron_job("late", "batch/v1beta1"), cron_job("now", "batch/v1"), web(4)]
    trace = history((0, first, []), *maps, (1190, late, []), (1200, [], []))
    write_atomically(str(tmp_path / "t.sktrace"), trace.write)
    run = tmp_path / "run"
    words = ["--on", "local:1.24", "--nodes", "3", "--speed", "120", "--upgrade", "5m=1.25", "--run-dir", str(run)]
    assert skel(["replay", str(tmp_path / "t.sktrace"), *words, "--report", str(tmp_path / "up.html")]) == 1
    info = msgspec.json.decode((run / "run.json").read_bytes())
    assert (info["ended"], info["counts"]["steps"]) == ("complete", 68)

    sent = lines(run)
    assert [(line["name"], line["status"], line["rule"]) for line in sent if line["verdict"] != "accepted"] == [
        ("late", 404, "kubernetes/cronjob-batch-v1")
    ]
    assert len({line["step"] for line in sent}) == len(sent) == 68, "nothing lost, nothing twice"

    upgrade = read_upgrade(run)
    assert upgrade is not None
    (hop,) = upgrade.hops
    assert (hop.source, hop.target, hop.error) == ("1.24.17", "1.25.16", "")
    assert hop.away[0].component == "kube-apiserver"
    assert {one.component for one in hop.away} == {"kube-apiserver", "kube-controller-manager", "kube-scheduler"}
    changes = hop.changes
    assert changes is not None
    back = {(one.kind, one.before, one.after): [named.name for named in one.named] for one in changes.read_back}
    assert back == {("CronJob", "batch/v1beta1", "batch/v1"): ["report"]}
    stranded = {group.kind: [named.name for named in group.named] for group in changes.vanished}
    assert stranded == {"PodSecurityPolicy": ["tight"]}
    assert (changes.lost, changes.recreated, changes.defaulted, changes.unread) == ((), (), (), ())
    pods = changes.pods
    assert (pods.before, pods.moved, pods.restarted, pods.replaced) == (5, (), (), ()), "an upgrade leaves pods alone"
    old, new = upgrade.legs
    assert (old.rejected, new.rejected) == (0, 1)
    assert any("batch/v1beta1 CronJob is deprecated" in one.text for one in old.warnings)
    assert "PodSecurityPolicy policy/v1beta1" in (tmp_path / "up.html").read_text("utf-8")
    assert homes() == (), "nothing of the cluster is left"


def test_two_upgrades_in_one_history_with_jobs_that_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1.24 to 1.25 to 1.26, each in the middle; a Job begins on the first release and ends on the last."""
    need(monkeypatch, "1.26")
    first = [web(3), cron_job("report", "batch/v1beta1"), scaler("web", "autoscaling/v2beta2"), job("long")]
    maps: list[Any] = [(second, [simple("ConfigMap", f"c{second}")], []) for second in range(10, 3000, 30)]
    between = [cron_job("report", "batch/v1", "0 1 1 1 *"), job("middle"), web(5)]
    late = [scaler("web", "autoscaling/v2beta2"), job("late")]
    # The maps keep the driver writing through both gaps.
    days = sorted(
        [(0, first, []), (1300, between, []), (2700, late, []), (3000, [], []), *maps], key=lambda day: day[0]
    )
    made = history(*days)
    start = made.events[0].ts
    recorded = {"long": 2000, "middle": 60, "late": 2000}
    lifecycles: Any = {("batch/v1.Job", f"shop/{name}"): ended(start, lived) for name, lived in recorded.items()}
    trace = Trace.make(made.events, made.config, {}, lifecycles)
    write_atomically(str(tmp_path / "t.sktrace"), trace.write)
    run = tmp_path / "run"
    words = ["--on", "local:1.24", "--nodes", "3", "--speed", "50", "--upgrade", "5m=1.25", "--upgrade", "30m=1.26"]
    assert skel(["replay", str(tmp_path / "t.sktrace"), *words, "--run-dir", str(run)]) == 1
    info = msgspec.json.decode((run / "run.json").read_bytes())
    assert (info["ended"], info["cleaned"], info["observed"]["problems"]) == ("complete", True, [])

    sent = lines(run)
    assert len({line["step"] for line in sent}) == len(sent) == 9 + len(maps), "nothing lost, nothing twice"
    assert [(line["kind"], line["status"]) for line in sent if line["verdict"] != "accepted"] == [
        ("HorizontalPodAutoscaler", 404)
    ]
    upgrade = read_upgrade(run)
    assert upgrade is not None
    assert [(hop.source, hop.target, hop.error) for hop in upgrade.hops] == [
        ("1.24.17", "1.25.16", ""), ("1.25.16", "1.26.15", ""),
    ]  # fmt: skip
    back = [{(one.kind, one.before, one.after) for one in hop.changes.read_back} for hop in upgrade.hops if hop.changes]
    assert back == [
        {("CronJob", "batch/v1beta1", "batch/v1")},
        {("HorizontalPodAutoscaler", "autoscaling/v2beta2", "autoscaling/v2")},
    ]
    pods = [hop.changes.pods for hop in upgrade.hops if hop.changes]
    assert [(each.moved, each.restarted, each.replaced) for each in pods] == [((), (), ())] * 2, "pods are left alone"

    # What was watched in a version that vanished is watched on in another.
    seen_ = [msgspec.json.decode(line) for line in (run / "objects.jsonl").read_bytes().splitlines()]
    changes = [(one["change"], one["apiVersion"]) for one in seen_ if one["kind"] == "CronJob"]
    assert changes == [("added", "batch/v1beta1"), ("modified", "batch/v1"), ("final", "batch/v1")]
    lived = {one["owner"]: one["finished"] - one["running"] for one in pods_of(run) if one["phase"] == "Succeeded"}
    # A pod whose time is over while nobody answers ends when somebody does.
    assert 1900 <= lived["Job/long"] <= 2000 + 30 * 50
    assert 0 <= lived["Job/middle"] <= 60 + 5 * 50
    assert "Job/late" not in lived


def pods_of(run: Path) -> list[Json]:
    return [msgspec.json.decode(line) for line in (run / "pods.jsonl").read_bytes().splitlines()]


def ended(start: int, seconds: int) -> Json:
    return {0: [{"Finished": [start, start + seconds]}]}


def scaler(name: str, version: str) -> Json:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    return {**simple("HorizontalPodAutoscaler", name, version), "spec": {"scaleTargetRef": target, "maxReplicas": 9}}


def test_the_rights_of_the_example_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = up("1.25", "rights", from_template(2))
    for document in yaml.safe_load_all((ROOT / "examples/deploy/access.yaml").read_text("utf-8")):
        served = lookup(document["apiVersion"], document["kind"], "1.25")
        assert served is not None
        resource = Resource(document["apiVersion"], document["kind"], served.resource, served.namespaced)
        path = resource.collection(document["metadata"].get("namespace", ""))
        assert ask(cluster.kubeconfig, "POST", path, document).status in {201, 409}
    for file in ("job.yaml", "job-volume.yaml"):
        job_, claim = yaml.safe_load_all((ROOT / "examples/deploy" / file).read_text("utf-8"))
        tried = ask(cluster.kubeconfig, "POST", "/apis/batch/v1/namespaces/skel-replay/jobs?dryRun=All", job_)
        assert (tried.status, tried.warnings) == (201, ()), (
            "the restricted Pod Security Standard has nothing against it"
        )
        claims = "/api/v1/namespaces/skel-replay/persistentvolumeclaims?dryRun=All"
        assert ask(cluster.kubeconfig, "POST", claims, claim).status == 201
    account = "/api/v1/namespaces/skel-replay/serviceaccounts/skel-replay/token"
    answer = ask(
        cluster.kubeconfig, "POST", account, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest"}
    )
    config = yaml.safe_load(cluster.kubeconfig.read_text("utf-8"))
    config["users"][0]["user"] = {"token": answer.body["status"]["token"]}
    (tmp_path / "config").write_text(yaml.safe_dump(config), "utf-8")

    # As in somebody else's cluster: nothing is known of it but its address and a token.
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
        words = ["--kubeconfig", str(tmp_path / "config"), "--speed", "300", "--run-dir", str(tmp_path / "run")]
        assert skel(["replay", str(ROOT / "examples/traces/shop.sktrace"), *words]) == 1
    sent = lines(tmp_path / "run")
    assert {line["status"] for line in sent} == {200, 201, 404}, "404 is what 1.25 does not serve; no 403"
    info = msgspec.json.decode((tmp_path / "run/run.json").read_bytes())
    assert (info["ended"], info["cleaned"], info["observed"]["problems"]) == ("complete", True, [])
    assert (tmp_path / "run/pods.jsonl").stat().st_size > 0
    assert (tmp_path / "run/metrics.jsonl").stat().st_size > 0
