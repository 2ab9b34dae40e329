"""A whole replay with upgrades in the middle of it, in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from skel.replay.clock import SystemClock
from skel.replay.driver import Driver
from skel.replay.hops import plan_hops, read_hop
from skel.replay.legs import finish
from skel.replay.plan import Voice
from skel.replay.result import Ended, RunResult
from skel.replay.run_folder import RunFolder
from skel.replay.schedule import Window, length
from skel.replay.upgrade_lines import Upgrade, read_upgrade
from skel.replay.upgrading import Ascent, ChangingTarget, Upgrading
from skel.trace.model import Trace
from tests.replay.replays import history, lines, plan_of, simple
from tests.replay.upgrade_world import Plane, World

Json = Any
SPEED = 100.0


def cron_job(name: str, version: str = "batch/v1beta1") -> Json:
    return {**simple("CronJob", name, version), "spec": {"schedule": "* * * * *"}}


def a_trace() -> Trace:
    """A ConfigMap each second for two minutes, a CronJob of old in the beginning, and one at the end."""
    maps: list[Any] = [(second, [simple("ConfigMap", f"c{second}")], []) for second in range(1, 120)]
    old: Any = (0, [cron_job("report")], [])
    return history(old, *maps, (120, [cron_job("late"), cron_job("new", "batch/v1")], []), (125, [], []))


def climb(
    folder: Path, world: World, plane: Plane, *hops: str, said: list[str] | None = None, **settings: Any
) -> RunResult:
    trace = a_trace()
    plan = plan_of(trace, window=Window(speed=SPEED), known_cluster=True, **{"keep": True, **settings})
    plan = replace(plan, patience=replace(plan.patience, longest=0.05))
    target = ChangingTarget(world)
    planned = plan_hops("1.24", map(read_hop, hops), plan.window, length(trace, plan.window))
    ascent = Ascent("1.24.17", planned, plan.window, folder, settle=0.02)
    voice = Voice(said.append) if said is not None else Voice()

    async def go() -> RunResult:
        upgrading = Upgrading(ascent, plane, target, SystemClock(), voice.tell)
        driver = Driver(plan, target, folder=RunFolder(folder), voice=voice, around=(upgrading.around,))
        return await driver.run()

    return asyncio.run(go())


def known(folder: Path) -> Upgrade:
    finish(folder)
    upgrade = read_upgrade(folder)
    assert upgrade is not None
    return upgrade


def test_the_replay_goes_on_and_nothing_is_lost_or_done_twice(tmp_path: Path) -> None:
    world, said = World(), list[str]()
    plane = Plane(world)
    result = climb(tmp_path, world, plane, "50s=1.25", said=said)
    assert (result.ended, result.kubernetes) == (Ended.COMPLETE, "1.25")
    assert (result.counts.accepted, result.counts.rejected) == (121, 1)
    assert world.lost > 0, "somebody met the gap"
    made = [path for path in world.applied if "configmaps" in path]
    assert len(made) == len(set(made)) == 119
    assert any("from 1.24.17 to 1.25.16" in line for line in said)
    (late,) = [line for line in lines(tmp_path) if line["verdict"] == "rejected"]
    assert (late["name"], late["status"], late["rule"]) == ("late", 404, "kubernetes/cronjob-batch-v1")
    assert late["fix"] == "skel migrate t.sktrace --to 1.25 -o t-1.25.sktrace", "the release of now, not of the start"

    (hop,) = known(tmp_path).hops
    assert (hop.source, hop.target, hop.asked, hop.error) == ("1.24.17", "1.25.16", 50.0, "")
    assert 50 <= hop.t < 125
    assert [one.component for one in hop.away] == ["kube-apiserver", "kube-controller-manager", "kube-scheduler"]
    assert all(0.1 < one.seconds < 2 for one in hop.away)
    assert hop.refused > 0
    assert hop.changes is not None
    assert [(one.kind, one.after, one.objects) for one in hop.changes.read_back] == [("CronJob", "batch/v1", 1)]


def test_each_release_has_its_own_account(tmp_path: Path) -> None:
    world = World()
    climb(tmp_path, world, Plane(world, seconds=0.1), "30s=1.25", "80s=1.26")
    upgrade = known(tmp_path)
    assert [(hop.source, hop.target) for hop in upgrade.hops] == [("1.24.17", "1.25.16"), ("1.25.16", "1.26.15")]
    assert [leg.kubernetes for leg in upgrade.legs] == ["1.24.17", "1.25.16", "1.26.15"]
    assert sum(leg.accepted + leg.rejected for leg in upgrade.legs) == 122
    assert upgrade.legs[0].accepted > 20
    first, *_, last = upgrade.legs
    assert first.refusals == ()
    (refusal,) = last.refusals
    assert (refusal.kind, refusal.is_new, refusal.rule) == ("CronJob", True, "kubernetes/cronjob-batch-v1")
    assert upgrade.legs[1].end == last.start


def test_an_upgrade_at_the_end_is_waited_for(tmp_path: Path) -> None:
    world = World()
    result = climb(tmp_path, world, Plane(world, seconds=0.4), "124s=1.25")
    assert (result.ended, result.counts.rejected) == (Ended.COMPLETE, 0)
    assert known(tmp_path).hops[0].changes is not None


def test_a_server_that_does_not_come_back_ends_the_run_at_once(tmp_path: Path) -> None:
    world = World()
    plane = Plane(world, fails="kube-apiserver ended while it started")
    result = climb(tmp_path, world, plane, "50s=1.25", "80s=1.26", keep=False)
    assert (result.ended, result.exit_code) == (Ended.FAILED, 2)
    assert result.error == "the upgrade to 1.25.16 failed: kube-apiserver ended while it started"
    assert result.hint == "look into its log"
    assert result.seconds < 2.5, "neither the requests nor the clean-up wait for a server that nobody starts"
    assert plane.began == ["1.25.16"]
    upgrade = known(tmp_path)
    assert [hop.error for hop in upgrade.hops] == ["kube-apiserver ended while it started"]
    assert len(upgrade.planned) == 2


def test_an_interrupt_waits_for_the_upgrade_under_way_and_begins_no_other(tmp_path: Path) -> None:
    world = World()
    plane = Plane(world, seconds=0.5)

    async def interrupted() -> RunResult:
        trace = a_trace()
        plan = plan_of(trace, window=Window(speed=SPEED), known_cluster=True, keep=True)
        target = ChangingTarget(world)
        planned = plan_hops("1.24", [read_hop("20s=1.25"), read_hop("60s=1.26")], plan.window, 125)
        upgrading = Upgrading(Ascent("1.24.17", planned, plan.window, tmp_path), plane, target, SystemClock())
        driver = Driver(plan, target, folder=RunFolder(tmp_path), around=(upgrading.around,))
        run = asyncio.create_task(driver.run())
        while not plane.began:
            await asyncio.sleep(0.01)
        run.cancel()
        return await run

    result = asyncio.run(interrupted())
    assert (result.ended, result.exit_code) == (Ended.INTERRUPTED, 130)
    assert plane.began == ["1.25.16"]
    assert world.minor == "1.25", "nobody is left with half of a control plane"
    assert [(hop.target, hop.error[:13]) for hop in known(tmp_path).hops] == [("1.25.16", "the run ended")]


def test_what_a_replay_deleted_is_not_lost(tmp_path: Path) -> None:
    async def send() -> set[str]:
        from skel.client.request import Request

        world = World()
        target = ChangingTarget(world)
        path = "/api/v1/namespaces/virtual-shop/configmaps/a"
        world.write(("", "configmaps", "virtual-shop", "a"), {"metadata": {"name": "a"}}, "skel")
        assert (await target.send(Request("DELETE", path))).is_success
        assert (await target.send(Request("DELETE", path))).status == 404
        return target.deleted

    assert asyncio.run(send()) == {"/api/v1/namespaces/virtual-shop/configmaps/a"}


def test_a_damaged_file_is_one_clear_error(tmp_path: Path) -> None:
    from skel.replay.errors import ReplayError

    assert read_upgrade(tmp_path) is None
    assert finish(tmp_path) is None
    (tmp_path / "upgrade.json").write_text('{"hops": [')
    with pytest.raises(ReplayError, match="can't be read"):
        read_upgrade(tmp_path)
    (tmp_path / "upgrade.json").write_text('{"schemaVersion": 9}')
    with pytest.raises(ReplayError, match="schema version 9"):
        read_upgrade(tmp_path)
