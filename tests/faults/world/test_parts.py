from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from skel.cluster.process import record
from skel.cluster.state import home
from skel.faults.actions import Settle
from skel.faults.errors import FaultError
from skel.faults.model import CONTROLLER_MANAGER, Event, Step, Trigger, Watch, Writes
from skel.faults.process_idle import is_still
from skel.faults.proxy import traffic
from skel.faults.proxy.frames import BOOKMARK, Frame
from skel.faults.proxy.route import parse_route
from skel.faults.run_triggers import Tallies
from skel.faults.session import Means, columns_of, session
from skel.faults.world import Order, started
from skel.faults.world_programs import executable, flags_for
from skel.faults.world_selectors import is_shown
from skel.faults.world_sweep import claim, sweep
from skel.faults.world_truth import Change, resource_of

linux_only = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="this system has no /proc")


# --- whether a process has something left to do


def until(said: bool, pid: int) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if is_still(pid) is said:
            return True
        time.sleep(0.005)
    return False


@linux_only
def test_a_process_that_waits_is_still_and_one_that_counts_is_not() -> None:
    script = "import sys\nsys.stdin.readline()\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE) as process:
        try:
            assert until(True, process.pid)
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            process.stdin.flush()
            assert until(False, process.pid)
            time.sleep(0.1)
            assert [is_still(process.pid) for _ in range(20)] == [False] * 20
        finally:
            process.kill()


@linux_only
def test_threads_that_wake_each_other_are_never_still() -> None:
    """At any moment one of two sleeps, and a glance at each may find both asleep."""
    script = """
import threading
ping, pong = threading.Semaphore(0), threading.Semaphore(0)
def play(mine, other):
    while True:
        mine.acquire()
        other.release()
threading.Thread(target=play, args=(ping, pong)).start()
threading.Thread(target=play, args=(pong, ping)).start()
ping.release()
"""
    with subprocess.Popen([sys.executable, "-c", script]) as process:
        try:
            time.sleep(0.5)
            assert not any(is_still(process.pid) for _ in range(200))
        finally:
            process.kill()


def test_a_process_that_is_over_can_not_be_told() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert is_still(process.pid) is None


# --- what is stored where, and which watches show it


@pytest.mark.parametrize(
    ("key", "resource"),
    [
        ("/registry/pods/shop/web", "pods"),
        ("/registry/minions/node-1", "nodes"),
        ("/registry/services/specs/shop/web", "services"),
        ("/registry/services/endpoints/shop/web", "endpoints"),
        ("/registry/controllers/shop/rc", "replicationcontrollers"),
        ("/registry/example.com/widgets/shop/w", "widgets"),
        ("/registry/apiregistration.k8s.io/apiservices/v1.apps", "apiservices"),
        ("/skel", ""),
        ("/registry/health", ""),
    ],
)
def test_a_key_tells_its_resource(key: str, resource: str) -> None:
    assert resource_of(key) == resource


def pod(node: str = "", phase: str = "Pending", namespace: str = "shop") -> dict[str, Any]:
    return {"metadata": {"name": "web", "namespace": namespace}, "spec": {"nodeName": node}, "status": {"phase": phase}}


@pytest.mark.parametrize(
    ("query", "after", "before", "shown"),
    [
        ("", pod(), None, True),
        ("&fieldSelector=spec.nodeName%21%3D", pod(), None, False),
        ("&fieldSelector=spec.nodeName%21%3D", pod("node-1"), pod(), True),
        ("&fieldSelector=spec.nodeName%3Dnode-1", pod("node-1"), None, True),
        ("&fieldSelector=spec.nodeName%3D%3Dnode-2", pod("node-1"), None, False),
        # It leaves what is selected, so the watch shows that it is gone.
        ("&fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed", pod("", "Failed"), pod(), True),
        ("&fieldSelector=status.phase%21%3DSucceeded", pod("", "Succeeded"), pod("", "Succeeded"), False),
    ],
)
def test_a_field_selector_decides_what_a_watch_has_to_show(query: str, after: Any, before: Any, shown: bool) -> None:
    route = parse_route("GET", f"/api/v1/pods?watch=1{query}")
    assert is_shown(route, Change(5, Event.MODIFIED, "pods", after, before)) is shown


def test_a_watch_of_a_namespace_or_a_name_shows_only_that() -> None:
    change = Change(5, Event.ADDED, "pods", pod(namespace="shop"), None)
    assert is_shown(parse_route("GET", "/api/v1/namespaces/shop/pods?watch=1"), change)
    assert not is_shown(parse_route("GET", "/api/v1/namespaces/other/pods?watch=1"), change)
    named = parse_route("GET", "/api/v1/namespaces/shop/pods?watch=1&fieldSelector=metadata.name%3Dapi")
    assert not is_shown(named, change)


# --- triggers


def tallies(*triggers: Trigger | None) -> Tallies:
    return Tallies([Step(Settle(), when) for when in triggers], lambda namespace: namespace == "trial")


def watch(resource: str) -> traffic.Watch:
    return traffic.Watch(parse_route("GET", f"/api/v1/{resource}?watch=1"), "informers")


def call(method: str, path: str, agent: str = "x/replicaset-controller") -> traffic.Call:
    return traffic.Call(parse_route(method, path), agent)


