from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from skel.findings.exit import FailOn
from skel.findings.model import Findings
from tests.report.making import report
from tests.report.published import junit_schema
from tests.report.sample import sample

OUTCOMES = ("failure", "error", "skipped")


def cases(findings: Findings, fail_on: FailOn = FailOn.DEPRECATED) -> Counter[str]:
    """How many test cases of each outcome there are."""
    found: Counter[str] = Counter()
    for case in ET.fromstring(report(findings, "junit", fail_on=fail_on)).iter("testcase"):
        found[next((child.tag for child in case), "passed")] += 1
    return found


@pytest.mark.parametrize("findings", [sample(), Findings(())], ids=["sample", "nothing"])
def test_the_report_fits_the_published_schema(findings: Findings) -> None:
    schema = xmlschema.XMLSchema(io.StringIO(junit_schema()))
    schema.validate(io.StringIO(report(findings, "junit").partition("\n")[2]))


def test_what_fails_the_run_is_a_failure_and_all_else_is_not() -> None:
    assert cases(sample()) == {"failure": 7, "passed": 1, "skipped": 2, "error": 1}
    assert cases(sample(), FailOn.REMOVED) == {"failure": 5, "passed": 3, "skipped": 2, "error": 1}
    assert cases(sample(), FailOn.NEVER) == {"passed": 8, "skipped": 2, "error": 1}
    assert cases(sample(), FailOn.ANY) == {"failure": 8, "skipped": 2, "error": 1}


def test_without_findings_a_case_says_that_something_was_checked() -> None:
    assert cases(Findings(())) == {"passed": 1}


def test_what_passes_is_still_told() -> None:
    quiet = report(replace(sample(), problems=()), "junit", fail_on=FailOn.NEVER)
    assert "Move to batch/v1 (safe)" in quiet


def test_the_counts_of_a_suite_are_those_of_its_cases() -> None:
    """The schema of Apache Ant wants them, in this order of parts, and numbers that count."""
    root = ET.fromstring(report(sample(), "junit"))
    for number, suite in enumerate(root):
        found = [child.tag for case in suite.iter("testcase") for child in case]
        for attribute, outcome in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.attrib[attribute]) == found.count(outcome)
        assert int(suite.attrib["tests"]) == len(list(suite.iter("testcase")))
        assert suite.attrib["id"] == str(number)
        order = list(dict.fromkeys(child.tag for child in suite))
        assert order == ["properties", "testcase", "system-out", "system-err"]
