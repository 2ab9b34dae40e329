"""Cases on trial: what passes, what fails, what is noisy, and what the cases leave unproven."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from skel.packs import trial
from skel.packs.cases import Case
from skel.packs.suites import suites
from skel.packs.testing import RuleResult, exit_code, run_suite
from skel.packs.trial import Outcome, Run, Verdict, run_case
from skel.program import Program
from tests.packs.making import MANIFEST, RULE, add_rule, make_pack

POD = "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: n}, spec: {priority: 1}}"
TWO = "{apiVersion: v1, kind: Pod, metadata: {namespace: n, name: a}, spec: {priority: 2}}"
CLONE = "{apiVersion: v1, kind: Pod, metadata: {name: a-1, namespace: n}, spec: {priority: 1}}"


def result(folder: Path, body: str, cases: str, *, front: str = "", manifest: str = MANIFEST) -> RuleResult:
    """The result of a rule with this body and these cases."""
    head = RULE[: RULE.index("    modify")]
    make_pack(folder, manifest, f"{front}{head}    {body}\n}}\n", textwrap.dedent(cases))
    (suite,) = suites(folder)
    (rule,) = run_suite(suite).rules
    return rule


def verdict(folder: Path, body: str, ending: str, *, before: str = POD, front: str = "") -> Verdict:
    case = textwrap.indent(textwrap.dedent(ending), "  ")
    rule = result(folder, body, f"- name: c\n  before: {before}\n{case}\n", front=front)
    assert not rule.problems, rule.problems
    (only,) = rule.verdicts
    return only


@pytest.mark.parametrize(
    ("body", "ending", "outcome", "why"),
    [
        ("modify(spec.priority = 2);", f"after: {TWO}", "passed", ""),
        ("modify(spec.priority = 2);", f"after: {POD}", "failed", "another object comes out"),
        ("modify(spec.priority = 1);", "after: {kind: Pod}", "failed", "it changes nothing"),
        ("modify(spec.priority = 2);", "unchanged: true", "noisy", "it changes the object"),
        ('modify(kind == "Job", spec.priority = 2);', "unchanged: true", "passed", ""),
        ('deny(kind == "Pod", "do this");', "unchanged: true", "noisy", "it reports a finding"),
        ('deny(kind == "Pod", "do this");', "finding: do this", "passed", ""),
        ('deny(kind == "Pod", "do this");', "finding: do that", "failed", "no finding says `do that`"),
        ('deny(kind == "Job", "do this");', "finding: do this", "failed", "no finding says `do this`"),
        ("modify(spec.priority = 2);", "finding: do this", "noisy", "it changes the object"),
        ('delete(kind == "Pod");', "after: null", "passed", ""),
        ('delete(kind == "Pod");', "after: {kind: Pod}", "failed", "the object is deleted"),
        ('delete(kind == "Pod");', "unchanged: true", "noisy", "it changes the object"),
        ("remove(spec);", "after: null", "failed", "the object should be deleted"),
        ("modify(spec.x = metadata.*);", "error: different values", "passed", ""),
        ("modify(spec.x = metadata.*);", "error: nothing like that", "failed", "it ends with another error than"),
        ("modify(spec.x = metadata.*);", "unchanged: true", "failed", "it ends with an error"),
        ("remove(spec);", "error: several", "failed", "it should end with an error that says `several`"),
        ("modify(spec.priority = 2);", f"target: '1.24'\nafter: {TWO}", "passed", ""),
        ('modify(target("kubernetes") >= 1.26, spec.priority = 2);', "unchanged: true", "passed", ""),
        (
            'modify(target("kubernetes") >= 1.26, spec.priority = 2);',
            "target: '1.26'\nunchanged: true",
            "noisy",
            "it changes the object",
        ),
        ('clone(kind == "Pod", 1);', f"repeatable: false\nafter: [{POD}, {CLONE}]", "passed", ""),
        ('clone(kind == "Pod", 1);', f"repeatable: false\nafter: [{POD}]", "failed", "other objects are left"),
    ],
)
def test_verdicts(tmp_path: Path, body: str, ending: str, outcome: str, why: str) -> None:
    seen = verdict(tmp_path, body, ending)
    assert (seen.outcome, seen.outcome == Outcome.PASSED) == (outcome, why == "")
    assert why in seen.why, (seen.why, seen.detail)


def test_a_difference_is_shown(tmp_path: Path) -> None:
    seen = verdict(tmp_path, "modify(spec.priority = 2);", f"after: {POD.replace('1}', '3}')}")
    assert "-  priority: 3" in seen.detail
    assert "+  priority: 2" in seen.detail


def test_numbers_and_booleans_are_not_the_same(tmp_path: Path) -> None:
    after = POD.replace("1}", "true}")
    assert verdict(tmp_path, "remove(status);", f"after: {after}").outcome is Outcome.FAILED


def test_a_rule_that_is_not_idempotent(tmp_path: Path) -> None:
    body = 'append(metadata.finalizers, "x");'
    after = POD.replace("namespace: n", "namespace: n, finalizers: [x]")
    assert verdict(tmp_path, body, f"after: {after}").why == "it changes things again when it is run a second time"
    assert verdict(tmp_path, body, f"after: {after}\nrepeatable: false").outcome is Outcome.PASSED


def test_others_are_in_the_trace(tmp_path: Path) -> None:
    body = 'deny(kind == "Pod" && !known("Secret", spec.secret), "no such secret");'
    before = "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: n}, spec: {secret: s}}"
    others = "others: [{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: n}}]"
    assert verdict(tmp_path, body, "finding: no such secret", before=before).outcome is Outcome.PASSED
    assert verdict(tmp_path, body, f"unchanged: true\n{others}", before=before).outcome is Outcome.PASSED
    assert verdict(tmp_path, body, f"finding: no such secret\n{others}", before=before).outcome is Outcome.FAILED


def test_the_order_of_objects_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No program of the language can depend on it, so a run that does is put in its place."""

    def one_sided(program: Program, case: Case, *, is_first: bool = False) -> Run:
        run = run_case(program, case, is_first=is_first)
        return replace(run, mine={"kind": "Job"}) if is_first else run

    monkeypatch.setattr(trial, "run_case", one_sided)
    others = "others: [{apiVersion: v1, kind: Job}]"
    seen = verdict(tmp_path, "remove(status);", f"unchanged: true\n{others}")
    assert (seen.outcome, seen.why) == (Outcome.FAILED, "the result depends on the order of the objects")


