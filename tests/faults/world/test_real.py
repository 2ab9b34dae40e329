"""Worlds of real binaries: unmodified controllers, real etcd, and time that is ours."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from skel.cluster.process import is_running, read
from skel.faults.actions import (
    Action,
    Advance,
    Delay,
    Disconnect,
    Expire,
    Fail,
    Hold,
    Kill,
    Lose,
    Pause,
    Rate,
    Release,
    Restart,
    Resume,
    Scale,
    Settle,
    SlowBody,
    Touch,
)
from skel.faults.catalogue import find
from skel.faults.clock.virtual import VirtualClock
from skel.faults.errors import FaultError
from skel.faults.history import identical
from skel.faults.model import CONTROLLER_MANAGER, Event, Report, Scenario, Setup, Step, Verdict, Watch, Writes
from skel.faults.session import Column, Means, Session, run_columns, session
from skel.faults.world import Order, started
from skel.faults.world_component import Component
from tests.cluster.programs import REAL, need

pytestmark = [*REAL, pytest.mark.usefixtures("worlds")]
GATE = "StaleControllerConsistencyReplicaSet"
OWNED, CONVERGES = "owned-pods<=replicas+surge", "converges<60s"


@pytest.fixture(autouse=True)
def programs(plain_terminal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    need(monkeypatch, "1.24")


def replica_set(replicas: int = 3) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "rs"}}, "spec": {"containers": [{"name": "main", "image": "pause"}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "rs"}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "rs"}, "spec": spec}


def scenario(*steps: Action | Step, name: str = "test", **settings: Any) -> Scenario:
    whole = tuple(it if isinstance(it, Step) else Step(it) for it in steps)
    return Scenario(name, whole, Setup((replica_set(),)), oracles=(OWNED, CONVERGES), **settings)


def run(*scenarios: Scenario, release: str = "1.24", means: Means | None = None) -> list[Report]:
    """Each once, in one world if they can."""

    async def all_of_them() -> list[Report]:
        async with session(means) as opened:
            return [await opened.run(it, Column(release)) for it in scenarios]

    return asyncio.run(all_of_them())


def lines(report: Report, step: int) -> tuple[str, ...]:
    return next(moment.lines for moment in report.moments if moment.step == step)


def test_a_slow_watch_makes_too_many_pods_each_time_alike(worlds: Path) -> None:
    reports = asyncio.run(run_columns(find("k8s-129795").scenario, [Column("1.24")], runs=3))
    assert identical(reports).is_all
    for report in reports:
        assert report.verdict is Verdict.VIOLATED
        assert [it.oracle for it in report.violations] == [OWNED]
        assert lines(report, 1)[0] == "Pod ReplicaSet/rs: created #1-#5, 5 left"
        assert lines(report, 2) == ()
        assert [lines(report, step) for step in (3, 5, 7)] == [
            ("Pod ReplicaSet/rs: created #6-#10, 10 left",),
            ("Pod ReplicaSet/rs: created #11-#15, 15 left",),
            ("Pod ReplicaSet/rs: created #16-#20, 20 left",),
        ]
        assert lines(report, 8) == ("Pod ReplicaSet/rs: taken away 15, 5 left",)
        assert report.traffic.writes["POST pods"] == 20
    assert list(worlds.iterdir()) == [], "nothing of it stays"


def test_the_release_that_repairs_it_does_not_and_without_its_gate_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    need(monkeypatch, "1.36")
    old = run(find("k8s-129795").scenario)
    columns = [Column("1.36", {GATE: True}), Column("1.36", {GATE: False})]
    on, off = asyncio.run(run_columns(find("k8s-129795").scenario, columns))
    assert (on.verdict, off.verdict) == (Verdict.PASSED, Verdict.VIOLATED)
    assert off.sha256 == old[0].sha256, "the same history as before the repair"


def test_the_form_of_frames_changes_nothing() -> None:
    """The controllers speak protobuf if nobody asks for something else."""
    known = find("k8s-129795").scenario
    plain = replace(known, flags=("--kube-api-content-type=application/json",))
    one, other = run(known, plain)
    assert one.sha256 == other.sha256


def test_faults_that_a_controller_has_to_bear() -> None:
    """None of them breaks anything, and in the end all pods are there."""
    hold = Step(Hold("pods"), Watch("pods", Event.ADDED, nth=2))
    cases = [
        scenario(Disconnect("*"), Scale("ReplicaSet", "rs", 5), name="disconnect"),
        scenario(Expire("pods"), Disconnect("pods"), Scale("ReplicaSet", "rs", 2), name="expire"),
        scenario(Fail("pods", times=2, status=429, retry_after=1), Scale("ReplicaSet", "rs", 6), name="throttle"),
        scenario(Fail("pods", times=3, status=500), Scale("ReplicaSet", "rs", 6), name="errors"),
        scenario(Delay("pods", 2), Scale("ReplicaSet", "rs", 6), Release("pods"), name="lag"),
        scenario(hold, Scale("ReplicaSet", "rs", 1), Release("pods"), name="hold in the middle"),
        scenario(SlowBody("pods"), Restart(), Settle(), Scale("ReplicaSet", "rs", 4), name="slow list"),
        scenario(Advance(86_400), Touch("ReplicaSet"), name="a day"),
        scenario(Rate(100), Scale("ReplicaSet", "rs", 4), name="fast"),
    ]
    for case, report in zip(cases, run(*cases), strict=True):
        assert report.verdict is Verdict.PASSED, (case.name, report.violations, report.log)
        wanted = next((it.replicas for step in case.steps if isinstance(it := step.do, Scale)), 3)
        made = [it for it in report.revisions if it.resource == "pods" and it.event is Event.ADDED]
        gone = [it for it in report.revisions if it.resource == "pods" and it.event is Event.DELETED]
        assert len(made) - len(gone) == wanted, case.name


def test_a_process_is_stopped_killed_and_started_at_logical_points() -> None:
    second = Step(Kill(), Writes("pods", nth=2))
    paused, killed, restarted = run(
        scenario(Pause(), Scale("ReplicaSet", "rs", 5), Resume(), name="pause"),
        scenario(second, Restart(), name="kill"),
        scenario(Step(Restart(), Watch("pods", Event.ADDED)), name="restart"),
    )
    assert lines(paused, 2) == ("ReplicaSet/rs: scaled to 5",)
    assert lines(paused, 3) == ("Pod ReplicaSet/rs: created #4-#5, 5 left",)
    for report in (paused, killed, restarted):
        assert report.verdict is Verdict.PASSED, (report.scenario.name, report.violations, report.log)
    # It came not farther than the batch in which the second one was: one pod, then two.
    made = [it for it in killed.revisions if it.event is Event.ADDED and it.resource == "pods" and it.step < 2]
    assert 2 <= len(made) <= 3


def test_a_step_whose_moment_never_comes_is_no_pass() -> None:
    late, before = run(
        scenario(Settle(), Step(Hold("pods"), Writes("pods", nth=99)), name="late"),
        scenario(Step(Lose("pods"), Writes("pods", nth=2, before=True)), name="before"),
    )
    assert (late.verdict, late.never_triggered) == (Verdict.NEVER_TRIGGERED, 2)
    assert before.verdict is not Verdict.NEVER_TRIGGERED


def test_a_component_that_dies_is_a_finding_with_its_log() -> None:
    at_start, fine = run(scenario(flags=("--feature-gates=NoSuchGate=true",)), scenario(name="after"))
    assert at_start.verdict is Verdict.DIED
    assert "NoSuchGate" in at_start.log
    assert fine.verdict is Verdict.PASSED, "the next one gets another world"


@asynccontextmanager
async def world_with(opened: Session) -> AsyncIterator[Any]:
    await opened.run(scenario(), Column("1.24"))
    yield opened._world


def test_a_component_that_is_killed_from_outside_is_a_finding_and_the_next_run_goes_on() -> None:
    async def play() -> tuple[Report, Report]:
        async with session() as opened, world_with(opened) as world:
            process = world.target._process
            trouble = asyncio.get_running_loop().call_later(0.4, process.kill)
            died = await opened.run(scenario(*(Advance(400), Touch("ReplicaSet")) * 20), Column("1.24"))
            trouble.cancel()
            return died, await opened.run(scenario(), Column("1.24"))

    died, after = asyncio.run(play())
    assert died.verdict is Verdict.DIED
    assert died.log
    assert after.verdict is Verdict.PASSED


def test_two_controller_managers_on_one_cluster_are_refused() -> None:
    async def play() -> None:
        async with started(Order("1.24")) as world:
            one = world.target
            other = Component(one._program, one._place, one.proxy, VirtualClock())
            with pytest.raises(FaultError, match=f"a {CONTROLLER_MANAGER} runs on the cluster .* already"):
                other.start()

    asyncio.run(play())


def test_where_no_clock_can_be_moved_there_is_real_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skel.faults.clock.support.obstacle", lambda: "ptrace is forbidden")
    began = time.monotonic()
    [report] = run(scenario(Hold("pods"), Advance(2), Touch("ReplicaSet"), Release("pods")))
    assert (report.verdict, report.clock) == (Verdict.PASSED, "real")
    assert time.monotonic() - began > 2


def test_a_recorded_history_with_scheduler_and_nodes_in_the_loop() -> None:
    steps = (
        Step(Hold("pods"), Watch("replicasets", Event.ADDED)),
        Step(Advance(301)),
        Step(Touch("ReplicaSet")),
        Step(Release("pods")),
    )
    trace = str(Path(__file__).parents[3] / "examples" / "traces" / "shop.sktrace")
    case = Scenario("shop", steps, Setup(trace=trace, events=6, nodes=3), oracles=(OWNED, CONVERGES))
    one, other = run(case, case)
    assert one.verdict is Verdict.VIOLATED
    assert one.sha256 == other.sha256
    assert any(it.resource == "pods" and it.object["status"].get("phase") == "Running" for it in one.revisions)


# --- the command line, and what is left when it ends


def skel(*arguments: str, **settings: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "skel", "fault", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **settings)


def said(arguments: Sequence[str]) -> tuple[int, str, str]:
    with skel(*arguments) as process:
        out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def test_reproduce_says_what_it_saw_and_ends_with_one() -> None:
    code, out, err = said(["reproduce", "k8s-129795", "--kubernetes", "1.24.17", "--runs", "2", "-o", "json"])
    assert (code, err) == (1, "")
    found = msgspec.json.decode(out)
    assert (found["verdict"], found["runs"], found["identical"]) == ("violated", 2, 2)
    assert found["pods"][:4] == [5, 10, 15, 20] or 20 in found["pods"]
    assert len(found["history_sha256"]) == 64
    assert found["history"][0]["lines"]


def test_a_scenario_that_never_comes_to_its_point_ends_with_two(tmp_path: Path) -> None:
    code, _, _ = said(["new", str(tmp_path / "s.yaml")])
    assert code == 0
    text = (tmp_path / "s.yaml").read_text()
    steps = "steps:\n- when: {writes: pods, nth: 99}\n  do: {hold: pods}\n"
    (tmp_path / "s.yaml").write_text(text[: text.index("steps:")] + steps)
    code, out, _ = said(["run", "-f", str(tmp_path / "s.yaml"), "--kubernetes", "1.24"])
    assert code == 2
    assert "never" in out


def until_target(worlds: Path) -> Path:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        for file in worlds.glob("faults-*/pids/kube-controller-manager"):
            if is_running(read(file)):
                return file
        time.sleep(0.05)
    raise AssertionError("it never began")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing(worlds: Path, number: signal.Signals) -> None:
    with skel("reproduce", "k8s-129795", "--kubernetes", "1.24", "--runs", "500") as process:
        file = until_target(worlds)
        target = read(file)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode in {130, 143}
    assert "nothing is half written" in err
    assert not is_running(target)
    assert list(worlds.iterdir()) == []


def test_a_killed_run_takes_its_components_along_and_the_next_one_cleans_up(worlds: Path) -> None:
    with skel("reproduce", "k8s-129795", "--kubernetes", "1.24", "--runs", "500") as process:
        target = read(until_target(worlds))
        process.kill()
        process.wait()
    time.sleep(0.5)
    assert not is_running(target)
    [left] = worlds.iterdir()
    etcd = read(left / "pids" / "etcd")
    assert is_running(etcd)
    code, _, _ = said(["reproduce", "k8s-129795", "--kubernetes", "1.24"])
    assert code == 1
    assert not is_running(etcd)
    assert list(worlds.iterdir()) == []


def test_no_process_of_the_suite_is_left() -> None:
    mine = f"PPid:\t{os.getpid()}\n"
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        assert not (mine in text and "kube-" in text), text
