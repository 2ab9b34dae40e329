"""Workers of a dry round: the run is the same with and without them, and they end with it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, BinaryIO
from urllib.parse import unquote

import pytest
from hypothesis import given, settings

from skel.patch.values import Json, copy_json
from skel.processes import split
from skel.replay import driver, player, shards
from skel.replay.driver import Driver
from skel.replay.dry.state import CONSULTED, Home, State
from skel.replay.dry.target import DryTarget
from skel.replay.errors import ReplayError
from skel.replay.plan import Progress, Voice
from skel.replay.result import Ended, RunResult
from skel.replay.run_folder import RunFolder
from skel.replay.schedule import Window
from skel.trace.model import Trace
from tests.dry.mutate import places, put
from tests.replay.replays import history, lines, plan_of, simple
from tests.replay.test_direct import DEFINITION, EVENTS, HOOK, ODD, ROOMS, SCALED, VALID, Happened, states, traced

DEADLINE = 20.0
MAPS = [simple("ConfigMap", f"c-{number}") for number in range(1000)]
NOT_SERVED = simple("CronJob", "old", "batch/v1beta1")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The threads of a test runner hold nothing that a worker needs; the rules say nothing of who plays what."""
    monkeypatch.setattr(shards, "can_split", lambda: True)
    monkeypatch.setattr("skel.replay.repair.Repairs._check", lambda self, release: {})


