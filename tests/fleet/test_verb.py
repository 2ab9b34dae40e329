"""`skel fleet check`: one table and one report, whatever happens to one trace."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from skel.cli.main import run
from skel.findings.ignore import Ignore, apply_ignores
from skel.findings.model import Findings
from skel.fleet import machines
from skel.fleet.check import check_all, named
from skel.fleet.model import Order
from skel.fleet.work import check_one
from skel.report.findings.parts import rows
from skel.report.findings.render import FORMS, render
from tests.fleet.conftest import TRACE
from tests.storage.faulty import Asked, address, faulty

# Each process compiles the rules for itself: seconds on an idle machine, more on a loaded one.
pytestmark = pytest.mark.timeout(400)

ROOT = Path(__file__).resolve().parent.parent.parent
SKEL = (sys.executable, "-m", "skel", "fleet", "check")


def skel(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([*SKEL, *arguments], env=environment, capture_output=True, text=True, timeout=350)


def report(*arguments: str) -> dict[str, Any]:
    done = skel(*arguments, "-o", "json")
    assert done.returncode in {0, 1, 2}, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.usefixtures("folder")
def test_a_table_and_a_report() -> None:
    done = skel("traces", "--to", "1.25", "--workers", "2")
    assert done.returncode == 2
    head, *rows = done.stdout.splitlines()[:5]
    assert head.split() == ["trace", "errors", "warnings", "remarks", "objects", "events", "seconds"]
    names = [row.split()[0] for row in rows]
    assert names == ["traces/a.sktrace", "traces/b.sktrace", "traces/broken.sktrace", "traces/deep/c.sktrace"]
    assert rows[0].split()[1:4] == ["1", "0", "0"]
    assert "not checked: ends in the middle of a value" in rows[2]
    assert "CronJob/shop/report" in done.stdout
    assert "partial" in done.stdout


@pytest.mark.usefixtures("folder")
def test_the_number_of_workers_does_not_change_the_report() -> None:
    found = [report("traces", "--to", "1.25", "--workers", str(number)) for number in (1, 3)]
    for one in found:
        for row in one["traces"]:
            row["seconds"] = 0
    assert found[0] == found[1]


LOCAL, ELSEWHERE = ("--engine", "local"), ("--scheduler", "nowhere")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("config", "arguments", "says"),
    [
        ("", (*LOCAL, *ELSEWHERE), "leave out --scheduler to work here, --engine local for the scheduler"),
        ('engine = "local"\nscheduler = "nowhere"', (), "leave out --scheduler to work here"),
        ("", ELSEWHERE, "nowhere is no address of a scheduler"),
        ('engine = "local"', ELSEWHERE, "nowhere is no address of a scheduler"),
        ('scheduler = "nowhere"', ("--engine", "dask"), "nowhere is no address of a scheduler"),
        ('scheduler = "nowhere"', (*LOCAL, "--workers", "1"), ""),
    ],
)
def test_a_scheduler_or_this_machine(
    config: str, arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the command line says goes before what the file says; both in one place is a mistake."""
    Path("skel.toml").write_text(f"[fleet.check]\n{config}\n")
    assert run(["fleet", "check", "traces/a.sktrace", "--to", "1.25", *arguments]) == (2 if says else 1)
    assert says in capsys.readouterr().err


@pytest.fixture
def found(folder: Path) -> Findings:
    """What is found in the folder, without an engine."""
    order = Order(target="1.25")
    return check_all(named([folder.name]), lambda paths: [check_one(order, path) for path in paths], EMPTY)


EMPTY = Findings((), target="1.25")


@pytest.mark.parametrize("form", FORMS)
def test_every_form(found: Findings, form: str) -> None:
    text = render(found, form)
    assert "traces/b.sktrace" in text
    match form:
        case "csv":
            assert len(list(csv.reader(io.StringIO(text)))) == 4
        case "markdown":
            assert "| `traces/a.sktrace` | 1 | 0 | 0 | 4 | 3 |" in text
        case "html":
            assert '<h2 id="parts">Traces <small>4</small></h2>' in text
        case "json":
            jsonschema.validate(json.loads(text), json.loads((ROOT / "docs" / "findings.schema.json").read_text()))


def test_what_is_ignored_does_not_count_in_the_table(found: Findings) -> None:
    assert [row.worst for row in rows(found)] == ["error", "error", "not checked", "error"]
    settled = apply_ignores(found, [Ignore("why", "here", 1, rule="KU112")], date(2026, 1, 1))
    assert [row.worst for row in rows(settled)] == ["clean", "clean", "not checked", "clean"]


def test_a_run_about_one_input_has_no_table(found: Findings) -> None:
    one = replace(found, parts=())
    assert "traces" not in json.loads(render(one, "json"))
    assert not render(one, "text").startswith("trace")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("inputs", "names"),
    [
        (["traces/b.sktrace", "traces/a.sktrace", "traces/b.sktrace"], ["traces/b.sktrace", "traces/a.sktrace"]),
        (["traces/[ab].sktrace"], ["traces/a.sktrace", "traces/b.sktrace"]),
        (["traces/**/c*"], ["traces/deep/c.sktrace"]),
        (["traces/*.txt"], ["traces/notes.txt"]),
        (["file:traces"], ["file:traces"]),
    ],
)
def test_which_traces_are_meant(inputs: list[str], names: list[str]) -> None:
    assert [one.path for one in named(inputs)] == names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none", "--to", "1.25"), "does not exist"),
        (("empty", "--to", "1.25"), "there is no trace in empty"),
        (("traces/*.zip", "--to", "1.25"), "there is no trace in traces/*.zip"),
        (("traces", "--to", "9.9"), "known: 1.13"),
        (("traces", "--scheduler", "nonsense"), "nonsense is no address of a scheduler"),
        (("traces", "--scheduler", "tcp://127.0.0.1:9"), "no scheduler answers at tcp://127.0.0.1:9"),
        (("traces", "--scheduler", "tcp://h:1", "--workers", "2"), "leave out --workers"),
        ((), "Missing argument"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_makes_no_sense(
    arguments: tuple[str, ...], message: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machines, "_CONNECT", 1.0)
    Path("empty").mkdir()
    assert run(["fleet", "check", *arguments]) == 2
    out, err = capfd.readouterr()
    assert message in out + err
    assert "Traceback" not in err


def test_ctrl_c(folder: Path) -> None:
    child: list[subprocess.Popen[str]] = []

    def interrupt(asked: Asked) -> None:
        if asked.path == "/slow.sktrace":
            os.killpg(child[0].pid, signal.SIGINT)

    with faulty(interrupt, files={"/slow.sktrace": TRACE}) as server:
        url = f"http://{address(server)}/slow.sktrace"
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [*SKEL, url, str(folder), "--to", "1.25", "--workers", "2", "--output-file", "report"]
        child.append(
            subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)
        )
        _, said = child[0].communicate(timeout=60)
    assert child[0].returncode == 130
    assert said.strip() == "interrupted; nothing is half written"
    assert not Path("report").exists()
    assert is_gone(child[0].pid)


def is_gone(group: int) -> bool:
    """Whether no process of the group is left; what watches over their semaphores is the last to go."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False
