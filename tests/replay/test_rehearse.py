from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skel.replay.rehearsal import Readiness, Scene
from skel.replay.rehearse import Part, rehearse
from skel.replay.staging import staged
from tests.replay.rehearsals import FakeStage, by_version, cron_job, history, order, policy, rehearsed, web
from tests.replay.runs import pod_lines

BOTH = history(web(), cron_job())


def test_the_story_of_a_repair(tmp_path: Path) -> None:
    stage = FakeStage()
    found = rehearsed(tmp_path, BOTH, stage)
    assert stage.played == ["original on 1.24", "original on 1.25", "migrated on 1.25"]
    (item,) = found.failing
    assert (str(item.object), item.time, item.times) == ("CronJob/shop/report", 0.0, 2)
    assert item.answer.status == 404
    assert item.finding is not None
    assert item.finding.rule == "kubernetes/cronjob-batch-v1"
    assert item.after == "accepted"
    assert item.is_repaired
    assert (found.readiness, found.exit_code, found.reasons) == (Readiness.READY, 0, ())
    assert [what for what, _ in found.next_steps] == ["write the migration", "the same with real control planes"]
    assert found.as_recorded.exit_code == 1
    assert found.comparison.exit_code == 0


def test_what_has_to_be_changed_by_hand_is_not_ready(tmp_path: Path) -> None:
    found = rehearsed(tmp_path, history(web(), cron_job(), policy()))
    assert (found.readiness, found.exit_code) == (Readiness.NOT_READY, 1)
    assert [(item.object.kind, item.after) for item in found.failing] == [
        ("CronJob", "accepted"),
        ("PodSecurityPolicy", "rejected"),
    ]
    rejected, left = found.reasons
    assert rejected == "1.25 rejects 2 requests also after the migration: PodSecurityPolicy policy/v1beta1"
    assert left.startswith("1 error of the check must be repaired by hand: KU")


def test_without_changes_the_third_run_is_the_second(tmp_path: Path) -> None:
    stage = FakeStage()
    found = rehearsed(tmp_path, history(web()), stage)
    assert stage.played == ["original on 1.24", "original on 1.25"]
    assert found.readiness is Readiness.READY
    assert [what for what, _ in found.next_steps] == ["the same with real control planes"]


