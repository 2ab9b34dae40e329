from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from skel.findings.errors import BadSettingError
from skel.findings.ignore import Ignore, apply_ignores, read_ignore
from skel.findings.model import Findings, Location, Problem
from tests.report.sample import cronjob, lint

TODAY = date(2025, 1, 2)
FOUND = cronjob("backup", 1)


def ignore(**entry: Any) -> Ignore:
    return read_ignore({"reason": "known", **entry}, origin="skel.toml", number=1, folder=Path.cwd())


@pytest.mark.parametrize(
    "entry",
    [
        {"code": "KU112"},
        {"code": "KU1*"},
        {"rule": "kubernetes/cronjob-batch-v1"},
        {"rule": "cronjob-*"},
        {"rule": "KU112"},
        {"kind": "CronJob", "namespace": "shop", "name": "back*"},
        {"labels": "app=shop,!legacy"},
        {"file": "prod.*"},
    ],
    ids=str,
)
def test_what_fits_is_covered(entry: dict[str, str]) -> None:
    assert ignore(**entry).covers(FOUND)


@pytest.mark.parametrize(
    "entry",
    [
        {"code": "KU113"},
        {"code": "KU112", "namespace": "prod"},
        {"rule": "cronjob"},
        {"kind": "cronjob"},
        {"labels": "app=api"},
        {"file": "manifests/*"},
        {"code": "KU112", "name": "backup?"},
    ],
    ids=str,
)
def test_one_thing_that_does_not_fit_is_enough(entry: dict[str, str]) -> None:
    assert not ignore(**entry).covers(FOUND)


def test_what_names_an_object_covers_no_lint() -> None:
    assert not ignore(name="*").covers(lint())
    assert ignore(file="rules/*").covers(lint())


def test_files_are_seen_from_the_folder_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deploy").mkdir()
    monkeypatch.chdir(tmp_path / "deploy")
    found = replace(FOUND, location=Location("a.yaml", line=1))
    settings = {"reason": "known", "file": "deploy/*.yaml"}
    assert read_ignore(settings, origin="../skel.toml", number=1, folder=tmp_path).covers(found)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("KU112", "is no table"),
        ({"code": "KU112"}, "has no reason"),
        ({"code": "KU112", "reason": " "}, "has no reason"),
        ({"reason": "known"}, "says nothing of what it ignores"),
        ({"reason": "known", "cod": "KU112"}, "there is no `cod`"),
        ({"reason": "known", "code": 112}, "`code` must be a text"),
        ({"reason": "known", "labels": "a b"}, "is no label selector"),
        ({"reason": "known", "code": "KU112", "expires": "May"}, "is no date"),
    ],
)
def test_a_wrong_ignore_is_told_with_its_place(entry: object, words: str) -> None:
    with pytest.raises(BadSettingError, match=r"skel\.toml: ignore 3") as caught:
        read_ignore(entry, origin="skel.toml", number=3, folder=Path())
    assert words in caught.value.message


def test_what_is_covered_is_suppressed_with_its_reason() -> None:
    other = cronjob("report", 2)
    settled = apply_ignores(Findings((other, FOUND)), [ignore(name="backup")], TODAY)
    assert settled.findings == (other,)
    assert [(entry.finding, entry.reason, entry.by) for entry in settled.suppressed] == [(FOUND, "known", "skel.toml")]
    assert settled.unused == ()


@pytest.mark.parametrize("expires", [date(2025, 1, 2), datetime(2025, 1, 2, 8), "2025-01-02", "2025-06-01", ""])  # noqa: DTZ001
def test_an_ignore_holds_through_its_last_day(expires: object) -> None:
    settled = apply_ignores(Findings((FOUND,)), [ignore(code="KU112", expires=expires)], TODAY)
    assert not settled.findings
    assert not settled.problems


def test_an_ignore_that_ended_covers_nothing_and_is_told() -> None:
    settled = apply_ignores(Findings((FOUND,)), [ignore(code="KU112", expires=date(2025, 1, 1))], TODAY)
    assert settled.findings == (FOUND,)
    (problem,) = settled.problems
    assert "ended on 2025-01-01" in problem.message
    assert not settled.is_partial


def test_an_ignore_that_covers_nothing_is_told() -> None:
    settled = apply_ignores(Findings((FOUND,)), [ignore(code="KU999")], TODAY)
    assert settled.unused == ("ignore 1 of skel.toml (code=KU999): covers nothing",)


def test_nobody_knows_what_is_unused_where_input_is_missing() -> None:
    broken = Findings((FOUND,), problems=(Problem(Location("a.yaml"), "no YAML"),))
    assert apply_ignores(broken, [ignore(code="KU999")], TODAY).unused == ()
