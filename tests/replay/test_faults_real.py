"""Real control planes in trouble: nothing is lost, nothing is applied twice, and the run says what happened."""

from __future__ import annotations

import http.client
import json
import os
import resource
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from skel.cli.main import run as skel
from skel.cluster.cluster import Cluster
from skel.cluster.control_plane import down, up
from skel.cluster.nodes import from_template
from skel.cluster.process import Process, is_running, read
from skel.cluster.state import home, read_state
from skel.trace.model import Trace
from tests.cluster.api import ask
from tests.cluster.programs import REAL, need
from tests.replay.replays import deployment, history, lines, simple

pytestmark = [*REAL]

Json = Any
ROOT = Path(__file__).resolve().parents[2]
MANY = history(*((second, [simple("ConfigMap", f"c{second}-{n}") for n in range(4)], []) for second in range(40)))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        need(patch, "1.25")
        made = up("1.25", "trouble", from_template(2))
        try:
            yield made
        finally:
            down("trouble")


@pytest.fixture(autouse=True)
def same_home(request: pytest.FixtureRequest, plain_terminal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state of the cluster is looked up by name."""
    made: Cluster = request.getfixturevalue("cluster")
    monkeypatch.setenv("XDG_STATE_HOME", str(made.folder.parent.parent.parent))
    need(monkeypatch, "1.25")


def play(trace: Trace, folder: Path, *words: str, name: str = "trouble", speed: str = "max") -> int:
    trace.save(str(folder / "t.sktrace"))
    arguments = [str(folder / "t.sktrace"), "--cluster", name, "--speed", speed, "--run-dir", str(folder / "run")]
    return skel(["replay", *arguments, *words])


def told(folder: Path) -> Json:
    return msgspec.json.decode((folder / "run" / "run.json").read_bytes())


def is_whole(folder: Path, count: int) -> bool:
    """Every step is there, and once."""
    return sorted(line["step"] for line in lines(folder / "run")) == list(range(count))


def left_in(cluster: Cluster) -> list[str]:
    """Namespaces of a simulation."""
    found = ask(cluster.kubeconfig, "GET", "/api/v1/namespaces").body["items"]
    return [each["metadata"]["name"] for each in found if each["metadata"]["name"].startswith("virtual-")]


def when(folder: Path, count: int, act: Any) -> threading.Thread:
    """Act when so many lines of the record are there."""

    def watch() -> None:
        file = folder / "run" / "requests.jsonl"
        until = time.monotonic() + 60
        while not file.exists() or file.read_bytes().count(b"\n") < count:
            assert time.monotonic() < until
            time.sleep(0.01)
        act()

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def kill(process: Process | None) -> None:
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    while is_running(process):
        time.sleep(0.01)


def test_the_api_server_is_killed_and_comes_back(cluster: Cluster, tmp_path: Path) -> None:
    def strike() -> None:
        kill(read(home("trouble").pid("kube-apiserver")))
        time.sleep(1.0)
        up("1.25", "trouble")

    striking = when(tmp_path, 40, strike)
    code = play(MANY, tmp_path, speed="20")
    striking.join()
    info = told(tmp_path)
    assert (code, info["ended"], info["cleaned"]) == (0, "complete", True)
    assert is_whole(tmp_path, 160)
    assert info["counts"]["accepted"] == 160
    assert info["counts"]["retried"] > 0, "somebody must have noticed"
    assert info["observed"]["problems"] == []
    assert left_in(cluster) == []


def test_the_driver_is_killed_and_taken_up_again_with_its_own_control_plane(tmp_path: Path) -> None:
    MANY.save(str(tmp_path / "t.sktrace"))
    words = [str(tmp_path / "t.sktrace"), "--on", "local:1.25", "--speed", "20", "--run-dir", str(tmp_path / "run")]
    with subprocess.Popen(
        [sys.executable, "-m", "skel", "replay", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as driver:
        when(tmp_path, 40, driver.kill).join()
    done = len(lines(tmp_path / "run"))
    info = told(tmp_path)
    assert (info["ended"], home(info["simulation"]).folder.is_dir()) == ("running", True)
    assert 40 <= done < 160

    assert skel(["replay", "--resume", str(tmp_path / "run")]) == 0
    info = told(tmp_path)
    assert (info["ended"], info["counts"]["accepted"], info["cleaned"]) == ("complete", 160, True)
    assert is_whole(tmp_path, 160)
    assert not home(info["simulation"]).folder.exists(), "what a replay started, it takes down"


def test_an_object_that_the_store_does_not_take_is_rejected_alone(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Below the limit of the API server, above that of etcd; and one that no server takes, which is not sent."""
    big, huge = labelled("big"), labelled("huge")
    for thing, size in ((big, 1_800_000), (huge, 3_500_000)):
        [container] = thing["spec"]["template"]["spec"]["containers"]
        container["env"] = [{"name": "X", "value": "x" * size}]
    began = time.monotonic()
    assert play(history((0, [big, huge, labelled("small")], [])), tmp_path) == 1
    assert time.monotonic() - began < 60, "it is not asked again and again"
    assert "request is too large" in capsys.readouterr().out
    said = {line["name"]: (line["verdict"], line["status"], line["attempts"]) for line in lines(tmp_path / "run")}
    assert said["small"] == ("accepted", 201, 1)
    assert said["big"] == ("rejected", 500, 1)
    assert said["huge"][:2] == ("rejected", 413)
    assert told(tmp_path)["cleaned"]


def labelled(name: str) -> Json:
    made = deployment(name)
    made["spec"]["selector"] = {"matchLabels": {"app": name}}
    made["spec"]["template"]["metadata"] = {"labels": {"app": name}}
    return made


def test_a_webhook_of_the_cluster_that_times_out_rejects_what_it_is_asked_for(cluster: Cluster, tmp_path: Path) -> None:
    hooks = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, and says nothing
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
        hook = {
            "name": "silent.example.com",
            "clientConfig": {"url": url},
            "rules": [rule],
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "timeoutSeconds": 1,
            # The controller manager makes config maps as well.
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "virtual-shop"}},
            "objectSelector": {"matchExpressions": [{"key": "simkube.io/simulation", "operator": "Exists"}]},
        }
        body = {"metadata": {"name": "silent"}, "webhooks": [hook]}
        assert ask(cluster.kubeconfig, "POST", hooks, body).status == 201
        try:
            trace = history((0, [simple("ConfigMap", "a"), simple("Secret", "b")], []))
            assert play(trace, tmp_path) == 1
        finally:
            assert ask(cluster.kubeconfig, "DELETE", f"{hooks}/silent").status == 200
    said = {line["kind"]: (line["verdict"], line["status"], line["message"]) for line in lines(tmp_path / "run")}
    assert said["Secret"][0] == "accepted"
    verdict, status, message = said["ConfigMap"]
    assert (verdict, status) == ("rejected", 500)
    assert "silent.example.com" in message
    assert told(tmp_path)["cleaned"]


