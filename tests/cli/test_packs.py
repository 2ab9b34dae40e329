"""`skel test` and `skel pack` as people see them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from tests.cli import golden
from tests.cli.conftest import Run, assert_refused
from tests.packs.making import CASES, MANIFEST, RULE, add_rule, make_pack
from tests.report.published import junit_schema

BAD_CASES = """\
- name: it moves
  before: {apiVersion: batch/v1beta1, kind: CronJob, metadata: {name: a}}
  after: {apiVersion: batch/v1, kind: CronJob, metadata: {name: b}}
- name: it is quiet
  before: {apiVersion: batch/v1beta1, kind: CronJob, metadata: {name: a}}
  unchanged: true
- name: it stays
  before: {apiVersion: batch/v1, kind: CronJob, metadata: {name: a}}
  unchanged: true
"""

DENY = (
    RULE.replace("cronjob-batch-v1", "cronjob-watched")
    .replace("SH101", "SH102")
    .replace(
        '    modify(kind == "CronJob" && apiVersion == "batch/v1beta1", apiVersion = "batch/v1");\n',
        '    deny(kind == "CronJob", "look at \\"this\\"");\n    deny(kind == "Job", "and at that");\n',
    )
)
DENY_CASES = """\
- name: it speaks
  before: {apiVersion: batch/v1, kind: CronJob, metadata: {name: a}}
  finding: look at