def test_operations_are_proven_by_another_implementation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "export", lambda operations: [{"op": "remove", "path": "/spec"}])
    seen = verdict(tmp_path, "modify(spec.priority = 2);", f"after: {TWO}")
    assert seen.why == "its operations do not lead from before to after"
    monkeypatch.setattr(trial, "export", lambda operations: [{"op": "remove", "path": "/nothing"}])
    assert "jsonpatch: " in verdict(tmp_path, "modify(spec.priority = 2);", f"after: {TWO}").detail[0]


def test_findings_about_others_do_not_count(tmp_path: Path) -> None:
    others = "others: [{apiVersion: v1, kind: Job, metadata: {name: j, namespace: n}}]"
    assert verdict(tmp_path, 'deny(kind == "Job", "no");', f"unchanged: true\n{others}").outcome is Outcome.PASSED


def test_parameters(tmp_path: Path) -> None:
    front = "param $to;\n\n"
    after = POD.replace("1}", "7}")
    body = "modify(spec.priority = $to);"
    rule = result(
        tmp_path, body, f"- name: c\n  before: {POD}\n  parameters: {{to: 7}}\n  after: {after}\n", front=front
    )
    assert [seen.outcome for seen in rule.verdicts] == [Outcome.PASSED]
    missing = verdict(tmp_path, body, "error: has no value", front=front)
    assert missing.outcome is Outcome.PASSED


def test_pseudonyms_have_a_key(tmp_path: Path) -> None:
    body = 'when kind == "Pod" { modify(metadata.name = pseudonym(metadata.name, "name")); }'
    seen = verdict(tmp_path, body, "after: {kind: Pod}")
    assert seen.why == "another object comes out"


# ---- what is not proven ----------------------------------------------------------------------------------------------


def gaps(rule: RuleResult) -> list[str]:
    return [gap.message for gap in rule.gaps]


def test_gaps(tmp_path: Path) -> None:
    moves = f"- name: moves\n  before: {POD}\n  after: null\n"
    stays = "- name: stays\n  before: {apiVersion: v1, kind: Job}\n  unchanged: true\n"
    body = 'delete(kind == "Pod");'
    assert gaps(result(tmp_path, body, "[]")) == ["no cases"]
    assert gaps(result(tmp_path, body, moves)) == ["no `unchanged` case"]
    assert gaps(result(tmp_path, body, stays)) == [
        "no case in which it does something",
        'no case reaches `delete(kind == "Pod");`',
    ]
    assert gaps(result(tmp_path, body, moves + stays)) == []


