"""Servers that misbehave: nothing is lost, nothing is applied twice, and the run says what happened."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from skel.replay.driver import Driver
from skel.replay.errors import ReplayError
from skel.replay.journal import HELD_BACK
from skel.replay.result import Ended
from skel.replay.retry import Patience
from skel.replay.run_folder import RunFolder
from skel.replay.schedule import Window
from tests.replay.api_server import MARK, ApiServer, Fault
from tests.replay.replays import deployment, drive, history, lines, plan_of, replay

MANY = history(*((n, [deployment(f"d{n}-{k}") for k in range(4)], []) for n in range(10)))


def is_whole(server: ApiServer, count: int) -> bool:
    return server.twice() == [] and len(server.applied()) == len(set(server.applied())) == count


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 409])
def test_passing_trouble_is_waited_for(server: ApiServer, status: int) -> None:
    server.faults += [Fault("PATCH", "/deployments/", times=3, status=status)]
    result = replay(server, MANY)
    assert (result.exit_code, result.counts.accepted, result.counts.retried) == (0, 40, 3)
    assert is_whole(server, 40)


def test_retry_after_is_honoured(server: ApiServer) -> None:
    server.faults += [Fault("PATCH", "/d0-0", status=429, headers={"Retry-After": "1"})]
    started = time.monotonic()
    result = replay(server, MANY)
    assert result.exit_code == 0
    assert time.monotonic() - started >= 1.0


def test_a_store_that_is_full_ends_the_run_and_blames_no_object(server: ApiServer, tmp_path: Path) -> None:
    said = {"kind": "Status", "message": "etcdserver: mvcc: database space exceeded"}
    server.faults += [Fault("PATCH", "/d5-", times=100_000, status=500, body=said)]
    result = replay(server, MANY, tmp_path / "run")
    assert (result.exit_code, result.ended, result.counts.rejected) == (2, Ended.FAILED, 0)
    assert "can store nothing more" in result.error
    assert "--resume" in result.hint


def test_an_object_that_is_too_large_for_the_store_is_not_sent_again(server: ApiServer) -> None:
    said = {"kind": "Status", "message": "etcdserver: request is too large"}
    server.faults += [Fault("PATCH", "/d0-1", times=9, status=500, body=said)]
    assert replay(server, MANY).counts.rejected == 1
    assert server.faults[0].times == 8


@pytest.mark.parametrize("late", [False, True])
def test_dropped_connections_apply_nothing_twice(server: ApiServer, late: bool) -> None:
    """`late`: the server had carried it out already when the connection broke."""
    server.faults += [Fault("PATCH", "/deployments/", times=7, drop=True, late=late)]
    server.faults += [Fault("POST", "/namespaces", drop=True, late=late)]
    server.faults += [Fault("POST", "/priorityclasses", drop=True, late=late)]
    result = replay(server, MANY)
    assert (result.exit_code, result.counts.accepted) == (0, 40)
    assert is_whole(server, 40)
    assert set(server.objects) == {MARK}


@pytest.mark.parametrize("status", [500, 504])
def test_a_failure_behind_the_write_applies_nothing_twice(server: ApiServer, status: int) -> None:
    server.faults += [Fault("PATCH", "/deployments/", times=5, status=status, late=True)]
    result = replay(server, MANY)
    assert (result.exit_code, result.counts.accepted) == (0, 40)
    assert is_whole(server, 40)


def test_an_answer_that_takes_too_long_is_a_lost_one(server: ApiServer) -> None:
    server.faults += [Fault("PATCH", "/d3-1", delay=3.0)]
    result = replay(server, MANY, patience=Patience(total=20, first=0.01))
    assert (result.exit_code, result.counts.accepted) == (0, 40)


def test_a_lost_delete_is_sent_again(server: ApiServer) -> None:
    server.faults += [Fault("DELETE", "/d0", drop=True, late=True)]
    result = replay(server, history((0, [deployment("d0")], []), (1, [], [deployment("d0")])))
    assert (result.exit_code, result.counts.accepted) == (0, 2)


@pytest.mark.parametrize("status", [422, 403, 400, 413])
def test_a_verdict_is_not_asked_for_twice(server: ApiServer, status: int) -> None:
    said = {"kind": "Status", "reason": "Invalid", "message": "spec.replicas: must be positive"}
    server.faults += [Fault("PATCH", "/d0-1", times=9, status=status, body=said)]
    result = replay(server, MANY)
    assert (result.exit_code, result.counts.rejected, result.counts.accepted) == (1, 1, 39)
    assert (result.rejected[0].status, result.rejected[0].message) == (status, said["message"])
    assert server.faults[0].times == 8


def test_a_failure_that_stays_rejects_one_object_alone(server: ApiServer) -> None:
    server.faults += [Fault("PATCH", "/d0-1", times=99, status=500)]
    result = replay(server, MANY)
    assert (result.exit_code, result.counts.rejected, result.counts.accepted) == (1, 1, 39)
    assert result.ended is Ended.COMPLETE


def test_a_failure_that_the_object_is_to_blame_for_is_not_repeated(server: ApiServer) -> None:
    said = {"kind": "Status", "message": "failed to create typed patch object: .spec.x: field not declared in schema"}
    server.faults += [Fault("PATCH", "/d0-1", times=9, status=500, body=said)]
    assert replay(server, MANY).counts.rejected == 1
    assert server.faults[0].times == 8


def test_a_namespace_that_is_still_going_is_waited_for(server: ApiServer) -> None:
    causes = [{"reason": "NamespaceTerminating", "message": "namespace shop is being terminated"}]
    said = {"kind": "Status", "reason": "Forbidden", "message": "x", "details": {"causes": causes}}
    server.faults += [Fault("PATCH", "/d0-1", times=3, status=403, body=said)]
    assert replay(server, MANY).exit_code == 0


def test_a_server_that_stays_away_ends_the_run(server: ApiServer, tmp_path: Path) -> None:
    server.faults += [Fault("", "/", times=100_000, drop=True)]
    server.faults[0].part = "/apis/"
    result = replay(server, MANY, tmp_path / "run", patience=Patience(total=0.2, first=0.01))
    assert (result.exit_code, result.ended) == (2, Ended.FAILED)
    assert "gave no answer" in result.error
    assert (result.left, result.info["cleaned"]) == ("sim-1", False)


def test_refused_credentials_end_the_run_at_once(server: ApiServer) -> None:
    server.faults += [Fault("PATCH", "/d5-", times=100_000, status=401)]
    result = replay(server, MANY)
    assert result.exit_code == 2
    assert "does not accept the credentials" in result.error


def test_a_run_that_breaks_does_not_wait_for_its_next_event(server: ApiServer) -> None:
    server.faults += [Fault("PATCH", "/d0", times=1, status=401)]
    trace = history((0, [deployment("d0")], []), (3600, [deployment("d1")], []))
    started = time.monotonic()
    assert replay(server, trace, window=Window()).exit_code == 2
    assert time.monotonic() - started < 30


def test_a_defect_in_a_step_is_not_swallowed(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("skel.replay.steps.Steps.do", broken)
    with pytest.raises(ZeroDivisionError):
        replay(server, history((0, [deployment("d0")], [])))
    assert set(server.objects) == {MARK}


def test_an_object_that_no_server_takes_is_not_sent(server: ApiServer) -> None:
    big = deployment("big")
    big["metadata"]["annotations"] = {"note": "x" * (4 << 20)}
    result = replay(server, history((0, [big, deployment("small")], [])))
    assert (result.counts.accepted, result.rejected[0].reason) == (1, "RequestEntityTooLarge")
    assert "3,145,728" in result.rejected[0].message


def test_an_interrupt_cleans_up(server: ApiServer, tmp_path: Path) -> None:
    server.faults += [Fault("PATCH", "/d5-", times=99, delay=30.0)]
    result = asyncio.run(drive(server, plan_of(MANY), tmp_path / "run", meanwhile=interrupted_at(server, "/d5-")))
    assert (result.exit_code, result.ended, result.left) == (130, Ended.INTERRUPTED, "")
    assert set(server.objects) == {MARK}
    assert result.info["ended"] == "interrupted"


def test_an_interrupt_with_keep_can_be_taken_up_again(server: ApiServer, tmp_path: Path) -> None:
    server.faults += [Fault("PATCH", "/d5-", times=1, delay=30.0)]
    plan = plan_of(MANY, keep=True)
    first = asyncio.run(drive(server, plan, tmp_path / "run", meanwhile=interrupted_at(server, "/d5-")))
    assert first.left == "sim-1"
    done = len(lines(tmp_path / "run"))
    assert 0 < done < 40
    second = asyncio.run(drive(server, plan_of(MANY), tmp_path / "run", resume=True))
    assert (second.exit_code, second.counts.accepted, second.counts.skipped) == (0, 40, done)
    assert is_whole(server, 40)
    assert sorted(line["step"] for line in lines(tmp_path / "run")) == list(range(40))


def interrupted_at(server: ApiServer, part: str) -> Any:
    async def interrupt(driver: Driver) -> None:
        while not any(part in path for path in server.seen):
            await asyncio.sleep(0.01)
        main = next(task for task in asyncio.all_tasks() if "drive" in repr(task.get_coro()))
        main.cancel()

    return interrupt


def test_only_a_run_that_broke_off_can_be_taken_up(server: ApiServer, tmp_path: Path) -> None:
    replay(server, MANY, tmp_path / "run")
    with pytest.raises(ReplayError, match="is complete"):
        asyncio.run(drive(server, plan_of(MANY), tmp_path / "run", resume=True))
    other = history((0, [deployment("x")], []))
    with pytest.raises(ReplayError, match="the run of another trace"):
        asyncio.run(drive(server, plan_of(other), tmp_path / "run", resume=True))
    with pytest.raises(ReplayError, match="holds no run"):
        asyncio.run(drive(server, plan_of(other), tmp_path / "none", resume=True))


CRASH = """
import asyncio, os, sys
from pathlib import Path
from skel.replay.steps import Steps
from tests.replay.replays import drive, plan_of
from tests.replay.api_server import ApiServer
from tests.replay.test_faults import MANY