def test_what_the_old_release_rejects_as_well_says_nothing_of_the_upgrade(tmp_path: Path) -> None:
    def never(release: str, manifest: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return ("rejected", {}) if manifest["kind"] == "Deployment" else by_version(release, manifest)

    found = rehearsed(tmp_path, BOTH, FakeStage(never))
    assert found.readiness is Readiness.READY
    assert [item.object.kind for item in found.failing] == ["CronJob"]
    assert "2 requests are rejected by 1.24 as well" in found.caveats


def test_an_object_that_no_rule_explains_is_told_all_the_same(tmp_path: Path) -> None:
    def strict(release: str, manifest: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        more = {"message": "spec.replicas: Forbidden"}
        return ("rejected", more) if release == "1.25" and manifest["kind"] == "Deployment" else ("accepted", {})

    found = rehearsed(tmp_path, history(web()), FakeStage(strict))
    (item,) = found.failing
    assert (item.finding, item.after, found.readiness) == (None, "rejected", Readiness.NOT_READY)
    assert item.told is not None
    assert item.told.message == "spec.replicas: Forbidden"


def test_what_only_the_migration_breaks_is_not_ready(tmp_path: Path) -> None:
    def spoiled(_: str, manifest: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return ("rejected", {}) if manifest["apiVersion"] == "batch/v1" else ("accepted", {})

    found = rehearsed(tmp_path, BOTH, FakeStage(spoiled))
    assert found.failing == ()
    assert found.reasons == ("1.25 rejects 2 requests also after the migration: CronJob batch/v1",)


def test_what_nobody_knows_is_a_caveat(tmp_path: Path) -> None:
    def shy(release: str, manifest: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return ("unknown", {}) if manifest["kind"] == "Deployment" else by_version(release, manifest)

    found = rehearsed(tmp_path, BOTH, FakeStage(shy))
    assert found.readiness is Readiness.READY
    assert "of 2 requests nobody knows without a real server what 1.25 would say" in found.caveats


def test_pods_that_do_worse_are_not_ready(tmp_path: Path) -> None:
    def pods(part: Part) -> dict[str, Any]:
        lines = [line for number in range(9) for line in pod_lines(number, 60.0 * number)]
        return {"pods": lines[:-1] if part.is_migrated else lines}

    found = rehearsed(tmp_path, BOTH, FakeStage(more=pods), on="local")
    assert found.readiness is Readiness.NOT_READY
    assert found.reasons == ("worse on 1.25: pods, finished: 9 before, 8 now",)


def test_pods_that_nobody_watched_are_a_caveat(tmp_path: Path) -> None:
    found = rehearsed(tmp_path, BOTH, on="local")
    assert found.caveats == ("pods were not observed: whether they start is not known",)


def test_where_no_pod_came_nobody_knows_whether_pods_start(tmp_path: Path) -> None:
    found = rehearsed(tmp_path, BOTH, FakeStage(more=lambda _: {"pods": []}), on="local")
    (caveat,) = found.caveats
    assert "no pod came on either release" in caveat
    assert "--speed" in caveat


def test_a_run_that_broke_off_decides_nothing(tmp_path: Path) -> None:
    def header(part: Part) -> dict[str, Any]:
        return {"ended": "failed"} if part.is_migrated else {}

    found = rehearsed(tmp_path, BOTH, FakeStage(header=header))
    assert (found.readiness, found.exit_code) == (Readiness.UNDECIDED, 2)
    assert found.problems == ("migrated on 1.25 did not come to its end (failed)",)


def test_what_stops_a_part_stops_the_rehearsal(tmp_path: Path) -> None:
    def broken(part: Part) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        rehearse(order(tmp_path, BOTH), broken)


def test_the_steps_are_told(tmp_path: Path) -> None:
    told: list[str] = []
    rehearse(order(tmp_path, BOTH), FakeStage(), told.append)
    assert told == [
        "checking for 1.25",
        "migrating",
        "replaying the original on 1.24",
        "replaying the original on 1.25",
        "replaying the migrated on 1.25",
        "comparing",
    ]


def test_commands_name_everything_that_was_asked_for() -> None:
    scene = Scene(("a b.sktrace",), "1.24", "1.25", "local", unsafe=True, options=("--pack", "mine"))
    assert scene.rehearse() == "skel rehearse 'a b.sktrace' --from 1.24 --to 1.25 --pack mine --on local --unsafe"
    assert scene.migrate() == (
        "skel migrate 'a b.sktrace' --from 1.24 --pack mine --to 1.25 --unsafe -o 'a b-1.25.sktrace'"
    )
    folder = Scene(("k8s",), "1.24", "1.25", manifests=True)
    assert folder.migrate() == "skel migrate k8s --from 1.24 --to 1.25 --write"
    assert folder.check() == "skel check k8s --from 1.24 --to 1.25 --fail-on removed"


def test_an_interrupt_ends_the_rehearsal(tmp_path: Path) -> None:
    """Nobody waits for the other runs."""
    from contextlib import contextmanager

    from skel.client.request import Request, Response

    class Interrupting:
        name, version, is_dry = "fake:1.24", "1.24", True

        async def send(self, _: Request) -> Response:
            import os
            import signal

            os.kill(os.getpid(), signal.SIGINT)
            return Response(200, {})

        async def close(self) -> None: ...

    @contextmanager
    def stage(_: str) -> Any:
        async def open_target() -> Any:
            return Interrupting()

        yield open_target

    wanted = order(tmp_path, history(*[web()] * 600))
    with pytest.raises(KeyboardInterrupt):
        rehearse(wanted, staged(stage, wanted.scene))
    assert not (tmp_path / "original-on-new").exists()
