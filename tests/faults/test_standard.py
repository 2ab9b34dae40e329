"""What a search and a rehearsal begin with: workloads of a trace, and disturbances for what a component writes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from skel.faults.errors import FaultError
from skel.faults.model import Report, Scenario, Verdict
from skel.faults.scenario.check import check
from skel.faults.scenario.emit import emit
from skel.faults.scenario.parse import parse
from skel.faults.search.bases import base_of_trace, few_of
from skel.faults.search.profile import Profile, Workload
from skel.faults.search.standard import Chapter, chapter, standard
from skel.language.diagnostic import Severity
from skel.language.text import Source
from skel.report.faults.chapter import chapter_lines
from skel.report.terminal import Paint
from tests.cli.small import small_trace
from tests.faults.simulated import SimulatedWorld, base

SHOP = Path(__file__).resolve().parents[2] / "examples" / "traces" / "shop.sktrace"
PROFILE = Profile(("pods",), (), (("POST", "pods"),), (Workload("ReplicaSet", "rs", 5),))


def test_the_workloads_of_a_trace_without_what_only_their_cluster_has() -> None:
    found = base_of_trace(str(SHOP))
    kinds = {it["kind"] for it in found.setup.manifests}
    assert {"Deployment", "StatefulSet"} <= kinds
    text = emit(found)
    assert "serviceAccountName" not in text
    assert "env:" not in text
    assert "namespace:" not in text
    assert all(it["spec"].get("replicas", 0) <= 5 for it in found.setup.manifests)


def test_a_seed_chooses_a_few_of_them() -> None:
    found = base_of_trace(str(SHOP))
    chosen = [few_of(found, seed).setup.manifests for seed in range(20)]
    assert all(len(it) == 3 for it in chosen)
    assert few_of(found, 7) == few_of(found, 7)
    assert len({str(it) for it in chosen}) > 1
    assert few_of(base(), 1) == base()


def test_a_trace_without_workloads_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "t.sktrace"
    trace = small_trace()
    trace.with_events([]).save(str(file))
    with pytest.raises(FaultError, match="no workload"):
        base_of_trace(str(file))


def test_the_disturbances_are_right_scenarios() -> None:
    made = list(standard(base(), PROFILE))
    assert [it.name for it in made] == ["slow-watch", "lost-answers", "stale-restart"]
    for it in made:
        parsed = parse(Source("s.yaml", emit(it)))
        assert parsed.scenario == it
        assert not [found for found in check(parsed) if found.severity is Severity.ERROR]


def played(worlds: dict[str, SimulatedWorld]) -> Chapter:
    async def on(scenario: Scenario, release: str) -> Report:
        return replace(await worlds[release].trial(scenario), kubernetes=release)

    return asyncio.run(chapter(base(), "1.35", "1.36", on))


def test_what_only_the_target_does_not_survive_is_worse() -> None:
    found = played({"1.35": SimulatedWorld(consistent=True), "1.36": SimulatedWorld()})
    assert (found.worse, found.exit_code) == (("slow-watch",), 1)
    assert "  worse on 1.36: slow-watch" in list(chapter_lines(found, Paint(color=False)))


def test_what_both_do_not_survive_is_no_news() -> None:
    found = played({"1.35": SimulatedWorld(), "1.36": SimulatedWorld(consistent=True)})
    assert (found.worse, found.exit_code) == ((), 0)
    assert found.scenarios[1][0].verdict is Verdict.VIOLATED
