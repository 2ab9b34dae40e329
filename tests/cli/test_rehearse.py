"""`skel rehearse` as a person meets it: with the driver and the dry target."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli import golden
from tests.cli.conftest import Run, assert_refused
from tests.replay.rehearsals import cron_job, history, policy, web

WAY = ("--from", "1.24", "--to", "1.25", "--config", "none")
CRONJOB = """\
apiVersion: batch/v1beta1
kind: CronJob
metadata: {name: report, namespace: shop}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: "busybox:1"}]}}}
"""


@pytest.fixture
def trace(work: Path) -> Path:
    history(web(), cron_job()).save("old.sktrace")
    return work


def test_ready(skel: Run, trace: Path) -> None:
    result = skel("rehearse", "old.sktrace", *WAY)
    assert result.code == 0
    golden.check("rehearse", result.text)
    golden.check("rehearse-told", result.err)


def test_not_ready(skel: Run, work: Path) -> None:
    history(cron_job(), policy()).save("old.sktrace")
    result = skel("rehearse", "old.sktrace", *WAY, "--report", "r.html", "-o", "json")
    assert result.code == 1
    assert json.loads(result.text)["verdict"] == "not ready"
    page = Path("r.html").read_text()
    assert "PodSecurityPolicy/restricted" in page
    assert "Not ready for 1.25." in page


def test_the_command_that_it_names_writes_what_was_rehearsed(skel: Run, trace: Path) -> None:
    told = skel("rehearse", "old.sktrace", *WAY).text
    (command,) = re.findall(r"skel (migrate .*)", told)
    assert skel(*command.split()).code == 0
    assert skel("check", "old-1.25.sktrace", *WAY).code == 0
    again = skel("rehearse", "old-1.25.sktrace", *WAY)
    assert again.code == 0
    assert "nothing has to be changed" in again.text


def test_manifests(skel: Run, work: Path) -> None:
    (work / "k8s").mkdir()
    (work / "k8s" / "report.yaml").write_text(CRONJOB)
    result = skel("rehearse", "k8s", *WAY)
    assert result.code == 0
    assert "skel migrate k8s --from 1.24 --to 1.25 --write" in result.text
    assert "CronJob/shop/report as batch/v1beta1" in result.text


def test_the_runs_can_be_kept_and_compared(skel: Run, trace: Path) -> None:
    assert skel("rehearse", "old.sktrace", *WAY, "--run-dir", "runs").code == 0
    assert sorted(folder.name for folder in Path("runs").iterdir()) == ["migrated", "original", "original-on-new"]
    assert skel("compare", "runs/original", "runs/original-on-new").code == 1
    kept = skel("compare", "runs/original", "runs/migrated", "--tolerance", "warnings=ignore")
    assert kept.code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("t.sktrace", "--to", "1.25"), "--from RELEASE"),
        (WAY, "name a trace"),
        (("t.sktrace", "t.sktrace", *WAY), "rehearse one trace"),
        (("nothing.sktrace", *WAY), "there is no file or folder"),
        (("t.sktrace", "--from", "1.25", "--to", "1.24"), "older"),
        (("t.sktrace", "--from", "1.2", "--to", "1.25"), "1.2"),
        (("t.sktrace", *WAY, "--on", "mars"), "mars"),
        (("t.sktrace", *WAY, "--tolerance", "x"), "NAME=VALUE"),
        (("t.sktrace", *WAY, "--report", "t.sktrace"), "is the input"),
        (("t.sktrace", *WAY, "--speed", "0"), "factor"),
        (("t.sktrace", "--from", "1.20", "--to", "1.25", "--on", "local"), "1.20 can't be had"),
        (("t.sktrace", "--from", "1.20", "--to", "1.25", "--faults"), "1.20 can't be had"),
        (("t.sktrace", *WAY, "--report", "no/r.html"), "no/r.html can't be written"),
        (("t.sktrace", *WAY, "--output-file", "no/r.xml", "-o", "junit"), "no/r.xml can't be written"),
    ],
)
def test_bad_input(skel: Run, work: Path, arguments: tuple[str, ...], words: str) -> None:
    refused = skel("rehearse", *arguments)
    assert_refused(refused, words)
    assert "checking" not in refused.err, "nothing is done before"


def test_what_can_not_be_read_is_refused(skel: Run, work: Path) -> None:
    (work / "bad.yaml").write_text("a: [")
    assert_refused(skel("rehearse", "bad.yaml", *WAY), "bad.yaml")


def test_a_folder_with_runs_is_not_written_over(skel: Run, trace: Path) -> None:
    assert skel("rehearse", "old.sktrace", *WAY, "--run-dir", "runs").code == 0
    assert_refused(skel("rehearse", "old.sktrace", *WAY, "--run-dir", "runs"), "holds a run already")
