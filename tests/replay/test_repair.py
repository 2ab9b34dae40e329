from __future__ import annotations

import asyncio
import threading
from typing import Any

from skel.findings.model import FoundObject
from skel.replay.repair import Repair, Repairs, migrate_command
from tests.replay.replays import history, simple

BUDGET = {**simple("PodDisruptionBudget", "web", "policy/v1beta1"), "spec": {"minAvailable": 1}}
CRON = {**simple("CronJob", "report", "batch/v1beta1"), "spec": {"schedule": "* * * * *"}}


def find(manifest: Any, release: str, message: str = "", *, not_served: bool) -> Repair | None:
    thing = FoundObject(manifest["apiVersion"], manifest["kind"], "shop", manifest["metadata"]["name"])
    repairs = Repairs(history((0, [manifest], [])), lambda: release, ("t.sktrace",), manifests=False)
    return asyncio.run(repairs.find(thing, message, not_served=not_served))


def test_a_removal_explains_what_is_not_served() -> None:
    found = find(BUDGET, "1.25", not_served=True)
    assert found is not None
    assert (found.code, found.fix) == ("KU123", "skel migrate t.sktrace --to 1.25 -o t-1.25.sktrace")


def test_a_source_that_is_known_stands_in_the_command() -> None:
    assert fix_from("1.24", to="1.25") == "skel migrate t.sktrace --from 1.24 --to 1.25 -o t-1.25.sktrace"
    assert fix_from("1.25", to="1.25") == "skel migrate t.sktrace --to 1.25 -o t-1.25.sktrace"


def fix_from(source: str, to: str) -> str:
    repairs = Repairs(history((0, [BUDGET], [])), lambda: to, ("t.sktrace",), manifests=False, source=source)
    thing = FoundObject("policy/v1beta1", "PodDisruptionBudget", "shop", "web")
    found = asyncio.run(repairs.find(thing, "", not_served=True))
    assert found is not None
    return found.fix


def test_a_removal_explains_nothing_else() -> None:
    assert find(BUDGET, "1.25", "spec.minAvailable: Invalid value", not_served=False) is None


def test_what_is_only_announced_explains_nothing() -> None:
    assert find(CRON, "1.24", "spec.schedule: Invalid value", not_served=False) is None
    assert find(CRON, "1.24", not_served=True) is None


def test_a_release_without_rules_is_no_failure() -> None:
    assert find(CRON, "1.99", not_served=True) is None


def test_no_thread_stays_behind_the_check() -> None:
    """A replay with threads could not be split."""
    before = {*threading.enumerate()}

    async def left() -> set[threading.Thread]:
        repairs = Repairs(history((0, [BUDGET], [])), lambda: "1.25", ("t.sktrace",), manifests=False)
        await repairs.find(FoundObject("policy/v1beta1", "PodDisruptionBudget", "shop", "web"), "", not_served=True)
        for _ in range(100):
            if not before.issuperset(threading.enumerate()):
                await asyncio.sleep(0.01)
        return {*threading.enumerate()} - before

    assert not asyncio.run(left())


def test_commands_are_safe_to_paste() -> None:
    assert (
        migrate_command(["my trace"], "1.25", manifests=False)
        == "skel migrate 'my trace' --to 1.25 -o 'my trace-1.25.sktrace'"
    )
    assert (
        migrate_command(["a", "b"], "1.25", manifests=True, unsafe=True)
        == "skel migrate a b --to 1.25 --unsafe --write"
    )
