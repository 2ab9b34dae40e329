from __future__ import annotations

import skel
from skel.compiler.explain import plan_json, plan_lines
from skel.compiler.program import BoundPhase
from skel.program import Program

TEXT = """\
rule "cronjob" {
    title "CronJob moves";
    modify(kind == "CronJob" && apiVersion == "batch/v1beta1", apiVersion = "batch/v1");
    remove($c := podSpec.containers[*] | exists($c.ports), $c.ports);
}
when kind in ["Deployment", "StatefulSet"] {
    default(spec.replicas = 1);
}
"""


def test_the_plan_tells_kinds_reads_writes_and_segments() -> None:
    first, second = plan_json(skel.compile(TEXT, name="a.skel").compiled.plan)["rules"]
    modify, remove = first["steps"]
    assert (modify["kinds"], modify["apiVersions"], modify["writes"]) == (
        ["CronJob"],
        ["batch/v1beta1"],
        ["apiVersion"],
    )
    assert (modify["segment"], remove["segment"]) == (1, 2)
    assert remove["writes"] == ["podSpec.containers[*].ports"]
    assert second["id"] == "a.skel:6"
    opens, default = second["steps"]
    assert opens["kinds"] == ["Deployment", "StatefulSet"] == default["kinds"]


def test_the_plan_as_text_names_every_rule() -> None:
    lines = list(plan_lines(skel.compile(TEXT, name="a.skel").compiled.plan))
    assert lines[0] == "cronjob  CronJob moves"
    assert "     writes  podSpec.containers[*].ports" in lines


def steps(program: Program, api_version: str, kind: str) -> list[int]:
    (phase,) = program.compiled.plan.phases
    bound = BoundPhase(phase, program.compiled.options, {})  # type: ignore[arg-type]
    return [step.index for step in bound.bucket((api_version, kind)).steps]


def test_a_bucket_holds_what_can_concern_its_kind() -> None:
    program = skel.compile(TEXT)
    assert steps(program, "batch/v1beta1", "CronJob") == [0, 1]
    assert steps(program, "batch/v1", "CronJob") == [1]
    assert steps(program, "apps/v1", "Deployment") == [1, 2, 3]
    assert steps(program, "v1", "ConfigMap") == []


def test_an_object_without_what_is_needed_is_not_decoded() -> None:
    program = skel.compile("remove(spec.paused); remove(status);")
    (phase,) = program.compiled.plan.phases
    bucket = BoundPhase(phase, program.compiled.options, {}).bucket(("v1", "ConfigMap"))  # type: ignore[arg-type]
    assert bucket.gates is not None
    assert len(bucket.gates) == 2
