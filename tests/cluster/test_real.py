"""Real control planes: real binaries, real processes. Each test brings up what it needs and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from skel.cluster.cluster import find, status
from skel.cluster.control_plane import down, up, upgrade
from skel.cluster.errors import ClusterError
from skel.cluster.nodes import from_template
from skel.cluster.process import Process, is_running, read
from skel.cluster.simulation import look_for_mark
from skel.cluster.state import COMPONENTS, home, read_state
from tests.cluster.api import ask, cron_job, deployment, job, wait_for
from tests.cluster.programs import REAL

pytestmark = [*REAL, pytest.mark.usefixtures("programs")]

CRON_JOBS = "/apis/{}/namespaces/default/cronjobs"
DELAYS = {
    "simkube.io/kwok-stage-create-delay": "200",
    "simkube.io/kwok-stage-ready-delay": "1s",
    "simkube.io/kwok-stage-complete-delay": "2s",
}


def processes(name: str) -> list[Process | None]:
    return [read(home(name).pid(component)) for component in COMPONENTS]


def numbers(name: str) -> dict[str, int]:
    """The number of each component's process."""
    return {component.name: component.process.pid for component in status(name).components if component.process}


def test_from_nothing_over_an_upgrade_to_nothing(clusters: Path) -> None:
    cluster = up("1.24", "story", from_template(3))
    config = cluster.kubeconfig
    assert status("story").word == "running"
    assert ask(config, "GET", look_for_mark().path).status == 200
    nodes = ask(config, "GET", "/api/v1/nodes").body["items"]
    assert [node["status"]["nodeInfo"]["kubeletVersion"] for node in nodes] == ["v1.24.17"] * 3

    assert ask(config, "POST", "/apis/apps/v1/namespaces/default/deployments", deployment("web", 4)).status == 201
    answer = ask(config, "POST", CRON_JOBS.format("batch/v1beta1"), cron_job("batch/v1beta1", "report"))
    assert (answer.status, len(answer.warnings)) == (201, 1)
    before = wait_for(config, "/api/v1/namespaces/default/pods", lambda body: running(body) == 4)

    old = numbers("story")
    upgraded = upgrade("story", "1.25")
    assert (upgraded.version, upgraded.kubeconfig) == ("1.25.16", config)
    assert ask(config, "GET", "/version").body["gitVersion"] == "v1.25.16"
    assert ask(config, "GET", CRON_JOBS.format("batch/v1beta1") + "/report").status == 404
    assert ask(config, "GET", CRON_JOBS.format("batch/v1") + "/report").body["apiVersion"] == "batch/v1"
    after = ask(config, "GET", "/api/v1/namespaces/default/pods").body
    assert uids(after) == uids(before), "an upgrade must not touch the pods"
    new = numbers("story")
    assert {name for name in COMPONENTS if new[name] == old[name]} == {"etcd", "kwok"}
    with pytest.raises(ClusterError, match=r"runs kubernetes 1\.25\.16 already"):
        upgrade("story", "1.25")
    with pytest.raises(ClusterError, match=r"can't go back to 1\.24\.17"):
        upgrade("story", "1.24")

    ran = processes("story")
    down("story")
    assert not any(is_running(process) for process in ran)
    assert list(clusters.iterdir()) == []


def running(body: Any) -> int:
    return sum(pod["status"].get("phase") == "Running" for pod in body["items"])


def uids(body: Any) -> set[str]:
    return {pod["metadata"]["uid"] for pod in body["items"]}


def test_pods_live_as_their_annotations_say() -> None:
    config = up("1.25", "life", from_template(1)).kubeconfig
    jobs, pods = "/apis/batch/v1/namespaces/default/jobs", "/api/v1/namespaces/default/pods"
    assert ask(config, "POST", jobs, job("slow", DELAYS)).status == 201
    assert ask(config, "POST", jobs, job("endless", {})).status == 201
    # What a replay does: it finds out how long a pod ran, and says so when the pod runs.
    finish = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=6)
    recorded = {"simkube.io/kwok-stage-complete-time": finish.isoformat().replace("+00:00", "Z")}
    metadata = {"name": "bare", "annotations": recorded, "labels": {"simkube.io/kwok-stage-complete": "true"}}
    bare = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata}
    assert ask(config, "POST", pods, {**bare, "spec": {"containers": [{"name": "c", "image": "x"}]}}).status == 201

    wait_for(config, f"{jobs}/slow", lambda body: body["status"].get("succeeded") == 1)
    wait_for(config, f"{pods}/bare", lambda body: body["status"]["phase"] == "Succeeded")
    by_name = {pod["metadata"]["name"].partition("-")[0]: pod for pod in ask(config, "GET", pods).body["items"]}
    slow, bare, endless = by_name["slow"], by_name["bare"], by_name["endless"]
    assert endless["status"]["phase"] == "Running", "a Job's pod runs until somebody says that it is done"
    assert lasted(slow) == pytest.approx(2 + 1, abs=1.5)
    assert abs(ended(bare) - finish) <= timedelta(seconds=2)
    assert slow["status"]["podIP"] != bare["status"]["podIP"]
    assert ask(config, "DELETE", f"{pods}/bare").status == 200
    wait_for(config, f"{pods}/bare", lambda body: body.get("reason") == "NotFound")


