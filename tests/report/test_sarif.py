from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from skel.findings.model import Findings, Fix, Location, TextEdit
from skel.findings.severity import Safety
from tests.report.making import one, report
from tests.report.published import sarif_schema
from tests.report.sample import RULE, cronjob, sample


def run(findings: Findings, **settings: Any) -> dict[str, Any]:
    (found,) = json.loads(report(findings, "sarif", **settings))["runs"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("findings", [sample(), Findings(())], ids=["sample", "nothing"])
def test_the_log_fits_the_published_schema(findings: Findings) -> None:
    validator = jsonschema.Draft4Validator(json.loads(sarif_schema()), format_checker=jsonschema.FormatChecker())
    assert [error.message for error in validator.iter_errors(json.loads(report(findings, "sarif")))] == []


def test_each_finding_is_a_result_and_each_result_names_its_rule() -> None:
    found = run(sample())
    rules = found["tool"]["driver"]["rules"]
    assert len(found["results"]) == len(sample()) + len(sample().suppressed)
    for result in found["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rule["help"]["text"] for rule in rules)


def test_what_is_suppressed_is_marked_with_its_reason() -> None:
    marked = [result["suppressions"] for result in run(sample())["results"] if "suppressions" in result]
    assert [entry["justification"] for (entry,) in marked] == [
        "moves with the data centre (skel.toml)",
        "known when the baseline was written (baseline.json)",
    ]


def test_addresses_start_at_the_root_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "deploy" / "a b"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    (result,) = run(one(location=Location("x #1.yaml", line=3)), root=tmp_path)["results"]
    address = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert address == {"uri": "deploy/a%20b/x%20%231.yaml", "uriBaseId": "%SRCROOT%"}


def test_a_file_elsewhere_keeps_its_own_address(tmp_path: Path) -> None:
    (result,) = run(one(location=Location("/elsewhere/a.yaml", line=3)), root=tmp_path)["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///elsewhere/a.yaml"}


def test_the_fingerprint_survives_edits_around_the_finding() -> None:
    def marks(findings: Findings) -> list[str]:
        return [result["partialFingerprints"]["skelFinding/v1"] for result in run(findings)["results"]]

    before = one(location=Location("a.yaml", line=3, pointer="/apiVersion"))
    moved = one(location=Location("b.yaml", line=90, pointer="/apiVersion"), message="said in other words")
    other = one(location=Location("a.yaml", line=3, pointer="/kind"))
    assert marks(before) == marks(moved)
    assert marks(before) != marks(other)


def test_two_that_look_the_same_have_two_fingerprints() -> None:
    twice = Findings((cronjob("a", 1), cronjob("a", 2)))
    marks = {result["partialFingerprints"]["skelFinding/v1"] for result in run(twice)["results"]}
    assert len(marks) == 2


def test_a_fix_of_a_text_replaces_exactly_its_part() -> None:
    (change,) = next(result for result in run(sample())["results"] if "fixes" in result)["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    region = replacement["deletedRegion"]
    start, end = region["charOffset"], region["charOffset"] + region["charLength"]
    edited = RULE[:start] + replacement["insertedContent"]["text"] + RULE[end:]
    assert edited == '# old\ndelete(apiVersion == "batch/v1" && kind == "CronJob");\n'


def test_a_fix_that_lost_a_secret_is_not_offered() -> None:
    edits = (TextEdit("a.yaml", 0, 5, "password: correct-horse"),)
    (result,) = run(one(fix=Fix("write it", Safety.SAFE, edits=edits)))["results"]
    assert "fixes" not in result


def test_what_could_not_be_read_is_told() -> None:
    (invocation,) = run(sample())["invocations"]
    assert invocation["executionSuccessful"] is False
    levels = [note["level"] for note in invocation["toolExecutionNotifications"]]
    assert levels == ["error", "warning", "note", "note", "note"]
    complete = replace(sample(), problems=())
    assert run(complete)["invocations"][0]["executionSuccessful"] is True