def test_a_change_that_comes_on_two_watches_counts_once() -> None:
    found = tallies(Watch("pods", Event.ADDED, nth=2))
    first = Frame(b"", "ADDED", "a", "trial", 7)
    assert found.came(watch("pods"), first)
    assert not found.came(watch("pods"), first)
    assert not found.is_due(0)
    assert found.came(watch("pods"), Frame(b"", "ADDED", "b", "trial", 8))
    assert found.is_due(0)


def test_only_changes_of_the_trial_and_of_the_form_count() -> None:
    found = tallies(Watch("pods", Event.DELETED, name="a"))
    for frame in (
        Frame(b"", "DELETED", "a", "other", 1),
        Frame(b"", "ADDED", "a", "trial", 2),
        Frame(b"", "DELETED", "b", "trial", 3),
        Frame(b"", BOOKMARK, "", "", 4),
    ):
        found.came(watch("pods"), frame)
    assert not found.is_due(0)
    found.came(watch("pods"), Frame(b"", "DELETED", "a", "trial", 5))
    assert found.is_due(0)


def test_a_write_is_due_when_it_is_answered_or_before_it_is_done() -> None:
    found = tallies(Writes("pods", nth=2), Writes("pods", nth=2, before=True), None)
    first, second = (call("POST", "/api/v1/namespaces/trial/pods") for _ in range(2))
    found.asked(first)
    found.asked(second)
    assert [found.is_due(number) for number in range(4)] == [False, True, False, False]
    found.answered(first)
    assert not found.is_due(0), "the first answer is not the second"
    found.answered(second)
    assert found.is_due(0)


def test_a_write_is_told_by_its_agent_and_its_subresource() -> None:
    found = tallies(Writes("replicasets/status", "PUT", agent="replicaset-controller"))
    plain = call("PUT", "/apis/apps/v1/namespaces/trial/replicasets/rs")
    others = call("PUT", "/apis/apps/v1/namespaces/trial/replicasets/rs/status", "x/deployment-controller")
    meant = call("PUT", "/apis/apps/v1/namespaces/trial/replicasets/rs/status")
    for it, is_due in ((plain, False), (others, False), (meant, True)):
        found.asked(it)
        found.answered(it)
        assert found.is_due(0) is is_due


# --- worlds that can't be, and what they leave


def test_a_component_can_not_run_twice_on_one_cluster() -> None:
    async def begin() -> None:
        async with started(Order("1.25", beside=(CONTROLLER_MANAGER,))):
            pytest.fail("it began")

    with pytest.raises(FaultError, match="would run twice on one cluster"):
        asyncio.run(begin())


def test_a_component_that_nobody_knows_is_refused_before_anything_starts() -> None:
    async def begin() -> None:
        async with started(Order("1.25", target="kubelet")):
            pytest.fail("it began")

    with pytest.raises(FaultError, match="there is no component `kubelet`"):
        asyncio.run(begin())


def test_flags_and_gates_go_to_the_target() -> None:
    flags = flags_for(CONTROLLER_MANAGER, {"B": False, "A": True}, ("--controllers=*,-job", "--v=4"))
    manager = flags[CONTROLLER_MANAGER]
    assert manager["--feature-gates"] == "A=true,B=false"
    assert manager["--controllers"] == "*,-job"
    assert manager["--concurrent-replicaset-syncs"] == "1"
    assert flags["kube-apiserver"] == {"--storage-media-type": "application/json"}
    with pytest.raises(FaultError, match="no flag"):
        flags_for(CONTROLLER_MANAGER, {}, ("v=4",))


def test_a_controller_is_found_as_a_shell_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "mine"
    program.write_text("#!/bin/sh\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert executable("mine") == str(program)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    assert executable("./mine") == str(program)


def test_a_controller_that_is_no_program_is_refused_before_anything_starts() -> None:
    async def begin() -> None:
        async with session(Means(own=("./no-such-controller",))):
            pytest.fail("it has begun")

    with pytest.raises(FaultError, match=r"no program \./no-such-controller"):
        asyncio.run(begin())


def test_gates_make_columns() -> None:
    found = columns_of(["1.24.17", "1.36.3"], {"A": (True, False)})
    assert [(it.kubernetes, dict(it.gates)) for it in found] == [
        ("1.24.17", {"A": True}),
        ("1.24.17", {"A": False}),
        ("1.36.3", {"A": True}),
        ("1.36.3", {"A": False}),
    ]


@linux_only
def test_what_a_killed_run_left_is_swept_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skel.cluster.state.clusters_folder", lambda: tmp_path)
    ours = claim()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as owner:
        left = home("faults-000001")
        left.make()
        record(owner.pid, left.folder / "owner")
        child = subprocess.Popen(["/bin/sleep", "600"])
        record(child.pid, left.pid("kube-controller-manager"))
        by_hand = home("faults-by-hand")
        by_hand.make()
        other = home("shop")
        other.make()
        record(owner.pid, other.folder / "owner")
        assert sweep() == (), "its owner lives"
        os.kill(owner.pid, signal.SIGKILL)
    assert sweep() == ("faults-000001",)
    assert child.wait(10) == -signal.SIGTERM
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([ours, "faults-by-hand", "shop"])
