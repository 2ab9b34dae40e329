from __future__ import annotations

from pathlib import Path

import pytest

import skel
from skel.findings.severity import Safety, Severity
from skel.packs.manifest import Pack
from skel.packs.registry import find
from skel.trace.codec import Event, encode_object
from skel.upgrade.checking import prepare
from skel.upgrade.codes import TITLES, meaning
from skel.upgrade.selection import Stage

PACK = """\
name: toy
version: 1.0.0
component: kubernetes
title: A toy
kind: upgrade
prefix: TO
rules: [gone, moved, turned, announced]
"""
RULE = """\
rule "{id}" {{
    code "{code}";
    title "{title}";
    why "because";
    category "{category}";
{more}    severity "error";
    safety "{safety}";
    {body}
}}
"""


@pytest.fixture
def toy(tmp_path: Path) -> Pack:
    gone = 'modify(kind == "CronJob" && apiVersion == "batch/v1beta1", apiVersion = "batch/v1");'
    turned = 'deny(kind == "Pod" && exists(spec.hostPID), "look at hostPID");'
    moved = 'rekey(kind == "Pod", metadata.labels, "old", "new");'
    later = '    deprecated "1.23";\n    since "1.30";\n'
    rules = {
        "gone": ("TO001", "removal", '    since "1.20";\n', "safe", gone),
        "moved": ("TO002", "behaviour", '    since "1.22";\n', "unsafe", moved),
        "turned": ("TO003", "behaviour", '    since "1.24";\n', "safe", turned),
        "announced": ("TO004", "removal", later, "safe", 'modify(kind == "B", apiVersion = "example.com/v2");'),
    }
    (tmp_path / "pack.yaml").write_text(PACK)
    for name, (code, category, more, safety, body) in rules.items():
        text = RULE.format(id=name, code=code, title=name, category=category, more=more, safety=safety, body=body)
        (tmp_path / f"{name}.skel").write_text(text)
    return find(str(tmp_path))


def thing(kind: str, api_version: str = "v1", name: str = "a", **more: object) -> dict[str, object]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "n"}, **more}


def trace(*events: tuple[list[dict[str, object]], list[dict[str, object]]]) -> skel.Trace:
    made = [
        Event(100 + number, [encode_object(one) for one in applied], [encode_object(one) for one in deleted])
        for number, (applied, deleted) in enumerate(events)
    ]
    return skel.Trace.make(made, {"trackedObjects": {}}, {}, {})


def stages(pack: Pack, source: str | None, target: str) -> dict[str, Stage]:
    return {one.rule.id: one.stage for one in prepare(source, target, packs=[pack]).rules.by_number}


def test_rules_are_chosen_by_the_way(toy: Pack) -> None:
    assert stages(toy, "1.19", "1.21") == {"gone": Stage.DUE}
    assert stages(toy, "1.22", "1.23") == {"gone": Stage.DUE, "announced": Stage.ANNOUNCED}
    assert stages(toy, "1.21", "1.24") == {
        "gone": Stage.DUE,
        "moved": Stage.DUE,
        "turned": Stage.DUE,
        "announced": Stage.ANNOUNCED,
    }
    assert stages(toy, "1.24", "1.30") == {"gone": Stage.DUE, "announced": Stage.DUE}
    assert set(stages(toy, None, "1.36")) == {"gone", "moved", "turned", "announced"}


def test_what_is_announced_is_a_warning_and_runs_last(toy: Pack) -> None:
    found = skel.upgrade.check(trace(([thing("B", "example.com/v1")], [])), source="1.22", target="1.24", packs=[toy])
    (finding,) = found
    assert finding.severity is Severity.WARNING
    assert finding.category == "deprecation"
    assert "1.30" in finding.message
    assert "1.23" in finding.message


def test_a_finding_carries_its_fix(toy: Pack) -> None:
    found = skel.upgrade.check(trace(([thing("CronJob", "batch/v1beta1")], [])), target="1.21", packs=[toy])
    (finding,) = found
    assert (finding.code, finding.hop, finding.severity) == ("TO001", "1.20", Severity.ERROR)
    assert finding.fix is not None
    assert finding.fix.safety is Safety.SAFE
    assert finding.location.pointer == "/apiVersion"
    assert finding.object is not None
    assert str(finding.object) == "CronJob/n/a"


def test_deny_has_words_and_no_fix(toy: Pack) -> None:
    pod = thing("Pod", spec={"hostPID": True})
    (finding,) = skel.upgrade.check(trace(([pod], [])), source="1.23", target="1.24", packs=[toy])
    assert finding.message == "look at hostPID"
    assert finding.fix is None