@pytest.fixture
def splits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many workers there were each time; rounds are split behind their first step."""
    found: list[int] = []
    divide = shards.Shards.split

    def counted(self: shards.Shards, *given: Any) -> None:
        divide(self, *given)
        found.append(len(self._workers))

    monkeypatch.setattr(shards.Shards, "split", counted)
    monkeypatch.setattr(player, "_BREATH", 1)
    return found


def with_workers(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    class Made(shards.Shards):
        def __init__(self, *given: Any, workers: int | None) -> None:
            super().__init__(*given, pays=0.0, workers=count if workers is None else workers)

    monkeypatch.setattr(driver, "Shards", Made)


def driver_of(trace: Trace, folder: Path, minor: str = "1.25", voice: Voice | None = None, **more: Any) -> Driver:
    return Driver(plan_of(trace, **more), DryTarget(minor), folder=RunFolder(folder), voice=voice)


def written(folder: Path, result: RunResult) -> Json:
    """All that a run leaves, but for times of day."""
    told = {key: value for key, value in result.info.items() if key not in {"started", "finished", "seconds"}}
    return [{**line, "wall": 0} for line in lines(folder)], told


def played(folder: Path, trace: Trace, minor: str = "1.25", **more: Any) -> Json:
    return written(folder, asyncio.run(driver_of(trace, folder, minor, **more).run()))


@pytest.fixture
def same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, splits: list[int]) -> Callable[..., Json]:
    """Plays a trace with so many workers and without, and gives what both have written."""
    numbers = iter(range(10**6))

    def check(trace: Trace, minor: str = "1.25", *, workers: int = 2, **more: Any) -> Json:
        with_workers(monkeypatch, 0)
        alone = played(tmp_path / str(next(numbers)), trace, minor, **more)
        splits.clear()
        with_workers(monkeypatch, workers)
        assert played(tmp_path / str(next(numbers)), trace, minor, **more) == alone
        assert splits == [workers] or not alone[0]
        return alone

    return check


@pytest.mark.parametrize(("minor", "workers"), [("1.24", 2), ("1.25", 3), ("1.36", 2)])
def test_runs_are_the_same(same: Callable[..., Json], minor: str, workers: int) -> None:
    @given(events=EVENTS)
    @settings(max_examples=25, deadline=None)
    def check(events: list[Happened]) -> None:
        same(traced(events), minor, workers=workers)

    check()


@pytest.mark.parametrize("minor", ["1.25", "1.36"])
def test_runs_of_what_changes_are_the_same(same: Callable[..., Json], minor: str) -> None:
    @given(events=states())
    @settings(max_examples=25, deadline=None)
    def check(events: list[Happened]) -> None:
        same(traced(events), minor)

    check()


def eventful(random: Random) -> Iterator[Happened]:
    """Objects good and bad that come, change and go, among all that they may depend on: namespaces, accounts, quotas,
    definitions and webhooks that come and go as well.
    """
    quota = {**simple("ResourceQuota", "few"), "spec": {"hard": {"pods": "1", "count/deployments.apps": "1"}}}
    limits = {**simple("LimitRange", "small"), "spec": {"limits": [{"type": "Pod", "max": {"cpu": "1"}}]}}
    pod = {
        **simple("Pod", "p"),
        "spec": {"serviceAccountName": "robot", "containers": [{"name": "c", "image": "busybox"}]},
    }
    important = {**copy_json(pod), "metadata": {"name": "q", "namespace": "shop"}}
    important["spec"] |= {"priorityClassName": "high", "serviceAccountName": "default"}
    high = {**simple("PriorityClass", "high", "scheduling.k8s.io/v1", None), "value": 7}
    around = [*ROOMS, DEFINITION, HOOK, quota, limits, simple("ServiceAccount", "robot"), high]
    pool = [*VALID, *ODD, pod, important, *[{**SCALED, "metadata": {"name": f"w-{n}"}} for n in range(3)]]
    for number in range(400):
        made = copy_json(random.choice(around if random.random() < 0.15 else pool))
        meta = made.get("metadata")
        if isinstance(meta, dict):
            meta["labels"] = {"n": str(number)}
            if meta.get("namespace") and random.random() < 0.3:
                meta["namespace"] = "team"
        if random.random() < 0.15:
            put(made, random.choice([place for place, _ in places(made)]), random.choice([None, -1, {}, "x y"]))
        gone = [copy_json(random.choice(pool if random.random() < 0.6 else around))] if random.random() < 0.2 else []
        yield [made], gone, random.random() < 0.3


@pytest.mark.parametrize(("minor", "workers"), [("1.24", 2), ("1.25", 8), ("1.36", 3)])
def test_a_long_run_is_the_same(same: Callable[..., Json], minor: str, workers: int) -> None:
    journal, _ = same(traced([([*ROOMS], [], False), *eventful(Random(minor))]), minor, workers=workers)
    assert len(journal) > 400
    assert {line["verdict"] for line in journal} == {"accepted", "rejected", "unknown"}
    said = " ".join(line["message"] for line in journal)
    for words in ("service account", "resource quota", "webhook", "no definition", "PriorityClass"):
        assert words in said, words


def test_the_rounds_before_the_last_one_are_played_by_the_model(same: Callable[..., Json]) -> None:
    """The last one finds what they have made."""
    journal, _ = same(history((0, [*VALID, *MAPS[:50]], [])), repeat=2)
    assert {line["status"] for line in journal if line["round"] == 1} >= {200}


def test_a_rejection_ends_a_run_that_is_to_fail_fast(same: Callable[..., Json]) -> None:
    journal, told = same(history((0, [*MAPS[:300]], []), (1, [NOT_SERVED], []), (2, MAPS[300:], [])), fail_fast=True)
    assert (len(journal), told["ended"], told["counts"]["rejected"]) == (301, "failed", 1)


def test_a_window_is_kept(same: Callable[..., Json]) -> None:
    events = [(at, MAPS[at * 10 : at * 10 + 10], MAPS[at * 5 : at * 5 + 2]) for at in range(20)]
    journal, _ = same(history(*events), window=Window(start=5.0, duration=9.0, speed=None))
    assert {line["t"] for line in journal} == {float(at) for at in range(5, 14)}


@pytest.mark.parametrize("repeat", [1, 2])
@pytest.mark.parametrize("minor", ["1.24", "1.36"])
def test_a_run_that_is_taken_up_says_what_it_would_have_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, splits: list[int], minor: str, repeat: int
) -> None:
    """The model hears again what it has forgotten: namespaces, accounts, definitions and former states."""
    trace = traced([([*ROOMS], [], False), *eventful(Random(minor))])
    for workers in (0, 2):
        with_workers(monkeypatch, workers)
        folder = tmp_path / str(workers)
        whole, told = played(folder, trace, minor, repeat=repeat)
        for done in (len(whole) - 1, len(whole) * 3 // 4, len(whole) // 2, 1):
            break_off(folder, done)
            result = asyncio.run(driver_of(trace, folder, minor, repeat=repeat).run(resume=True))
            journal, again = written(folder, result)
            assert journal == whole
            assert {**again["counts"], "skipped": 0, "requests": 0} == {**told["counts"], "requests": 0}
            assert 0 < again["counts"]["requests"] <= told["counts"]["requests"] - done * 3 // 4
    assert splits


def break_off(folder: Path, done: int) -> None:
    """As if the run had been killed when so many steps were done."""
    journal = folder / "requests.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:done]))
    run_folder = RunFolder(folder)
    run_folder.write({**run_folder.read(), "ended": Ended.RUNNING, "cleaned": False})


@pytest.mark.parametrize("done", [1, 70, 200])
def test_a_run_is_taken_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, splits: list[int], done: int) -> None:
    trace = history(*[(at, MAPS[at * 30 : at * 30 + 30], []) for at in range(10)])
    folder = tmp_path / "run"
    with_workers(monkeypatch, 2)
    asyncio.run(driver_of(trace, folder).run())
    break_off(folder, done)
    result = asyncio.run(driver_of(trace, folder).run(resume=True))
    assert splits == [2, 2]
    assert (result.ended, result.counts.steps, result.counts.skipped) == (Ended.COMPLETE, 300, done)
    assert [line["step"] for line in lines(folder)] == list(range(300))


def test_whoever_looks_sees_it_go_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, splits: list[int]) -> None:
    seen: list[Progress] = []
    trace = history(*[(at, MAPS[at * 30 : at * 30 + 30], []) for at in range(30)])
    with_workers(monkeypatch, 2)
    asyncio.run(driver_of(trace, tmp_path / "run", voice=Voice(show=seen.append)).run())
    assert splits == [2]
    assert [one.steps for one in seen] == sorted(one.steps for one in seen)
    assert [one.time for one in seen] == sorted(one.time for one in seen)
    assert (seen[-1].steps, seen[-1].time) == (900, 29.0)
    assert len({one.steps for one in seen}) > 10


def test_an_interrupt_is_heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, splits: list[int]) -> None:
    with_workers(monkeypatch, 2)

    async def run() -> RunResult:
        task = asyncio.create_task(driver_of(history((0, MAPS, [])), tmp_path / "run").run())
        while not splits:
            await asyncio.sleep(0)
        task.cancel()
        return await task

    result = asyncio.run(run())
    assert result.ended is Ended.INTERRUPTED
    assert 0 < result.counts.steps < len(MAPS)


def test_none_stays_behind_a_run_that_ends_early(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nor does what the system keeps of a process until somebody hears of its end."""
    processes: list[int] = []

    def noted(work: Callable[[], None]) -> int:
        processes.append(split(work))
        return processes[-1]

    monkeypatch.setattr(shards, "split", noted)
    monkeypatch.setattr(player, "_BREATH", 1)
    with_workers(monkeypatch, 2)
    trace = history((0, MAPS[:9], []), (1, [NOT_SERVED], []), (2, MAPS * 10, []))
    result = asyncio.run(driver_of(trace, tmp_path / "run", fail_fast=True).run())
    assert (result.ended, len(processes)) == (Ended.FAILED, 2)
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_nothing_is_shared_that_somebody_looks_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, splits: list[int]
) -> None:
    @asynccontextmanager
    async def around(*_: object) -> Any:
        yield

    with_workers(monkeypatch, 2)
    made = Driver(plan_of(history((0, MAPS[:9], []))), DryTarget("1.25"), around=(around,))
    assert asyncio.run(made.run()).counts.accepted == 9
    assert not splits


