from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.findings.baseline import Baseline, apply_baseline, baseline_text, new_baseline, read_baseline
from skel.findings.errors import BadSettingError
from skel.findings.model import Finding, Findings, Location, Problem
from tests.report.sample import cronjob, lint, sample

TODAY = date(2025, 1, 2)
EMPTY = Baseline("baseline.json")


def known(*findings: Finding, **more: str) -> Baseline:
    """A baseline of these, by way of its file."""
    made = new_baseline(Findings(findings), EMPTY)
    told = tuple(replace(entry, **more) for entry in made.entries)
    return read_baseline(baseline_text(replace(made, entries=told)), "baseline.json")


def test_what_is_known_is_suppressed_and_what_is_new_is_not() -> None:
    old, new = cronjob("backup", 1), cronjob("report", 2)
    settled = apply_baseline(Findings((old, new)), known(old), TODAY)
    assert settled.findings == (new,)
    assert [(entry.finding, entry.by) for entry in settled.suppressed] == [(old, "baseline.json")]


def test_a_third_of_a_kind_is_new() -> None:
    twin = cronjob("backup", 1)
    settled = apply_baseline(Findings((twin, twin, twin)), known(twin, twin), TODAY)
    assert len(settled) == 1


def test_a_finding_is_known_wherever_it_moved() -> None:
    moved = cronjob("backup", 9, message="other words", location=Location("b.yaml", line=4, pointer="/apiVersion"))
    assert not apply_baseline(Findings((moved,)), known(cronjob("backup", 1)), TODAY).findings


def test_what_is_repaired_is_told() -> None:
    (unused,) = apply_baseline(Findings((), target="1.25"), known(cronjob("backup", 1)), TODAY).unused
    assert "KU112 batch/v1beta1 CronJob/shop/backup /apiVersion is not found any more" in unused


def test_a_run_to_an_earlier_release_does_not_ask_for_later_ones() -> None:
    baseline = known(cronjob("backup", 1, hop="1.25"))
    assert apply_baseline(Findings((), target="1.24"), baseline, TODAY).unused == ()


def test_nobody_knows_what_is_repaired_where_input_is_missing() -> None:
    broken = Findings((), problems=(Problem(Location("a.yaml"), "no YAML"),))
    assert apply_baseline(broken, known(cronjob("backup", 1)), TODAY).unused == ()


def test_an_entry_that_ended_covers_nothing() -> None:
    found = cronjob("backup", 1)
    settled = apply_baseline(Findings((found,)), known(found, expires="2025-01-01"), TODAY)
    assert settled.findings == (found,)
    assert "was to be repaired by 2025-01-01" in settled.problems[0].message
    assert not apply_baseline(Findings((found,)), known(found, expires="2025-01-02"), TODAY).findings


def test_writing_again_keeps_reasons_and_ends() -> None:
    found, other = cronjob("backup", 1), cronjob("report", 2)
    told = known(found, reason="the team is on it", expires="2026-01-01")
    again = new_baseline(Findings((other, found)), told)
    assert {(entry.reason, entry.expires) for entry in again.entries} == {
        ("the team is on it", "2026-01-01"),
        ("known when the baseline was written", ""),
    }


def test_what_another_tool_knows_stays() -> None:
    checked = known(cronjob("backup", 1))
    both = new_baseline(Findings((lint(),), tool="lint"), checked)
    assert {entry.tool for entry in both.entries} == {"check", "lint"}
    assert not apply_baseline(Findings((lint(),), tool="lint"), both, TODAY).unused


@given(st.permutations(sample().findings))
def test_the_file_is_the_same_in_whatever_order_things_are_found(findings: list[Finding]) -> None:
    made = new_baseline(Findings(tuple(findings)), EMPTY)
    assert made == new_baseline(sample(), EMPTY)
    assert baseline_text(read_baseline(baseline_text(made), "baseline.json")) == baseline_text(made)
    assert not apply_baseline(Findings(tuple(findings)), made, TODAY).findings


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no JSON"),
        ("[]", "has no list `entries`"),
        ('{"schemaVersion": 2, "entries": []}', "schemaVersion 2"),
        ('{"schemaVersion": 1, "entries": [3]}', "entry 1 is no map"),
        ('{"schemaVersion": 1, "entries": [{"tool": "check", "code": "A"}]}', "has no `fingerprint`"),
        (
            json.dumps({"schemaVersion": 1, "entries": [{"tool": "a", "code": "b", "fingerprint": "c", "x": ""}]}),
            "there is no `x`",
        ),
        (
            json.dumps(
                {"schemaVersion": 1, "entries": [{"tool": "a", "code": "b", "fingerprint": "c", "expires": "x"}]}
            ),
            "is no date",
        ),
    ],
)
def test_what_is_no_baseline_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadSettingError) as caught:
        read_baseline(text, "known.json")
    assert words in caught.value.message
    assert "known.json" in caught.value.message
