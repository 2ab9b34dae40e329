"""`skel compare` as a person meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli import golden
from tests.cli.conftest import Run, assert_refused
from tests.replay import shop_runs
from tests.replay.runs import a_run, request, write_run


@pytest.fixture
def two(work: Path) -> Path:
    """`before` and `after` in the working directory."""
    shop_runs.before(work)
    shop_runs.after(work)
    return work


def test_two_runs(skel: Run, two: Path) -> None:
    result = skel("compare", "before", "after")
    assert (result.code, result.err) == (1, "")
    golden.check("compare", result.text)


def test_the_same(skel: Run, two: Path) -> None:
    assert skel("compare", "before", "before/").code == 0


def test_repeated_runs(skel: Run, two: Path) -> None:
    result = skel("compare", "before", "after", "--against", "after")
    assert result.code == 0
    assert skel("compare", "before", "--against", "after", "--against", "after").code == 1


def test_tolerances_from_the_command_line_and_from_the_settings(skel: Run, work: Path) -> None:
    a_run(work / "a", [request(0)])
    a_run(work / "b", [request(0, verdict="rejected")])
    assert skel("compare", "a", "b").code == 1
    assert skel("compare", "a", "b", "--tolerance", "requests=1").code == 0
    (work / "skel.toml").write_text('output = "sarif"\n[compare]\ntolerance = ["requests=1"]\n')
    assert skel("compare", "a", "b").code == 0
    assert skel("compare", "a", "b", "--tolerance", "requests=0").code == 1


def test_a_form_for_all_verbs_is_passed_over_where_it_is_none(skel: Run, two: Path) -> None:
    """`--output` of `migrate` is a file: a setting for reports must not name one."""
    (two / "skel.toml").write_text('output = "json"\n')
    assert skel("compare", "before", "before").text.startswith("{")
    assert "nothing was written" in skel("migrate", "t.sktrace", "--to", "1.25").err
    assert not (two / "json").exists()
    (two / "skel.toml").write_text('output = "wide"\n')
    assert skel("compare", "before", "before").text.startswith("before")


def test_a_page_beside_the_report(skel: Run, two: Path) -> None:
    result = skel("compare", "before", "after", "--report", "r.html", "-o", "json")
    assert result.code == 1
    assert json.loads(result.text)["verdict"] == "different"
    assert result.err == "a page to hand on: r.html\n"
    assert Path("r.html").read_text().startswith("<!doctype html>")


def test_a_report_in_a_file(skel: Run, two: Path) -> None:
    assert skel("compare", "before", "after", "-o", "junit", "--output-file", "r.xml").out == b""
    assert Path("r.xml").read_text().startswith("<?xml")


def test_runs_of_one_name_are_told_apart(skel: Run, work: Path) -> None:
    for folder in ("one/run", "two/run"):
        write_run(work / folder, [])
    assert "one/run" in skel("compare", "one/run", "two/run").text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name two runs"),
        (("before",), "name two runs"),
        (("before", "after", "before"), "--against"),
        (("--against", "after"), "name two runs"),
        (("before", "nowhere"), "nowhere: there is no such folder"),
        (("before", "t.sktrace"), "t.sktrace is a file"),
        (("before", "."), "is not the folder of a run"),
        (("before", "after", "--tolerance", "latenzy=5%"), "there is no measure `latenzy`"),
        (("before", "after", "--report", "x.html", "--output-file", "x.html"), "the same file"),
    ],
)
def test_bad_input(skel: Run, two: Path, arguments: tuple[str, ...], words: str) -> None:
    assert_refused(skel("compare", *arguments), words)
