"""A real control plane is recorded while a trace is replayed into it; its own audit log says what happened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from skel.cli.main import run as skel
from skel.client.discovery import Resource
from skel.cluster.cluster import Cluster
from skel.cluster.control_plane import down, up
from skel.cluster.nodes import from_template
from skel.cluster.process import read
from skel.cluster.state import home, homes
from skel.kube.release import lookup
from skel.trace.codec import decode_object
from skel.trace.index import spec_hash
from skel.trace.model import Trace
from tests.cluster.api import ask
from tests.cluster.programs import REAL, need

Json = Any
Name = tuple[str, str]
History = dict[Name, list[int | None]]
"""The hashes of the specs of each object, in order; None where it went."""
ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "examples" / "traces" / "shop.sktrace"
KINDS = {
    "deployments": "Deployment",
    "statefulsets": "StatefulSet",
    "cronjobs": "CronJob",
    "jobs": "Job",
    "ingresses": "Ingress",
    "poddisruptionbudgets": "PodDisruptionBudget",
}
POLICY = """
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: RequestResponse, verbs: [create, update, patch, delete, deletecollection]}
- {level: None}
"""
pytestmark = [*REAL]


@pytest.fixture(autouse=True)
def clusters(plain_terminal: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A state folder of the test's own, which is empty behind it; skips where the programs are not on the machine."""
    need(monkeypatch, "1.25")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield
    for place in homes():
        down(place.name)


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    """1.25 that writes an audit log."""
    (tmp_path / "policy.yaml").write_text(POLICY)
    log = {"--audit-policy-file": str(tmp_path / "policy.yaml"), "--audit-log-path": str(tmp_path / "audit.log")}
    return up("1.25", "record", [*from_template(count=3)], flags={"kube-apiserver": log})


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """The shop as 1.25 takes it."""
    assert skel(["migrate", str(SHOP), "--to", "1.25", "-o", str(tmp_path / "shop.sktrace")]) in {0, 1}
    return tmp_path / "shop.sktrace"