server = ApiServer()
server.url = sys.argv[1]
count = 0
do = Steps.do

async def crashing(self, step, **settings):
    global count
    outcome = await do(self, step, **settings)
    count += 1
    if count == int(sys.argv[3]):
        os._exit(9)
    return outcome

Steps.do = crashing
asyncio.run(drive(server, plan_of(MANY), Path(sys.argv[2])))
"""


@pytest.mark.parametrize("after", [1, 7, 22, 40])
def test_a_crash_loses_nothing_and_applies_nothing_twice(server: ApiServer, tmp_path: Path, after: int) -> None:
    script = tmp_path / "crash.py"
    script.write_text(CRASH, "utf-8")
    root = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, str(script), server.url, str(tmp_path / "run"), str(after)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": root}, capture_output=True, timeout=60)
    assert done.returncode == 9, done.stderr.decode()
    assert len(server.applied()) >= after
    info = msgspec.json.decode((tmp_path / "run" / "run.json").read_bytes())
    assert info["ended"] == "running"
    result = asyncio.run(drive(server, plan_of(MANY), tmp_path / "run", resume=True))
    assert (result.exit_code, result.counts.accepted) == (0, 40)
    assert is_whole(server, 40)
    assert sorted(line["step"] for line in lines(tmp_path / "run")) == list(range(40))
    assert set(server.objects) == {MARK}


def forgotten(folder: Path) -> None:
    """As if the run had crashed before the lines of its journal were with the system."""
    summary = folder / "run.json"
    info = msgspec.json.decode(summary.read_bytes())
    summary.write_bytes(msgspec.json.encode({**info, "ended": "running", "cleaned": False}))
    (folder / "requests.jsonl").write_bytes(b"")


def test_what_a_later_step_has_changed_is_not_put_back(server: ApiServer, tmp_path: Path) -> None:
    trace = history(*((10 * count, [deployment("web", replicas=count)], []) for count in (1, 2, 3)))
    replay(server, trace, tmp_path / "run", keep=True)
    forgotten(tmp_path / "run")
    result = asyncio.run(drive(server, plan_of(trace), tmp_path / "run", resume=True))
    assert (result.exit_code, result.counts.accepted) == (0, 3)
    assert len(server.applied()) == 3


def test_what_was_rejected_does_not_hide_what_was_done_behind_it(server: ApiServer, tmp_path: Path) -> None:
    rejected = HELD_BACK - 4
    trace = history((0, [deployment(f"bad-{n}") for n in range(rejected)], []), (10, [deployment("good")], []))
    server.faults += [Fault("PATCH", "/bad-", times=2 * rejected, status=422)]
    replay(server, trace, tmp_path / "run", keep=True)
    forgotten(tmp_path / "run")
    result = asyncio.run(drive(server, plan_of(trace), tmp_path / "run", resume=True))
    assert (result.counts.accepted, result.counts.rejected) == (1, rejected)
    assert len(server.applied()) == 1


def test_a_torn_line_is_cut_off(server: ApiServer, tmp_path: Path) -> None:
    server.faults += [Fault("PATCH", "/d5-", times=1, delay=30.0)]
    asyncio.run(drive(server, plan_of(MANY, keep=True), tmp_path / "run", meanwhile=interrupted_at(server, "/d5-")))
    with (tmp_path / "run" / "requests.jsonl").open("ab") as file:
        file.write(b'{"t": 3.0, "wa')
    result = asyncio.run(drive(server, plan_of(MANY), tmp_path / "run", resume=True))
    assert (result.exit_code, result.counts.accepted) == (0, 40)
    assert is_whole(server, 40)
    assert sorted(line["step"] for line in lines(tmp_path / "run")) == list(range(40))


def test_a_full_disk_ends_the_run_and_says_so(
    server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write

    def full(file: int, data: bytes) -> int:
        if b'"step":' in data:
            raise OSError(28, "No space left on device")
        return real(file, data)

    monkeypatch.setattr("skel.replay.journal.os.write", full)
    result = replay(
        server, history(*((n, [deployment(f"d{n}-{k}") for k in range(20)], []) for n in range(10))), tmp_path / "run"
    )
    assert result.exit_code == 2
    assert "no space left on device" in result.error
    assert set(server.objects) == {MARK}


def test_a_summary_that_cannot_be_written_is_told_and_the_result_is_there(
    server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: RunFolder, info: Any) -> None:
        if info["ended"] != "running":
            raise ReplayError(f"{folder.info} can't be written: no space left on device")

    monkeypatch.setattr(RunFolder, "write", full)
    result = replay(server, MANY, tmp_path / "run")
    assert (result.exit_code, result.ended, result.counts.accepted) == (2, Ended.FAILED, 40)
    assert "run.json can't be written: no space left" in result.error
    assert set(server.objects) == {MARK}


def test_sigint_in_a_process_cleans_up(server: ApiServer, tmp_path: Path) -> None:
    server.faults += [Fault("PATCH", "/d5-", times=99, delay=60.0)]
    MANY.save(str(tmp_path / "t.sktrace"))
    config = {
        "clusters": [{"name": "c", "cluster": {"server": server.url}}],
        "contexts": [{"name": "kind-kwok", "context": {"cluster": "c", "user": ""}}],
        "current-context": "kind-kwok",
    }
    (tmp_path / "kubeconfig").write_bytes(msgspec.json.encode(config))
    root = str(Path(__file__).resolve().parents[2])
    process = subprocess.Popen(
        [sys.executable, "-m", "skel", "replay", "t.sktrace", "--kubeconfig", "kubeconfig", "--speed", "max"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": root},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not any("/d5-" in path for path in server.seen) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "interrupted: t.sktrace on context:kind-kwok" in out
    assert f"cluster {server.url}, context kind-kwok, Kubernetes 1.25" in err
    assert "Traceback" not in err
    assert set(server.objects) == {MARK}
    (folder,) = (tmp_path / "skel-runs").iterdir()
    assert msgspec.json.decode((folder / "run.json").read_bytes())["ended"] == "interrupted"