def test_small_runs_need_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, splits: list[int]) -> None:
    monkeypatch.setattr(driver, "Shards", partial(shards.Shards, pays=60.0))
    asyncio.run(driver_of(history((0, MAPS[:100], [])), tmp_path / "run").run())
    assert not splits


def test_nobody_is_split_off_a_process_with_threads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, splits: list[int]
) -> None:
    monkeypatch.setattr(shards, "can_split", lambda: False)
    with_workers(monkeypatch, 2)
    result = asyncio.run(driver_of(history((0, MAPS[:100], [])), tmp_path / "run").run())
    assert (result.counts.accepted, splits) == (100, [])


def test_a_worker_that_is_gone_ends_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, splits: list[int]) -> None:
    """What it would have played is not known, and nobody may think that it was accepted."""
    divide = shards.Shards.split

    def lost(self: shards.Shards, *given: Any) -> None:
        divide(self, *given)
        os.kill(self._workers[-1]._process, signal.SIGKILL)

    monkeypatch.setattr(shards.Shards, "split", lost)
    with_workers(monkeypatch, 2)
    folder = tmp_path / "run"
    result = asyncio.run(driver_of(history((0, MAPS * 20, [])), folder).run())
    assert (result.ended, result.hint) == (Ended.FAILED, "go on with --resume")
    assert "was ended" in result.error
    assert len(lines(folder)) == result.counts.steps < 20_000
    monkeypatch.setattr(shards.Shards, "split", divide)
    result = asyncio.run(driver_of(history((0, MAPS * 20, [])), folder).run(resume=True))
    assert (result.ended, result.counts.accepted) == (Ended.COMPLETE, 20_000)


