"""The verbs of `skel fault` that start nothing. What they show of real runs is tested with the reports."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from skel.cli.fault import VERBS
from skel.cli.fault_options import Running
from skel.cluster.versions import pinned
from skel.faults.model import Scenario
from skel.faults.scenario.schema import schema
from skel.faults.stored import encode
from skel.report.faults.render import render
from tests.cli import golden
from tests.cli.conftest import Run, assert_refused
from tests.faults.test_stored import BOTH


@pytest.mark.parametrize("verb", VERBS)
def test_help(skel: Run, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    golden.check(f"help-fault-{verb}", skel("fault", verb, "--help").text)


def test_lists(skel: Run) -> None:
    assert "k8s-129795" in skel("fault", "list").text
    assert "owned-pods<=replicas+surge" in skel("fault", "list", "--oracles").text
    rows = msgspec.json.decode(skel("fault", "list", "--actions", "-o", "json").out)
    assert [row["name"] for row in rows if not row["legal"]] == ["drop", "reorder"]


def test_the_schema(skel: Run) -> None:
    assert msgspec.json.decode(skel("fault", "schema").out) == schema()


def test_a_new_scenario_has_no_findings(skel: Run) -> None:
    assert skel("fault", "new", "slow.yaml").code == 0
    assert skel("lint", "slow.yaml").code == 0
    again = skel("fault", "new", "slow.yaml")
    assert (again.code, "is there already" in again.err) == (2, True)


def test_a_new_invariant_can_be_asked(skel: Run, work: Path) -> None:
    (work / "run.json").write_bytes(encode(BOTH))
    assert skel("fault", "new", "labelled.py").code == 0
    found = skel("fault", "check", "run.json", "--oracle", "labelled.py")
    assert found.code == 1
    assert "labelled" in found.text
    assert "it has no label app" in found.text


def test_new_needs_to_know_what(skel: Run) -> None:
    assert skel("fault", "new", "slow.txt").code == 2


def test_lint_tells_programs_from_scenarios(skel: Run, work: Path) -> None:
    (work / "bad.yaml").write_text(
        "name: bad\nsteps:\n- do: {hold: podz}\n- when: {after: 5s}\n  do: settle\n", "utf-8"
    )
    found = skel("lint", "bad.yaml")
    assert found.code == 1
    golden.check("lint-scenario", found.text)


def test_old_histories_are_judged_again(skel: Run, work: Path) -> None:
    (work / "run.json").write_bytes(encode(BOTH))
    (work / "page.html").write_text(render(BOTH, "html"), "utf-8")
    assert skel("fault", "check", "run.json").code == 1
    assert skel("fault", "check", "page.html", "--invariant", "no-orphans").code == 0
    assert skel("fault", "check", "run.json", "--invariant", "no-orphan").code == 2
    page = skel("fault", "check", "run.json", "--report", "again.html")
    assert (page.code, (work / "again.html").is_file()) == (1, True)


@pytest.mark.parametrize("name", ["t.sktrace", "absent.json"])
def test_what_is_no_report_is_refused(skel: Run, name: str) -> None:
    found = skel("fault", "check", name)
    assert found.code == 2
    assert "error" in found.err
    assert "Traceback" not in found.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("explore",),
        ("explore", "t.sktrace", "--seeds", "9-1"),
        ("explore", "t.sktrace", "--budget", "soon"),
        ("explore", "t.sktrace", "--only", "hodl"),
        ("explore", "t.sktrace", "--file", "x.yaml"),
        ("shrink", "absent.json"),
        ("reproduce", "k8s-0"),
    ],
)
def test_bad_input_is_one_message(skel: Run, arguments: tuple[str, ...]) -> None:
    found = skel("fault", *arguments)
    assert found.code == 2
    assert "Traceback" not in found.err


SCENARIO = ("fault", "run", "-f", "s.yaml", "--kubernetes", "1.24")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*SCENARIO, "--report", "no/r.html"), "no/r.html can't be written"),
        ((*SCENARIO, "--save", "no/r.json"), "no/r.json can't be written"),
        ((*SCENARIO, "-o", "junit", "--output-file", "no/r.xml"), "no/r.xml can't be written"),
        ((*SCENARIO, "--oracle", "absent.py"), "there is no file absent.py"),
        ((*SCENARIO, "--oracle", "s.yaml"), "has to end in .py"),
        ((*SCENARIO, "absent.sktrace"), "absent.sktrace does not exist"),
        ((*SCENARIO, "s.yaml"), "s.yaml"),
        (("fault", "reproduce", "k8s-129795", "--kubernetes", "1.24", "--report", "no/r.html"), "no/r.html"),
        (("fault", "explore", "-f", "s.yaml", "--kubernetes", "1.24", "--write", "s.yaml"), "s.yaml"),
        (("fault", "shrink", "run.json", "--write", "no/s.yaml"), "no/s.yaml can't be written"),
    ],
)
def test_what_can_be_known_is_said_before_anything_is_started(
    skel: Run, work: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    def started(*_: object) -> None:
        pytest.fail("a world was begun")

    monkeypatch.setattr("skel.faults.session.started", started)
    assert skel("fault", "new", "s.yaml").code == 0
    (work / "run.json").write_bytes(encode(BOTH))
    assert_refused(skel(*arguments), words)


def test_without_a_release_it_is_the_newest_that_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skel.cluster.binaries.are_present", lambda release: release.startswith("1.25"))
    assert [column.kubernetes for column in Running().columns(Scenario("s", ()))] == [pinned()["1.25"]]
    monkeypatch.setattr("skel.cluster.binaries.are_present", lambda _: False)
    assert [column.kubernetes for column in Running().columns(Scenario("s", ()))] == [[*pinned().values()][-1]]


def test_nothing_to_shrink(skel: Run, work: Path) -> None:
    (work / "run.json").write_bytes(encode(BOTH[2:]))
    found = skel("fault", "shrink", "run.json")
    assert (found.code, "no violation" in found.err) == (2, True)


def test_illegal_faults_are_refused(skel: Run, work: Path) -> None:
    (work / "bad.yaml").write_text("name: bad\nsteps:\n- do: {drop: pods}\n", "utf-8")
    found = skel("fault", "run", "-f", "bad.yaml", "--kubernetes", "1.24")
    assert (found.code, "FT004" in found.err) == (2, True)