def test_commands_that_no_case_reaches(tmp_path: Path) -> None:
    body = """\
when kind == "Pod" {
        modify(exists(spec.a), spec.b = 1);
        modify(exists(spec.c), spec.d = 1);
    }
    deny(kind == "Job", "no");
    require(kind == "Pod", exists(spec.priority), "a");
    modify(target("kubernetes") >= 1.28 && kind == "Pod", spec.e = 1);"""
    cases = f"""
    - name: with a
      before: {POD.replace("priority: 1", "priority: 1, a: 1")}
      after: {POD.replace("priority: 1", "priority: 1, a: 1, b: 1")}
    """
    assert gaps(result(tmp_path, body, cases)) == [
        "no `unchanged` case",
        "no case reaches `modify(exists(spec.c), spec.d = 1);`",
        'no case reaches `deny(kind == "Job", "no");`',
        'no case reaches `modify(target("kubernetes") >= 1.28 && kind == "Pod", spec.e = 1);`',
    ]


def test_a_command_behind_a_change_of_kind_is_reached(tmp_path: Path) -> None:
    body = 'modify(kind == "Pod", kind = "Job");\n    modify(kind == "Job", spec.x = 1);'
    after = POD.replace("kind: Pod", "kind: Job").replace("priority: 1", "priority: 1, x: 1")
    assert gaps(result(tmp_path, body, f"- name: c\n  before: {POD}\n  after: {after}\n")) == ["no `unchanged` case"]


# ---- suites ----------------------------------------------------------------------------------------------------------


def names(path: Path) -> list[str]:
    return [rule.name for suite in suites(path) for rule in run_suite(suite).rules]


def test_what_paths_stand_for(tmp_path: Path) -> None:
    make_pack(tmp_path / "one", MANIFEST.replace("- cronjob", "- apis/cronjob"), name="apis/cronjob-batch-v1")
    add_rule(tmp_path / "one", "apis/stray", RULE.replace("cronjob-batch-v1", "stray"))
    add_rule(tmp_path / "one", "definitions", "define f() { remove(status); }\n")
    add_rule(tmp_path / "one" / ".git", "hidden", RULE)
    make_pack(tmp_path / "two", MANIFEST.replace("shop", "two"))
    add_rule(tmp_path, "loose", RULE)
    add_rule(tmp_path, "my-pack", 'rule "x" { remove(status); }\n')
    rule = tmp_path / "one" / "apis" / "cronjob-batch-v1.skel"
    assert names(rule) == ["shop/cronjob-batch-v1"]
    assert names(rule.with_name("cronjob-batch-v1.cases.yaml")) == ["shop/cronjob-batch-v1"]
    assert names(tmp_path / "one" / "apis") == ["shop/cronjob-batch-v1", "shop/stray"]
    assert names(tmp_path / "one") == ["shop/cronjob-batch-v1", "shop/stray"]
    assert names(tmp_path) == [
        "shop/cronjob-batch-v1",
        "shop/stray",
        "two/cronjob-batch-v1",
        "(no pack)/cronjob-batch-v1",
        "(no pack)/x",
    ]
    messages = [problem.message for suite in suites(tmp_path / "one") for problem in run_suite(suite).problems]
    assert messages == ["the rule is not listed in pack.yaml, so nobody runs it"]


def test_a_rule_needs_no_pack_and_a_broken_manifest_is_told(tmp_path: Path) -> None:
    rule = add_rule(tmp_path, "x", RULE)
    assert names(rule) == ["(no pack)/cronjob-batch-v1"]
    (tmp_path / "pack.yaml").write_text("name: [\n", "utf-8")
    (suite,) = suites(rule)
    broken = run_suite(suite)
    assert [found.rule is not None for found in suite.entries] == [True]
    assert "this is no YAML" in broken.problems[0].message
    assert exit_code([broken]) == 2


def test_exit_codes(tmp_path: Path) -> None:
    def code() -> int:
        return exit_code([run_suite(suite) for suite in suites(tmp_path)])

    make_pack(tmp_path)
    assert code() == 0
    make_pack(tmp_path, cases="- name: a\n  before: {apiVersion: batch/v1beta1, kind: CronJob}\n  unchanged: true\n")
    assert code() == 1
    make_pack(tmp_path, cases="- name: a\n")
    assert code() == 2
    make_pack(tmp_path, rule=RULE.replace("modify(", "modfy("))
    assert code() == 2


def test_cases_of_a_pack_without_component_have_no_target(tmp_path: Path) -> None:
    manifest = MANIFEST.replace("component: kubernetes\n", "").replace("kind: upgrade", "kind: transform")
    make_pack(tmp_path, manifest, cases="- name: a\n  before: {kind: A}\n  target: 1.25\n  unchanged: true\n")
    (suite,) = suites(tmp_path)
    assert [found.message for found in run_suite(suite).problems] == [
        "a case of a pack without `component` can't have a `target`"
    ]
