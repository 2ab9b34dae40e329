from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from skel.faults.actions import Lose
from skel.faults.columns import columns, divergences, exit_code
from skel.faults.errors import FaultError
from skel.faults.model import Expectation, Happening, Report, Step, Verdict
from skel.faults.rejudge import rejudged
from skel.faults.stored import decode, encode, read_reports
from skel.report.faults.render import render
from skel.report.findings.view import View
from tests.faults import kept
from tests.faults.simulated import SimulatedWorld
from tests.faults.test_history import SLOW_WATCH

OWNED = "owned-pods<=replicas+surge"


def report(*, consistent: bool = False, kubernetes: str = "1.24.17") -> Report:
    expect = (Expectation(Verdict.VIOLATED, "1.24", oracle=OWNED), Expectation(Verdict.PASSED, "1.36"))
    scenario = replace(SLOW_WATCH, expect=expect, title="Pods leak")
    made = asyncio.run(SimulatedWorld(consistent=consistent).trial(scenario))
    lanes = (Happening(0.5, 0, "kube-controller-manager", "request", "POST pods", 5),)
    return replace(made, kubernetes=kubernetes, wall=2.0, happenings=lanes, gates={"A": not consistent})


BOTH = [report(), report(), report(consistent=True, kubernetes="1.36.3")]


def test_a_report_is_the_same_after_a_rest_on_disk(tmp_path: Path) -> None:
    assert decode(encode(BOTH), "x") == tuple(BOTH)
    page = tmp_path / "page.html"
    page.write_text(render(BOTH, "html"), "utf-8")
    assert read_reports(page) == tuple(BOTH)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"{}", b'{"schemaVersion":1}', b'{"schemaVersion":1,"reports":[{}]}', b"\xff"]
)
def test_what_is_no_report_is_refused(data: bytes) -> None:
    with pytest.raises(FaultError):
        decode(data, "x")


def test_values_of_environment_variables_are_not_kept() -> None:
    secret = {"containers": [{"name": "c", "env": [{"name": "PASSWORD", "value": "hunter2"}]}]}
    told = replace(BOTH[0].revisions[0], object={"kind": "Pod", "metadata": {"name": "p"}, "spec": secret})
    data = encode([replace(BOTH[0], revisions=(told,))])
    assert b"hunter2" not in data
    assert b"PASSWORD" in data


def test_a_damaged_page_is_refused() -> None:
    with pytest.raises(FaultError, match="damaged"):
        decode(b'<script type="application/x-skel-fault-reports">QUJD</script>', "x")


def test_other_oracles_on_an_old_history() -> None:
    assert rejudged(BOTH[:1])[0].verdict is Verdict.VIOLATED
    (found,) = rejudged(BOTH[:1], ["no-orphans"])
    assert (found.verdict, found.violations, found.scenario.oracles) == (Verdict.PASSED, (), ("no-orphans",))
    assert found.sha256 == BOTH[0].sha256
    died = replace(BOTH[0], verdict=Verdict.DIED)
    assert rejudged([died], ["no-orphans"])[0].verdict is Verdict.DIED


def test_columns_are_releases_and_gates() -> None:
    old, new = columns(BOTH)
    assert (old.title, new.title) == ("1.24.17 A=on", "1.36.3 A=off")
    assert (str(old.identical), old.is_as_expected, new.is_as_expected) == ("2 of 2 histories identical", True, True)
    (parts,) = divergences([old, new])
    assert parts.left is not None
    assert parts.left.lines == ("Pod ReplicaSet/rs: created #6-#10, 10 left",)


def test_how_a_run_ends() -> None:
    assert exit_code(columns(BOTH)) == 1
    assert exit_code(columns(BOTH[2:])) == 0
    assert exit_code(columns([replace(BOTH[2], verdict=Verdict.NEVER_TRIGGERED), BOTH[0]])) == 2
    assert exit_code(columns([replace(BOTH[2], verdict=Verdict.DIED)])) == 1


def test_what_a_terminal_shows() -> None:
    kept.check("fault-report", render(BOTH))


def test_a_scenario_that_never_triggered_says_for_what_it_waited() -> None:
    waiting = replace(BOTH[2], verdict=Verdict.NEVER_TRIGGERED, never_triggered=1)
    assert "Step 1 never came: no event 1 of replicasets ADDED" in render([waiting])


def test_json_has_what_scripts_ask_for() -> None:
    value = msgspec.json.decode(render(BOTH, "json"))
    assert (value["verdict"], value["runs"], value["identical"]) == ("violated", 2, 2)
    assert value["history_sha256"] == BOTH[0].sha256
    assert value["history"][0]["lines"]
    assert [column["verdict"] for column in value["columns"]] == ["violated", "passed"]
    assert value["divergences"][0]["to"] == "1.36.3 A=off"


def test_junit_has_a_failure_for_each_broken_invariant() -> None:
    text = render(BOTH, "junit")
    assert text.count("<failure") == 1
    assert OWNED.replace("<", "&lt;") in text


def test_the_page_stands_alone_and_marks_illegal_faults() -> None:
    page = render(BOTH, "html", View(version="1"))
    assert not re.search(r'(src|href)="(?!#)', page)
    assert "With illegal faults" not in page
    assert page.count("<figure") == 2
    assert OWNED.replace("<", "&lt;") in page


def test_text_of_a_scenario_can_not_become_markup() -> None:
    wild = replace(
        BOTH[0].scenario, title="<script>alert(1)</script>", steps=(*BOTH[0].scenario.steps, Step(Lose("</pre>")))
    )
    page = render([replace(BOTH[0], scenario=wild)], "html")
    assert "<script>alert" not in page
    assert "</pre>, times" not in page