def test_a_token_that_is_not_good_any_more_ends_the_run_and_a_new_one_goes_on(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account = "/api/v1/namespaces/default/serviceaccounts"
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    binding = {
        "metadata": {"name": "driver"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "driver", "namespace": "default"}],
    }
    assert ask(cluster.kubeconfig, "POST", account, {"metadata": {"name": "driver"}}).status == 201
    bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
    assert ask(cluster.kubeconfig, "POST", bindings, binding).status == 201
    token = ask(cluster.kubeconfig, "POST", f"{account}/driver/token", asked).body["status"]["token"]
    config = yaml.safe_load(cluster.kubeconfig.read_text("utf-8"))
    config["users"][0]["user"] = {"token": token}
    (tmp_path / "config").write_text(yaml.safe_dump(config), "utf-8")

    # A token dies with its account, as it does when its time is over; an API server notices within ten seconds.
    ending = when(tmp_path, 40, lambda: ask(cluster.kubeconfig, "DELETE", f"{account}/driver"))
    MANY.save(str(tmp_path / "t.sktrace"))
    words = ["--kubeconfig", str(tmp_path / "config"), "--speed", "2", "--run-dir", str(tmp_path / "run")]
    code = skel(["replay", str(tmp_path / "t.sktrace"), *words])
    ending.join()
    assert code == 2
    assert "does not accept the credentials" in capsys.readouterr().err
    info = told(tmp_path)
    assert (info["ended"], info["cleaned"]) == ("failed", False)
    done = len(lines(tmp_path / "run"))
    assert 40 <= done < 160

    words = ["--resume", str(tmp_path / "run"), "--kubeconfig", str(cluster.kubeconfig)]
    assert skel(["replay", *words]) == 0
    assert is_whole(tmp_path, 160)
    assert (told(tmp_path)["counts"]["skipped"], told(tmp_path)["cleaned"]) == (done, True)
    assert left_in(cluster) == []


