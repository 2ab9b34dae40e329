"""`skel lint` from outside: what it reads, says, writes, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import golden
from tests.cli.conftest import Run, assert_refused, environment, leftovers
from tests.cli.test_start_up import WATCH

BAD = 'delete(kind == "Pod" && kind == "Job");\n'
MENDABLE = "# a remark\nremove(**.**.image);\n"


def test_screen(skel: Run, work: Path) -> None:
    Path("t.skel").write_text(
        'import "kubernetes/labels";\n\n'
        'rule "a" {\n'
        '    title "A";\n\n'
        "    # skel: ignore[SK113] shows how\n"
        '    delete(kind == "Pod" && kind == "Job");\n'
        '    modify(kind == "CronJob", spec.template.spec.hostNetwork = true);\n'
        '    modify(kind == "Deployment", spec.replicas = "3");\n'
        '    append(metadata.finalizers, "a/b");\n'
        "}\n",
        "utf-8",
    )
    result = skel("lint", "t.skel")
    assert result.code == 1
    golden.check("lint", result.text)


def test_clean(skel: Run, work: Path) -> None:
    Path("t.skel").write_text("remove(status);\n", "utf-8")
    result = skel("lint", "t.skel")
    assert (result.code, result.err) == (0, "")
    assert "no findings" in result.text


def test_folder_and_standard_input(skel: Run, work: Path) -> None:
    Path("rules/deep").mkdir(parents=True)
    Path("rules/a.skel").write_text("remove(status);\n", "utf-8")
    Path("rules/deep/b.skel").write_text(BAD, "utf-8")
    result = skel("lint", "rules", "-", "-o", "json", stdin=BAD.encode())
    report = json.loads(result.text)
    places = [(found["code"], found["location"]["file"]) for found in report["findings"]]
    assert places == [("SK113", "<standard input>"), ("SK113", "rules/deep/b.skel")]
    assert result.code == 1


def test_json(skel: Run, work: Path) -> None:
    Path("t.skel").write_text(MENDABLE, "utf-8")
    (found,) = json.loads(skel("lint", "t.skel", "-o", "json").text)["findings"]
    assert (found["code"], found["rule"], found["severity"]) == ("SK124", "repeated-double-star", "warning")
    assert (found["location"]["file"], found["location"]["line"]) == ("t.skel", 2)
    assert found["fix"]["safety"] == "safe"


def test_sarif_is_written(skel: Run, work: Path) -> None:
    Path("t.skel").write_text(BAD, "utf-8")
    result = skel("lint", "t.skel", "-o", "sarif")
    assert json.loads(result.text)["runs"][0]["results"][0]["ruleId"] == "SK113"
    assert result.code == 1


def test_names_of_one_run(skel: Run, work: Path) -> None:
    """A definition that another file of the run uses is used, whatever the way to it."""
    Path("lib").mkdir()
    Path("lib/a.skel").write_text("define clean() { remove(status); }\nremove(spec.a);\n", "utf-8")
    Path("b.skel").write_text('import "./lib/a";\nclean();\n', "utf-8")
    assert "SK102" in skel("lint", "lib/a.skel").text
    assert skel("lint", ".").code == 0
    assert skel("lint", str(Path("lib/a.skel").absolute()), "b.skel").code == 0


def test_mistakes_of_the_language_are_shown(skel: Run, work: Path) -> None:
    Path("t.skel").write_text('delete(kind = "Pod");\n' + BAD, "utf-8")
    result = skel("lint", "t.skel")
    assert result.code == 1
    assert "error[SK014]" in result.text
    assert "SK113" not in result.text, "of a program that can't be read nothing else is said"


def test_fix(skel: Run, work: Path) -> None:
    Path("t.skel").write_text(MENDABLE + BAD, "utf-8")
    result = skel("lint", "t.skel", "--fix")
    assert Path("t.skel").read_text("utf-8") == MENDABLE.replace("**.**", "**") + BAD
    assert result.err == "t.skel: 1 fixed\n"
    assert result.code == 1
    assert "SK113" in result.text
    assert "SK124" not in result.text
    assert leftovers(work) == []


def test_fix_of_standard_input(skel: Run, work: Path) -> None:
    result = skel("lint", "-", "--fix", stdin=MENDABLE.encode())
    assert result.text == MENDABLE.replace("**.**", "**")
    assert "no findings" in result.err
    assert result.code == 0


def test_diff(skel: Run, work: Path) -> None:
    Path("t.skel").write_text(MENDABLE, "utf-8")
    result = skel("lint", "t.skel", "--diff")
    assert "-remove(**.**.image);\n+remove(**.image);" in result.text
    assert result.code == 1
    assert Path("t.skel").read_text("utf-8") == MENDABLE
    Path("t.skel").write_text(BAD, "utf-8")
    assert (skel("lint", "t.skel", "--diff").text, skel("lint", "t.skel", "--diff").code) == ("", 0)


def test_unsafe_fixes(skel: Run, work: Path) -> None:
    text = 'delete(kind == "deployment");\n'
    Path("t.skel").write_text(text, "utf-8")
    skel("lint", "t.skel", "--fix")
    assert Path("t.skel").read_text("utf-8") == text
    assert skel("lint", "t.skel", "--fix", "--unsafe-fixes").code == 0
    assert Path("t.skel").read_text("utf-8") == 'delete(kind == "Deployment");\n'
    assert_refused(skel("lint", "t.skel", "--unsafe-fixes"), "--fix or --diff")


def test_trace(skel: Run, work: Path) -> None:
    Path("t.skel").write_text('remove(metadata.labels.nobody == "has this", spec.a);\n', "utf-8")
    assert skel("lint", "t.skel").code == 0
    result = skel("lint", "t.skel", "--trace", "t.sktrace")
    assert "SK150" in result.text
    assert result.code == 1


def test_strict_reference(skel: Run, work: Path) -> None:
    Path("t.skel").write_text("remove(podSpec.volumes);\n", "utf-8")
    assert skel("lint", "t.skel").code == 0
    assert "SK160" in skel("lint", "t.skel", "--strict-reference").text


def test_releases(skel: Run, work: Path) -> None:
    Path("t.skel").write_text('remove(kind == "CronJob" && apiVersion == "batch/v1beta1", status);\n', "utf-8")
    assert skel("lint", "t.skel").code == 0
    assert "SK134" in skel("lint", "t.skel", "--from", "1.25", "--to", "v1.29.3").text
    assert_refused(skel("lint", "t.skel", "--to", "1.99"), "no data for Kubernetes 1.99", "known: 1.13 to")
    assert_refused(skel("lint", "t.skel", "--from", "1.25", "--to", "1.24"), "1.24 is older than 1.25")


def test_a_pack_says_for_which_releases_it_is(skel: Run, work: Path) -> None:
    manifest = "name: p\nversion: 1.0.0\ncomponent: kubernetes\ntitle: P\nkind: upgrade\nprefix: XX\n"
    Path("pack.yaml").write_text(f'{manifest}from: "1.25"\nto: "1.30"\nrules: []\n', "utf-8")
    rule = 'rule "a" {\n    remove(kind == "CronJob" && apiVersion == "batch/v1beta1", status);\n}\n'
    Path("a.skel").write_text(rule, "utf-8")
    shown = skel("lint", "a.skel").text
    assert "CronJob is not served in batch/v1beta1 in 1.25 to 1.30" in shown
    assert "SK140" in shown, "a rule of a pack says what it is"
    assert "SK134" not in skel("lint", "a.skel", "--from", "1.20").text


def test_one_broken_file_among_others(skel: Run, work: Path) -> None:
    Path("a.skel").write_bytes(b"remove(\xff);\n")
    Path("b.skel").write_text(BAD, "utf-8")
    result = skel("lint", ".")
    assert result.code == 2
    assert "a.skel" in result.text
    assert "SK113" in result.text
    assert_refused(skel("lint", "a.skel"), "not valid UTF-8")


def test_wrong_usage(skel: Run, work: Path) -> None:
    assert_refused(skel("lint"), "FILES")
    assert_refused(skel("lint", "nowhere.skel"), "nowhere.skel", "no such file")
    Path("empty").mkdir()
    assert_refused(skel("lint", "empty"), "no .skel files in empty")
    Path("t.skel").write_text(BAD, "utf-8")
    assert_refused(skel("lint", "t.skel", "--trace", "nowhere.sktrace"), "nowhere.sktrace")


@pytest.mark.parametrize("code", ["SK113", "sk113", "impossible-selector"])
def test_explain(skel: Run, code: str) -> None:
    result = skel("explain", code)
    assert result.code == 0
    assert "SK113 no object can meet a selector" in result.text


def test_explain_lists_lints(skel: Run) -> None:
    assert "SK190  an ignore suppresses nothing" in skel("explain").text


def test_starts_without_the_engine(work: Path) -> None:
    """Only a rule that must be tried loads it, only an expression the library for expressions."""
    Path("t.skel").write_text('delete(kind == "Pod");\n', "utf-8")
    watched = "skel.engine.run,skel.compiler.program,skel.packs.manifest,re2,lark,jinja2,rich"
    done = subprocess.run(
        [sys.executable, "-c", WATCH, watched, "lint", "t.skel"], capture_output=True, env=environment(), timeout=60
    )
    assert done.stderr.decode().splitlines()[-1] == "[] 0"
