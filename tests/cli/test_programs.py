"""The verbs for programs alone: compile, fmt, explain."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli import golden
from tests.cli.conftest import Run, assert_refused

UGLY = 'remove( kind=="Pod",status ) ;\n'
NEAT = 'remove(kind == "Pod", status);\n'


def test_compile(skel: Run) -> None:
    result = skel("compile", "-e", 'modify(kind == "CronJob", apiVersion = "batch/v1"); remove(status);')
    assert (result.code, result.err) == (0, "")
    golden.check("compile", result.text)


def test_compile_as_json(skel: Run) -> None:
    assert json.loads(skel("compile", "-e", UGLY, "-o", "json").out)["schemaVersion"] == 1


def test_compile_shows_every_mistake(skel: Run) -> None:
    result = skel("compile", "-e", 'remov(status);\ndelete(kind = "Pod");\nremove($c.ports);')
    assert_refused(result, "3 errors")
    golden.check("mistakes", result.err)


def test_compile_needs_a_program(skel: Run) -> None:
    assert_refused(skel("compile"), "name a program")


def test_format_in_place(skel: Run, work: Path) -> None:
    Path("a.skel").write_text(UGLY)
    Path("b.skel").write_text(NEAT)
    result = skel("fmt", "a.skel", "b.skel")
    assert (result.code, result.out, result.err) == (0, b"", "formatted a.skel\n")
    assert Path("a.skel").read_text() == NEAT


def test_format_a_folder(skel: Run, work: Path) -> None:
    folder = work / "pack"
    folder.mkdir()
    (folder / "a.skel").write_text(UGLY)
    (folder / "a.txt").write_text(UGLY)
    assert skel("fmt", "pack").code == 0
    assert ((folder / "a.skel").read_text(), (folder / "a.txt").read_text()) == (NEAT, UGLY)


@pytest.mark.parametrize(("text", "code"), [(UGLY, 1), (NEAT, 0)])
def test_format_check_and_diff_write_nothing(skel: Run, work: Path, text: str, code: int) -> None:
    Path("a.skel").write_text(text)
    assert skel("fmt", "--check", "a.skel").code == code
    result = skel("fmt", "--diff", "a.skel")
    assert result.code == code
    assert (f"+{NEAT}" in result.text) is bool(code)
    assert Path("a.skel").read_text() == text


def test_format_standard_input(skel: Run) -> None:
    result = skel("fmt", "-", stdin=UGLY.encode())
    assert (result.code, result.text) == (0, NEAT)


def test_format_leaves_a_wrong_program_alone(skel: Run, work: Path) -> None:
    Path("a.skel").write_text("remove(status")
    assert_refused(skel("fmt", "a.skel"), "a.skel:1:")
    assert Path("a.skel").read_text() == "remove(status"


def test_explain(skel: Run) -> None:
    assert "SK021" in skel("explain").text
    text = skel("explain", "sk021").text
    assert text.startswith("SK021 undefined variable\n")
    assert "\nwrong\n" in text
    assert "\nright\n" in text
    assert_refused(skel("explain", "SK999"), "there is no code SK999")