class Recorder:
    """`skel record` beside the test."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.output = folder / "recorded.sktrace"
        self.command = [sys.executable, "-m", "skel", "record", "--kubeconfig", str(cluster.kubeconfig)]
        self.command += ["-o", str(self.output), "--drop", "noise"]
        self.journal = Path(f"{self.output}.journal")

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True)
        until = time.monotonic() + 60
        while not any(b"Deployment" in log.read_bytes() for log in self.journal.glob("*.log")):
            assert time.monotonic() < until
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.2)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def stop(self) -> Trace:
        time.sleep(3)
        self.process.send_signal(signal.SIGINT)
        said = self.process.communicate(timeout=60)[1]
        assert self.process.returncode == 0, said
        return Trace.open(str(self.output))


def replayed(cluster: Cluster, trace: Path, folder: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "skel", "replay", str(trace), "--kubeconfig", str(cluster.kubeconfig), "--keep"]
    command += ["--run-dir", str(folder), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def begun(folder: Path) -> None:
    """Return when the replay has written something."""
    until = time.monotonic() + 60
    while not (folder / "requests.jsonl").exists():
        assert time.monotonic() < until
        time.sleep(0.2)


def finished(process: subprocess.Popen[str]) -> None:
    said = process.communicate(timeout=300)[0]
    assert process.returncode == 0, said


def of_audit_log(path: Path, namespace: str) -> History:
    """What the server did, by the versions that it gave; a deletion at once has none: it comes last."""
    states: dict[Name, dict[float, int | None]] = defaultdict(dict)
    for line in path.read_text().splitlines():
        event = json.loads(line)
        thing, reference = event.get("responseObject") or {}, event.get("objectRef") or {}
        kind = KINDS.get(str(reference.get("resource")))
        if event["responseStatus"]["code"] >= 300 or reference.get("namespace") != namespace or kind is None:
            continue
        if thing.get("kind") == "Status":
            at = states.get((kind, reference["name"]))
            if at:
                at[max(at) + 0.5] = None
        elif thing.get("kind") == kind and not is_made(thing):
            version, at = int(thing["metadata"]["resourceVersion"]), states[kind, thing["metadata"]["name"]]
            at[version] = spec_hash(thing["spec"])
            if event["verb"] == "delete" and not thing["metadata"].get("deletionTimestamp"):
                at[version + 0.5] = None
            elif is_ended(thing):
                # The garbage collector has taken the last finalizer off, and with it the object went.
                at[version + 0.5] = None
    return {key: compact([at[version] for version in sorted(at)]) for key, at in states.items()}


def is_made(thing: Json) -> bool:
    return any(owner.get("controller") for owner in thing["metadata"].get("ownerReferences") or ())


def is_ended(thing: Json) -> bool:
    return bool(thing["metadata"].get("deletionTimestamp")) and not thing["metadata"].get("finalizers")


def compact(states: list[int | None]) -> list[int | None]:
    """Each state once where it stands several times in a row."""
    return [state for place, state in enumerate(states) if place == 0 or states[place - 1] != state]


def of_trace(trace: Trace, namespace: str) -> History:
    found: History = defaultdict(list)
    for event in trace.events:
        for raws, is_there in ((event.applied_objs, True), (event.deleted_objs, False)):
            for thing in map(decode_object, raws):
                metadata = thing["metadata"]
                if thing["kind"] in KINDS.values() and metadata.get("namespace") == namespace:
                    found[thing["kind"], metadata["name"]].append(spec_hash(thing["spec"]) if is_there else None)
    return dict(found)


def is_subsequence(some: list[int | None], whole: list[int | None]) -> bool:
    rest = iter(whole)
    return all(any(one == other for other in rest) for one in some)


def objects(cluster: Cluster, namespace: str) -> dict[Name, Json]:
    """The specs of what is in a namespace, but for what controllers make."""
    found = {}
    for kind, path in (
        ("Deployment", "apis/apps/v1/namespaces/{}/deployments"),
        ("StatefulSet", "apis/apps/v1/namespaces/{}/statefulsets"),
        ("CronJob", "apis/batch/v1/namespaces/{}/cronjobs"),
        ("Ingress", "apis/networking.k8s.io/v1/namespaces/{}/ingresses"),
        ("PodDisruptionBudget", "apis/policy/v1/namespaces/{}/poddisruptionbudgets"),
        ("ConfigMap", "api/v1/namespaces/{}/configmaps"),
        ("ServiceAccount", "api/v1/namespaces/{}/serviceaccounts"),
    ):
        body = ask(cluster.kubeconfig, "GET", f"/{path.format(namespace)}").body
        for item in body["items"]:
            found[kind, item["metadata"]["name"]] = item.get("spec", item.get("data"))
    return found


def test_the_recording_is_what_the_audit_log_says(cluster: Cluster, trace: Path, tmp_path: Path) -> None:
    """Every state of every object, in order and once, though the recorder is killed in the middle."""
    recorder = Recorder(cluster, tmp_path)
    recorder.start()
    replay = replayed(cluster, trace, tmp_path / "run", "--speed", "240")
    begun(tmp_path / "run")
    time.sleep(5)
    recorder.kill()
    time.sleep(2)
    recorder.start()
    finished(replay)
    recording = recorder.stop()
    expected = of_audit_log(tmp_path / "audit.log", "virtual-shop")
    assert len(expected) >= 7
    assert sum(map(len, expected.values())) >= 20
    assert of_trace(recording, "virtual-shop") == expected
    again(cluster, recorder.output, tmp_path)


def again(cluster: Cluster, recorded: Path, tmp_path: Path) -> None:
    """The recording, transformed and replayed again, gives the same objects."""
    program = tmp_path / "again.skel"
    program.write_text(
        'delete(kind == "PriorityClass");\n'
        'delete(kind == "Namespace");\n'
        'delete(metadata.namespace != "virtual-shop");\n'
        'modify(metadata.namespace == "virtual-shop", metadata.namespace = "shop");\n'
    )
    once_more = tmp_path / "again.sktrace"
    assert skel(["transform", str(recorded), str(program), "-o", str(once_more)]) == 0
    finished(replayed(cluster, once_more, tmp_path / "run2", "--speed", "max", "--namespace-prefix", "second"))
    first, second = objects(cluster, "virtual-shop"), objects(cluster, "second-shop")
    assert len(first) >= 7
    assert neutral(second) == neutral(first)


def neutral(found: dict[Name, Json]) -> Json:
    """Without the namespaces, which differ by intent."""
    return json.loads(json.dumps(sorted(found.items())).replace("second-shop", "X").replace("virtual-shop", "X"))


def test_an_api_server_that_is_killed_while_it_is_recorded(cluster: Cluster, trace: Path, tmp_path: Path) -> None:
    """What it did while nobody could look shows in its outcome; all else is there, nothing twice, nothing untrue."""
    recorder = Recorder(cluster, tmp_path)
    recorder.start()
    replay = replayed(cluster, trace, tmp_path / "run", "--speed", "240")
    begun(tmp_path / "run")
    for _ in range(2):
        time.sleep(4)
        process = read(home("record").pid("kube-apiserver"))
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        time.sleep(1)
        up("1.25", "record")
    finished(replay)
    recording = recorder.stop()
    truth, seen = of_audit_log(tmp_path / "audit.log", "virtual-shop"), of_trace(recording, "virtual-shop")
    assert len(truth) >= 7
    there = {key: states for key, states in truth.items() if states[-1] is not None}
    assert seen.keys() >= there.keys()
    for key, states in seen.items():
        assert is_subsequence(states, truth[key]), key
        assert compact(states) == states
        assert states[-1] == truth[key][-1]
    missed = sum(map(len, truth.values())) - sum(map(len, seen.values()))
    assert missed <= 4, f"{missed} states were lost in two seconds"


def test_the_rights_of_the_example_are_enough(cluster: Cluster, tmp_path: Path) -> None:
    """With the account of examples/deploy/recorder and its configuration, everything is recorded."""
    folder = ROOT / "examples" / "deploy" / "recorder"
    for file in ("access.yaml", "recorder.yaml"):
        for document in yaml.safe_load_all((folder / file).read_text("utf-8")):
            served = lookup(document["apiVersion"], document["kind"], "1.25")
            assert served is not None
            resource = Resource(document["apiVersion"], document["kind"], served.resource, served.namespaced)
            path = resource.collection(document["metadata"].get("namespace", ""))
            answer = ask(cluster.kubeconfig, "POST", path, document)
            assert (answer.status in {201, 409}, answer.warnings) == (True, ()), answer
            if document["kind"] == "ConfigMap":
                (tmp_path / "tracer.yaml").write_text(document["data"]["tracer.yaml"])
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest"}
    account = "/api/v1/namespaces/skel-record/serviceaccounts/skel-record/token"
    config = yaml.safe_load(cluster.kubeconfig.read_text("utf-8"))
    config["users"][0]["user"] = {"token": ask(cluster.kubeconfig, "POST", account, request).body["status"]["token"]}
    (tmp_path / "config").write_text(yaml.safe_dump(config))
    words = ["--kubeconfig", str(tmp_path / "config"), "--config", str(tmp_path / "tracer.yaml")]
    output = tmp_path / "x.sktrace"
    command = [sys.executable, "-m", "skel", "record", *words, "-o", str(output), "--for", "15s"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "not recorded" not in done.stderr
    assert "forbidden" not in done.stderr
    trace = Trace.open(str(output))
    names = {(thing["kind"], thing["metadata"]["name"]) for thing in map(decode_object, trace.events[0].applied_objs)}
    assert ("Deployment", "skel-record") in names
    assert not any(kind in {"Pod", "ReplicaSet"} for kind, _ in names), "the Deployment makes them again"