@pytest.mark.parametrize("said", [b"", b"\x64", b"\x64\0\0\0", b"\x64\0\0\0" + bytes(10)])
def test_a_worker_that_is_gone_in_the_middle_of_a_word_has_not_come_to_its_end(said: bytes) -> None:
    def work(pipe: BinaryIO) -> None:
        pipe.write(said)

    worker = shards._Worker(work, [])
    try:
        with pytest.raises(ReplayError, match="was ended"):
            worker.listen()
    finally:
        worker.close()


ALONE = """
import sys
from functools import partial
from pathlib import Path
from skel.replay import driver, player, shards
from tests.replay.test_shards import MAPS, driver_of, history
import asyncio
split = shards.Shards.split
def told(self, *given):
    split(self, *given)
    print(*(worker._process for worker in self._workers), flush=True)
    if sys.argv[2] == "wait":
        import time
        time.sleep(60)
shards.Shards.split = told
player._BREATH = 1
driver.Shards = partial(shards.Shards, pays=0.0)
shards.processors = lambda: 3
asyncio.run(driver_of(history((0, MAPS * 100, [])), Path(sys.argv[1])).run())
"""


def alone(folder: Path, how: str) -> tuple[subprocess.Popen[str], list[int]]:
    replay = subprocess.Popen([sys.executable, "-c", ALONE, str(folder), how], stdout=subprocess.PIPE, text=True)
    assert replay.stdout is not None
    workers = [int(word) for word in replay.stdout.readline().split()]
    assert len(workers) == 3
    return replay, workers


def test_they_end_when_the_replay_is_killed(tmp_path: Path) -> None:
    """Each of them waits for somebody to listen; that nobody will must be seen by all."""
    replay, workers = alone(tmp_path / "run", "wait")
    replay.send_signal(signal.SIGKILL)
    replay.wait()
    assert replay.stdout is not None
    replay.stdout.close()
    end = time.monotonic() + DEADLINE
    while any(map(_runs, workers)) and time.monotonic() < end:
        time.sleep(0.01)
    assert not any(map(_runs, workers))


def test_they_are_gone_behind_a_run(tmp_path: Path) -> None:
    replay, workers = alone(tmp_path / "run", "go on")
    assert replay.wait(timeout=60) == 0
    assert replay.stdout is not None
    replay.stdout.close()
    assert not any(map(_runs, workers))


def _runs(process: int) -> bool:
    """Whether it does, and is not just waiting for somebody to hear of its end."""
    try:
        return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_is_looked_up_for_others_is_known_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the model looks while it judges one object, there are its own former states, objects without a
    namespace, or those of kinds that every worker plays.
    """
    target = DryTarget("1.25")
    apart = {
        kind.home: kind.kind
        for kind in map(target._kinds.__getitem__, target._kinds)
        if kind.namespaced and kind.kind not in CONSULTED
    }
    looked: set[tuple[Home, str]] = set()
    for name in ("listed", "get"):
        monkeypatch.setattr(State, name, _watched(getattr(State, name), looked))
    events = [([*ROOMS], [], False), *eventful(Random(1))]
    kinds: set[str] = set()
    answer = DryTarget.answer

    def watched(self: DryTarget, request: Any) -> Any:
        looked.clear()
        found = answer(self, request)
        for home, path in looked:
            if home in apart:
                kinds.add(apart[home])
                assert path
                assert unquote(request.path).endswith(path)
        return found

    monkeypatch.setattr(DryTarget, "answer", watched)
    asyncio.run(Driver(plan_of(traced(events)), target).run())
    assert len(kinds) > 15


def _watched(read: Callable[..., Any], looked: set[tuple[Home, str]]) -> Callable[..., Any]:
    """Where it looked, and the end of the path of the one object that it looked for."""

    def through(self: State, where: Home, namespace: str, *name: str) -> Any:
        looked.add((where, f"/namespaces/{namespace}/{where[1]}/{name[0]}" if name else ""))
        return read(self, where, namespace, *name)

    return through


def test_an_object_is_the_same_in_all_versions_of_its_kind(same: Callable[..., Json]) -> None:
    jobs = [one for one in VALID if one["kind"] == "CronJob"][:1]
    named = [{**one, "metadata": {"name": f"j-{n}", "namespace": "shop"}} for one in jobs for n in range(12)]
    old = [{**one, "apiVersion": "batch/v1beta1"} for one in named]
    journal, _ = same(history((0, [*ROOMS, *MAPS[:9]], []), (1, named, []), (2, old, []), (3, named, [])), "1.24")
    assert [line["status"] for line in journal[-36:]] == [201] * 12 + [200] * 24