"""


@pytest.fixture
def pack(work: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack with something of everything: a case that fails, one that is noisy, gaps, and a rule without cases."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(work / "cache"))
    folder = make_pack(work / "shop", MANIFEST + "- cronjob-watched\n", cases=BAD_CASES)
    add_rule(folder, "cronjob-watched", DENY, DENY_CASES)
    add_rule(folder, "later/unlisted", RULE.replace("cronjob-batch-v1", "unlisted").replace("SH101", "SH103"))
    return folder


def test_test(skel: Run, pack: Path) -> None:
    result = skel("test", "shop")
    assert (result.code, result.err) == (1, "")
    golden.check("test", result.text)
    chosen = skel("test", "shop", "-k", "WATCHED: it", "-v")
    assert chosen.code == 0
    golden.check("test-chosen", chosen.text)


def test_test_without_paths_tests_what_is_here(skel: Run, pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pack)
    assert "passed 2, failed 1, noisy 1" in skel("test").text


def test_test_for_machines(skel: Run, pack: Path) -> None:
    result = skel("test", "shop", "-o", "json")
    seen = json.loads(result.out)
    assert result.code == 1
    assert (seen["summary"]["passed"], seen["summary"]["failed"], seen["summary"]["noisy"]) == (2, 1, 1)
    assert [rule["rule"] for rule in seen["rules"]] == [
        "shop/cronjob-batch-v1",
        "shop/cronjob-watched",
        "shop/unlisted",
    ]
    assert seen["rules"][0]["cases"][0]["at"] == "shop/cronjob-batch-v1.cases.yaml:1:9"
    assert seen["rules"][2]["gaps"] == [{"message": "no cases", "at": "shop/later/unlisted.skel:1:1"}]
    assert seen["problems"][0]["code"] == "PK006"
    root = ET.fromstring(skel("test", "shop", "-o", "junit").out)
    (suite,) = root
    assert {key: suite.get(key) for key in ("name", "tests", "failures", "errors")} == {
        "name": "shop", "tests": "4", "failures": "2", "errors": "0",
    }  # fmt: skip
    assert [case.get("name") for case in suite] == ["it moves", "it is quiet", "it stays", "it speaks"]
    assert [failure.get("type") for failure in suite.iter("failure")] == ["failed", "noisy"]


def test_broken_files(skel: Run, pack: Path) -> None:
    (pack / "pack.yaml").write_text(MANIFEST.replace("kind: upgrade", "kind: upgrad") + "- nothing\n", "utf-8")
    (pack / "cronjob-watched.skel").write_text(DENY.replace("deny(kind", "deny(knd =", 1), "utf-8")
    (pack / "later" / "unlisted.cases.yaml").write_text("- name: a\n  before: !!python/object:os.x {}\n", "utf-8")
    result = skel("test", "shop")
    assert result.code == 2
    golden.check("test-broken", result.text)
    root = ET.fromstring(skel("test", "shop", "-o", "junit").out)
    assert int(root[0].get("errors", "0")) == len(list(root.iter("error"))) == 4


def test_junit_follows_the_published_schema(skel: Run, pack: Path) -> None:
    schema = xmlschema.XMLSchema(io.StringIO(junit_schema()))
    (pack / "cronjob-watched.skel").write_text(DENY.replace("deny(kind", "deny(knd =", 1), "utf-8")
    (pack / "cronjob-batch-v1.cases.yaml").write_text(
        BAD_CASES.replace("it moves", '"it \\x01 <moves> & \\e"'), "utf-8"
    )
    seen = skel("test", "shop", "-o", "junit").text
    assert "<error " in seen
    schema.validate(seen)


def test_nothing_to_test(skel: Run, pack: Path) -> None:
    assert_refused(skel("test", "nowhere"), "there is no pack `nowhere`")
    assert_refused(skel("test", "./nowhere"), "there is no pack.yaml in ./nowhere")
    assert_refused(skel("test", "shop", "-k", "no such case"), "no case matches 'no such case' in shop")
    assert_refused(skel("test", "shop", "-k", "("), "is no regular expression")
    (pack / "empty").mkdir()
    assert_refused(skel("test", "shop/empty"), "there are no rules in shop/empty")


def test_show(skel: Run, pack: Path) -> None:
    golden.check("pack-show", skel("pack", "show", "./shop").text)
    golden.check("pack-show-rule", skel("pack", "show", "./shop", "--rule", "SH101").text)
    seen = json.loads(skel("pack", "show", "./shop", "-o", "json").out)
    assert (seen["name"], seen["from"], [rule["code"] for rule in seen["rules"]]) == (
        "shop",
        "1.20",
        ["SH101", "SH102"],
    )
    assert json.loads(skel("pack", "show", "./shop", "--rule", "sh102", "-o", "json").out)["text"] == DENY
    assert_refused(
        skel("pack", "show", "./shop", "--rule", "cronjob-batch"), "has no rule `cronjob-batch`", "did you mean"
    )


def test_list(skel: Run, pack: Path) -> None:
    result = skel("pack", "list")
    assert result.code == 0
    lines = result.text.splitlines()
    assert lines[0].split() == ["NAME", "VERSION", "COMPONENT", "KIND", "RULES", "FROM"]
    assert any(line.startswith("kubernetes ") and line.endswith("standard library") for line in lines)
    (pack.parent / "skel.lock").write_text(
        f"packs:\n- {{name: far, url: 'https://example.com/far.tar.gz', sha256: {'0' * 64}}}\n", "utf-8"
    )
    result = skel("pack", "list")
    assert result.code == 2
    assert "error: far: the pack far of skel.lock is not on this machine" in result.text
    assert "help: `skel pack add` fetches what skel.lock names" in result.text
    names = {entry["name"]: entry["problem"] for entry in json.loads(skel("pack", "list", "-o", "json").out)["packs"]}
    assert names["kubernetes"] is None
    assert names["far"]
    assert_refused(skel("pack", "show", "far"), "is not on this machine", "skel pack add")


def test_new_and_verify(skel: Run, work: Path) -> None:
    result = skel("pack", "new", "my-pack")
    assert result.code == 0
    golden.check("pack-new", result.text + result.err)
    assert skel("test", "my-pack").code == 0
    verified = skel("pack", "verify", "my-pack")
    assert (verified.code, verified.err) == (0, "")
    golden.check("pack-verify", verified.text)
    assert_refused(skel("pack", "new", "my-pack"), "is not empty")
    rule = work / "my-pack" / "pull-policy.skel"
    rule.write_text(rule.read_text("utf-8").replace("    ", "  "), "utf-8")
    result = skel("pack", "verify", "my-pack")
    assert result.code == 1
    assert "this is not formatted" in result.text
    fixed = skel("pack", "verify", "my-pack", "--fix")
    assert (fixed.code, fixed.err) == (0, "wrote my-pack/pull-policy.skel\n")
    assert_refused(skel("pack", "verify", "kubernetes", "--fix"), "is not named by its path")


def test_verify_of_a_pack_with_faults(skel: Run, pack: Path) -> None:
    result = skel("pack", "verify", "shop")
    assert result.code == 1
    golden.check("pack-verify-faults", result.text)


def test_add_refuses(skel: Run, pack: Path) -> None:
    assert_refused(skel("pack", "add", "http://example.com/x.tar.gz"), "is not encrypted", "--sha256")
    assert_refused(skel("pack", "add", "http://127.0.0.1:9/x.tar.gz"), "can't be fetched")
    assert_refused(skel("pack", "add"), "there is no skel.lock here")
    assert_refused(skel("pack", "add", "--sha256", "0" * 64), "--sha256 belongs to a URL")
    assert_refused(skel("pack", "add", "https://example.com/x", "--sha256", "abc"), "64 hexadecimal digits")


def test_explain(skel: Run, pack: Path) -> None:
    library = skel("pack", "show", "kubernetes", "-o", "json")
    code = json.loads(library.out)["rules"][0]["code"]
    seen = skel("explain", code.lower())
    assert seen.code == 0
    assert seen.text.startswith(f"{code} ")
    assert "rule " in seen.text
    golden.check("explain-pack", skel("explain", "pk003").text)
    assert_refused(skel("explain", "KU999"), "there is no code KU999")
    listed = skel("explain").text
    assert "PK001  a file of a pack can't be read" in listed
    assert "SK001" in listed


def test_colours(skel: Run, pack: Path) -> None:
    assert "\x1b[" not in skel("test", "shop").text
    assert "\x1b[31;1mfailed\x1b[0m" in skel("test", "shop", "--color", "always").text


def test_nothing_speaks_to_the_terminal(skel: Run, pack: Path) -> None:
    (pack / "cronjob-batch-v1.cases.yaml").write_text(CASES.replace("it moves", '"it \\e[31mmoves"'), "utf-8")
    (pack / "cronjob-batch-v1.skel").write_text(RULE.replace("is not served", "is \x1b[31m not"), "utf-8")
    for arguments in (
        ("test", "shop", "-v"),
        ("pack", "show", "./shop"),
        ("pack", "show", "./shop", "--rule", "SH101"),
    ):
        assert "\x1b[31m" not in skel(*arguments).text, arguments