def ended(pod: Any) -> datetime:
    return datetime.fromisoformat(pod["status"]["containerStatuses"][0]["state"]["terminated"]["finishedAt"])


def lasted(pod: Any) -> float:
    return (ended(pod) - datetime.fromisoformat(pod["status"]["startTime"])).total_seconds()


def test_two_side_by_side_and_a_third_on_a_port_that_is_taken() -> None:
    failed: list[BaseException] = []

    def start(name: str) -> None:
        try:
            up("1.25", name)
        except BaseException as error:  # noqa: BLE001  (shown below)
            failed.append(error)

    starts = [threading.Thread(target=start, args=(name,)) for name in ("one", "two")]
    for each in starts:
        each.start()
    for each in starts:
        each.join()
    assert failed == []
    one, two = find("one"), find("two")
    assert one.server != two.server
    assert one.token != two.token
    assert ask(one.kubeconfig, "POST", "/api/v1/namespaces", {"metadata": {"name": "only-here"}}).status == 201
    assert ask(two.kubeconfig, "GET", "/api/v1/namespaces/only-here").status == 404

    with pytest.raises(ClusterError, match="is taken"):
        up("1.25", "three", port=int(one.server.rpartition(":")[2]))
    assert not home("three").folder.exists()
    down("one")
    assert status("two").word == "running"


def test_what_died_is_started_again_and_a_stale_pid_file_hurts_nobody() -> None:
    cluster = up("1.25", "hurt")
    config, place = cluster.kubeconfig, home("hurt")
    made = {"metadata": {"name": "kept"}}
    assert ask(config, "POST", "/api/v1/namespaces", made).status == 201
    before = numbers("hurt")
    victim = read(place.pid("kube-apiserver"))
    assert victim is not None
    os.kill(victim.pid, signal.SIGKILL)
    while is_running(victim):
        time.sleep(0.01)
    assert status("hurt").word == "degraded"
    # The number of the dead server belongs to somebody else by now: to this very process.
    stale = place.pid("kube-apiserver").read_text().split(" ", 1)
    place.pid("kube-apiserver").write_text(f"{os.getpid()} {stale[1]}")

    again = up("1.25", "hurt")
    assert again == cluster
    assert ask(config, "GET", "/api/v1/namespaces/kept").status == 200
    changed = {name for name, pid in numbers("hurt").items() if pid != before[name]}
    assert changed == {"kube-apiserver"}
    with pytest.raises(ClusterError, match=r"is there already, with Kubernetes 1\.25\.16"):
        up("1.24", "hurt")

    # After a restart of the machine: nothing runs, the pid files are there, and somebody took a port.
    for process in processes("hurt"):
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
    while any(is_running(process) for process in processes("hurt")):
        time.sleep(0.01)
    assert status("hurt").word == "stopped"
    state = read_state(place)
    assert state is not None
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", state.ports.kwok))
        other.listen()
        up("1.25", "hurt")
        assert ask(config, "GET", "/api/v1/namespaces/kept").status == 200


def test_a_component_that_does_not_start_says_why_and_nothing_stays(
    clusters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skel.cluster.components._NODE_GRACE", "many")
    with pytest.raises(ClusterError, match=r"kube-controller-manager ended while it started[\s\S]*many"):
        up("1.25", "broken")
    assert list(clusters.iterdir()) == []


def test_whoever_started_it_is_killed(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "skel", "cluster", "up", "orphan", "--kubernetes", "1.25"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    with subprocess.Popen(arguments, env=environment, cwd=tmp_path, stderr=subprocess.DEVNULL) as parent:
        until = time.monotonic() + 60
        while not is_running(read(home("orphan").pid("kube-apiserver"))):
            assert time.monotonic() < until
            time.sleep(0.01)
        parent.kill()
    left = processes("orphan")
    assert is_running(left[0])
    down("orphan")
    assert not any(is_running(process) for process in left)
    assert not home("orphan").folder.exists()
