"""The course of a dry run: it ends with a rejection if that is wanted, hears of interrupts, and is taken up again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from skel.replay.driver import Driver
from skel.replay.dry.target import DryTarget
from skel.replay.hooks import Hook, Point
from skel.replay.result import Ended, RunResult
from skel.replay.run_folder import RunFolder
from skel.trace.model import Trace
from tests.replay.replays import history, lines, plan_of, simple

NOT_SERVED = simple("CronJob", "old", "batch/v1beta1")
MAPS = [simple("ConfigMap", f"c-{number}") for number in range(2000)]


def driver_of(trace: Trace, folder: Path, **settings: Any) -> Driver:
    return Driver(plan_of(trace, **settings), DryTarget("1.25"), folder=RunFolder(folder))


def test_a_rejection_ends_a_run_that_is_to_fail_fast(tmp_path: Path) -> None:
    trace = history((0, [*MAPS[:3], NOT_SERVED], []), (1, MAPS[3:6], []))
    result = asyncio.run(driver_of(trace, tmp_path / "run", fail_fast=True).run())
    assert (result.ended, result.counts.steps, result.counts.rejected) == (Ended.FAILED, 4, 1)
    assert asyncio.run(driver_of(trace, tmp_path / "other").run()).counts.steps == 7


def interrupted(trace: Trace, folder: Path, turns: int) -> RunResult:
    """A run that is cancelled when others had so many turns."""

    async def run() -> RunResult:
        task = asyncio.create_task(driver_of(trace, folder).run())
        while not (folder / "requests.jsonl").exists():
            await asyncio.sleep(0)
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        return await task

    return asyncio.run(run())


def test_an_interrupt_is_heard_in_the_middle(tmp_path: Path) -> None:
    result = interrupted(history((0, MAPS, [])), tmp_path / "run", 3)
    assert result.ended is Ended.INTERRUPTED
    assert 0 < result.counts.steps < len(MAPS)


@pytest.mark.parametrize("done", [1, 2, 3, 5])
def test_a_run_is_taken_up_within_an_event(tmp_path: Path, done: int) -> None:
    """What a killed run has done is not done again, what it has not done is."""
    trace = history((0, MAPS[:2], []), (1, MAPS[2:5], []), (2, MAPS[5:7], []))
    folder = tmp_path / "run"
    asyncio.run(driver_of(trace, folder).run())
    _as_if_killed(folder, done)
    result = asyncio.run(driver_of(trace, folder).run(resume=True))
    assert (result.ended, result.counts.steps, result.counts.skipped) == (Ended.COMPLETE, 7, done)
    assert [line["step"] for line in lines(folder)] == list(range(7))


def _as_if_killed(folder: Path, done: int) -> None:
    journal = folder / "requests.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:done]))
    run_folder = RunFolder(folder)
    known = run_folder.read()
    run_folder.write({**known, "ended": Ended.RUNNING, "cleaned": False})


def test_what_was_interrupted_can_go_on(tmp_path: Path) -> None:
    """There is no cluster that it would have cleaned up."""
    trace, folder = history((0, MAPS, [])), tmp_path / "run"
    done = interrupted(trace, folder, 3).counts.steps
    result = asyncio.run(driver_of(trace, folder).run(resume=True))
    assert (result.ended, result.counts.accepted, result.counts.skipped) == (Ended.COMPLETE, len(MAPS), done)


def test_hooks_of_rounds_that_are_over_are_not_run_again(tmp_path: Path) -> None:
    said = tmp_path / "said"
    hooks = {Point.PRE_RUN: (Hook("sh", ("-c", f"echo round >> {said}")),)}
    trace, folder = history((0, MAPS[:3], [])), tmp_path / "run"
    asyncio.run(driver_of(trace, folder, repeat=3, hooks=hooks).run())
    assert said.read_text("utf-8").count("round") == 3
    _as_if_killed(folder, 7)
    result = asyncio.run(driver_of(trace, folder, repeat=3, hooks=hooks).run(resume=True))
    assert (result.counts.steps, said.read_text("utf-8").count("round")) == (9, 4)