def limited(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def in_a_process(trace: Trace, folder: Path, run: Path, config: Path, **settings: Any) -> Any:
    trace.save(str(folder / "t.sktrace"))
    words = [str(folder / "t.sktrace"), "--kubeconfig", str(config), "--speed", "max", "--run-dir", str(run)]
    return subprocess.run(
        [sys.executable, "-m", "skel", "replay", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **settings,
    )


def test_a_record_that_may_not_grow_ends_the_run_and_it_cleans_up(cluster: Cluster, tmp_path: Path) -> None:
    done = in_a_process(MANY, tmp_path, tmp_path / "run", cluster.kubeconfig, preexec_fn=lambda: limited(20_000))
    assert done.returncode == 2, done
    assert "requests.jsonl can't be written: file too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert left_in(cluster) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 200 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("nobody may mount here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_is_full_ends_the_run_and_it_cleans_up(cluster: Cluster, tmp_path: Path, small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"x" * 170_000)
    done = in_a_process(MANY, tmp_path, small_disk / "run", cluster.kubeconfig)
    assert done.returncode == 2, done
    assert "can't be written: no space left on device" in done.stderr
    assert "make room" in done.stderr
    assert "Traceback" not in done.stderr
    assert left_in(cluster) == []
    for line in (small_disk / "run" / "requests.jsonl").read_bytes().splitlines()[:-1]:
        msgspec.json.decode(line)


def test_etcd_is_full_and_with_more_room_the_run_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quota = "--quota-backend-bytes"
    made = up("1.25", "narrow", flags={"etcd": {quota: str(12 << 20)}})
    try:
        maps: list[Any] = [(second, [bulky(second)], []) for second in range(40)]
        assert play(history(*maps), tmp_path, name="narrow") == 2
        err = capsys.readouterr().err
        assert "local:1.25.16 can store nothing more: etcdserver: mvcc: database space exceeded" in err
        assert "--resume" in err
        info = told(tmp_path)
        assert (info["ended"], info["cleaned"]) == ("failed", False)
        done = [line for line in lines(tmp_path / "run") if line["verdict"] == "accepted"]
        assert 0 < len(done) < 40
        assert len(done) == len(lines(tmp_path / "run")), "that there is no room is not the fault of an object"

        with_more_room(quota, str(64 << 20))
        assert skel(["replay", "--resume", str(tmp_path / "run")]) == 0
        assert is_whole(tmp_path, 40)
        assert told(tmp_path)["counts"]["skipped"] == len(done)
        assert left_in(made) == []
    finally:
        down("narrow")


def bulky(number: int) -> Json:
    return {**simple("ConfigMap", f"c{number}"), "data": {"x": "x" * 500_000}}


def with_more_room(quota: str, size: str) -> None:
    """What an administrator does: a larger quota, and the alarm is over."""
    place = home("narrow")
    file = json.loads(place.state.read_text("utf-8"))
    file["flags"]["etcd"][quota] = size
    place.state.write_text(json.dumps(file), "utf-8")
    kill(read(place.pid("etcd")))
    # It counts as well only when the alarm is over.
    starting = threading.Thread(target=up, args=("1.25", "narrow"))
    starting.start()
    while starting.is_alive() and not disarmed():
        time.sleep(0.1)
    starting.join()


def disarmed() -> bool:
    place = home("narrow")
    state = read_state(place)
    assert state is not None
    tls = ssl.create_default_context(cafile=place.pki / "ca.crt")
    tls.load_cert_chain(place.pki / "etcd-client.crt", place.pki / "etcd-client.key")
    connection = http.client.HTTPSConnection("127.0.0.1", state.ports.etcd, context=tls)
    path = "/v3/maintenance/alarm"
    try:
        connection.request("POST", path, json.dumps({"action": "GET"}))
        alarms = json.loads(connection.getresponse().read()).get("alarms", [])
        for alarm in alarms:
            connection.request("POST", path, json.dumps({"action": "DEACTIVATE", **alarm}))
            connection.getresponse().read()
    except (OSError, ValueError):
        return False
    else:
        return bool(alarms)
    finally:
        connection.close()
