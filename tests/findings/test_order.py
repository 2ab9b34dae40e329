from __future__ import annotations

from dataclasses import replace

from skel.findings.fingerprint import fingerprints
from skel.findings.model import Finding, Findings, FoundObject, Location
from skel.findings.order import in_order
from skel.findings.severity import Severity
from tests.report.sample import cronjob, lint


def ordered(*findings: Finding) -> list[Finding]:
    return list(in_order(Findings(findings)).findings)


def test_releases_are_numbers_and_what_has_none_comes_last() -> None:
    hops = ["", "1.25", "1.9", "next", "1.10"]
    assert [found.hop for found in ordered(*(cronjob("a", 1, hop=hop) for hop in hops))] == [
        "1.9",
        "1.10",
        "1.25",
        "next",
        "",
    ]


def test_the_worst_comes_first() -> None:
    found = ordered(*(cronjob("a", 1, severity=severity) for severity in reversed(Severity)))
    assert [entry.severity for entry in found] == list(Severity)


def test_a_text_is_read_from_top_to_bottom() -> None:
    places = [Location("b.skel", 1), Location("a.skel", 10, 3), Location("a.skel", 9, 40), Location("a.skel")]
    found = ordered(*(Finding("L1", "x", Severity.INFO, "m", place) for place in places))
    assert [str(entry.location) for entry in found] == ["a.skel", "a.skel:9:40", "a.skel:10:3", "b.skel:1"]


def test_the_version_of_an_api_is_no_part_of_a_fingerprint_but_its_group_is() -> None:
    def mark(api_version: str) -> str:
        (found,) = fingerprints([cronjob("a", 1, object=FoundObject(api_version, "CronJob", "shop", "a"))])
        return found

    assert mark("batch/v1beta1") == mark("batch/v1")
    assert mark("batch/v1") != mark("other.io/v1")
    assert mark("v1") == mark("v2")


def test_a_lint_is_known_by_its_file_and_message() -> None:
    moved = replace(lint(), location=Location("./rules/old.skel", line=99))
    assert fingerprints([lint()]) == fingerprints([moved])
    assert fingerprints([lint()]) != fingerprints([replace(lint(), message="something else")])