def test_one_object_is_one_finding_however_often_it_occurs(toy: Pack) -> None:
    old = thing("CronJob", "batch/v1beta1")
    found = skel.upgrade.check(trace(([old], []), ([old], []), ([], [old])), target="1.21", packs=[toy])
    (finding,) = found
    assert (finding.times, finding.location.event) == (2, 1)
    assert "deleted in event 2" in finding.evidence[0].detail


def test_newer_evidence_makes_older_stale(toy: Pack) -> None:
    old, new = thing("CronJob", "batch/v1beta1"), thing("CronJob", "batch/v1")
    found = skel.upgrade.check(trace(([old], []), ([new], [])), target="1.21", packs=[toy])
    (finding,) = found
    assert finding.is_stale
    assert finding.severity is Severity.INFO
    assert finding.evidence[0].clear


def test_an_object_that_no_rule_can_be_run_on_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(PACK.replace("[gone, moved, turned, announced]", "[odd]"))
    body = "modify(spec.x = spec.list[*]);"
    text = RULE.format(
        id="odd", code="TO001", title="t", category="removal", more='    since "1.20";\n', safety="safe", body=body
    )
    (tmp_path / "odd.skel").write_text(text)
    good, bad = thing("Pod", spec={"list": [1]}), thing("Pod", name="b", spec={"list": [1, 2]})
    found = skel.upgrade.check(trace(([bad, good], [])), target="1.21", packs=[find(str(tmp_path))])
    assert [str(finding.object) for finding in found] == ["Pod/n/a"]
    (problem,) = found.problems
    assert found.is_partial
    assert problem.location.event == 0


def test_kinds_that_nobody_knows_are_told(toy: Pack) -> None:
    found = skel.upgrade.check(trace(([thing("Widget", "example.com/v1")], [])), target="1.21", packs=[toy])
    (note,) = found.not_checked
    assert (note.what, note.count) == ("example.com/v1 Widget", 1)


@pytest.mark.parametrize(
    ("api_version", "kind", "code", "severity"),
    [
        ("settings.k8s.io/v1alpha1", "PodPreset", "UP001", Severity.ERROR),
        ("batch/v9", "Job", "UP003", Severity.ERROR),
        ("scheduling.k8s.io/v1", "PriorityKlass", "UP003", Severity.ERROR),
    ],
)
def test_what_no_pack_knows_is_found_by_the_facts(
    toy: Pack, api_version: str, kind: str, code: str, severity: Severity
) -> None:
    found = skel.upgrade.check(trace(([thing(kind, api_version)], [])), target="1.30", packs=[toy])
    assert [(one.code, one.severity) for one in found] == [(code, severity)]


def test_what_must_be_switched_on_is_a_warning(toy: Pack) -> None:
    policy = thing("ValidatingAdmissionPolicy", "admissionregistration.k8s.io/v1beta1")
    found = skel.upgrade.check(trace(([policy], [])), target="1.29", packs=[toy])
    assert [(one.code, one.severity) for one in found] == [("UP002", Severity.WARNING)]


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [("1.25", "1.24", "older"), (None, "1.99", "known: 1.13 to"), (None, "25", "1.25"), ("x", "1.25", "release")],
)
def test_bad_releases_have_words(source: str | None, target: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        skel.upgrade.check(trace(), source=source, target=target)


def test_migrate_applies_what_is_safe_and_tells_the_rest(toy: Pack) -> None:
    pod = thing("Pod", spec={"hostPID": True})
    pod["metadata"] = {"name": "p", "labels": {"old": "1"}}
    before = trace(([thing("CronJob", "batch/v1beta1"), pod, thing("B", "example.com/v1")], []))
    careful = skel.upgrade.migrate(before, source="1.19", target="1.24", packs=[toy])
    assert [one.rule for one in careful.left] == ["toy/moved", "toy/turned", "toy/announced"]
    bold = skel.upgrade.migrate(before, source="1.19", target="1.24", packs=[toy], unsafe=True, deprecated=True)
    assert [one.rule for one in bold.left] == ["toy/turned"]
    again = skel.upgrade.migrate(careful.trace, source="1.19", target="1.24", packs=[toy])
    assert again.trace is careful.trace


@pytest.mark.parametrize("code", ["UP001", "up002", "UP003"])
def test_each_code_of_a_check_has_a_page(code: str) -> None:
    assert len(meaning(code)) > 80
    assert TITLES[code.upper()]
