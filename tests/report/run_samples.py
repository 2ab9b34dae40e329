"""A run, comparisons and rehearsals for reports, always the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from skel.packs.registry import find
from skel.replay.account import Account, account
from skel.replay.compare import Comparison, compare
from skel.replay.rehearsal import Rehearsal
from skel.replay.rehearse import Part, rehearse
from tests.replay import shop_runs
from tests.replay.rehearsals import FakeStage, cron_job, history, order, policy, web
from tests.replay.runs import a_run, event, pod_lines

PACK = Path(__file__).parent / "pack"


def budget() -> dict[str, Any]:
    return {
        "apiVersion": "policy/v1beta1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"selector": {}},
    }


def a_comparison(folder: Path) -> Comparison:
    return compare([shop_runs.before(folder)], [shop_runs.after(folder)])


def with_noise(folder: Path) -> Comparison:
    """Two runs before, one after that broke off."""
    before = [shop_runs.before(folder), shop_runs.before(folder, jitter=1.0, name="again")]
    after = shop_runs.after(folder)
    broken = a_run(folder / "broken", [], pods=[], ended="interrupted", speed=1.0)
    return compare(before, [after, broken])


def the_same(folder: Path) -> Comparison:
    run = shop_runs.before(folder)
    return compare([run], [run])


def an_account(folder: Path) -> Account:
    return account(shop_runs.after(folder))


def an_empty_account(folder: Path) -> Account:
    return account(a_run(folder / "nothing", [], ended="failed", error="no answer from https://me:secret@host:6443"))


def ready(folder: Path) -> Rehearsal:
    """A CronJob that is repaired; pods, because it is played on a real control plane."""

    def pods(part: Part) -> dict[str, Any]:
        count = 2 if part.release == "1.24" or part.is_migrated else 0
        lines = [line for number in range(count) for line in pod_lines(number, 300.0 * number)]
        return {"pods": lines, "events": [event(5.0, str(number), "Scheduled") for number in range(count)]}

    trace = history(web(), cron_job(), cron_job("sweep"))
    return _rehearsed(folder, FakeStage(more=pods), trace, on="local")


def not_ready(folder: Path) -> Rehearsal:
    """What only an unsafe fix, and what nothing repairs."""
    return _rehearsed(folder, FakeStage(), history(web(), cron_job(), budget(), policy()))


def _rehearsed(folder: Path, stage: FakeStage, trace: Any, **scene: Any) -> Rehearsal:
    return rehearse(order(folder, trace, packs=[find(str(PACK))], **scene), stage)
