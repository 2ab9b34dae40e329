"""`skel check` and `skel migrate` as a person meets them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from skel.manifests.files import PatchedFile
from skel.trace.errors import TraceError
from skel.trace.model import Trace
from tests.cli import golden
from tests.cli.conftest import Run, assert_refused

INGRESS = """\
# The storefront.
apiVersion: networking.k8s.io/v1beta1   # old
kind: Ingress
metadata:
  name: web
  namespace: shop   # ours
spec:
  rules:
    - host: shop.example   # the shop
      http:
        paths:
          # api first
          - path: /api
            backend:
              serviceName: api
              servicePort: http
"""
REST = """\
---
apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: restricted}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: w}
"""
CRONJOB = """\
apiVersion: batch/v1beta1
kind: CronJob
metadata: {name: report, namespace: shop}
spec: {schedule: "0 3 * * *", jobTemplate: {spec: {template: {spec: {containers: []}}}}}
"""
WAY = ("--from", "1.24", "--to", "1.25", "--config", "none")


def steady(text: str) -> str:
    """Without what grows with the rules and the facts."""
    return re.sub(r"\d+ rules", "N rules", re.sub(r"1\.13 to \S+ checked \S+", "FACTS", text))


@pytest.fixture(autouse=True)
def columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def folder(work: Path) -> Path:
    Path("k8s").mkdir()
    Path("k8s/web.yaml").write_text(INGRESS + REST)
    Path("k8s/report.yaml").write_text(CRONJOB)
    return Path("k8s")


def test_check_a_trace(skel: Run, work: Path) -> None:
    result = skel("check", "t.sktrace", *WAY)
    assert (result.code, result.err) == (1, "")
    golden.check("check-trace", steady(result.text))


def test_check_a_folder(skel: Run, folder: Path) -> None:
    result = skel("check", "k8s", *WAY)
    assert result.code == 1
    golden.check("check-folder", steady(result.text))


def test_check_several_inputs(skel: Run, folder: Path) -> None:
    result = skel("check", "t.sktrace", "k8s/report.yaml", "-", *WAY, "-o", "json", stdin=INGRESS.encode())
    report = json.loads(result.out)
    files = [finding["location"]["file"] for finding in report["findings"]]
    assert result.code == 1
    assert len(files) == 3
    assert {Path(file).name for file in files} >= {"t.sktrace", "report.yaml"}
    assert report["scanned"]["objects"] == 6


def test_a_trace_may_come_from_a_pipe(skel: Run, work: Path) -> None:
    result = skel("check", "-", *WAY, "-o", "json", stdin=Path("t.sktrace").read_bytes())
    assert [finding["code"] for finding in json.loads(result.out)["findings"]] == ["KU112"]


def test_a_clean_check_says_what_was_checked(skel: Run, folder: Path) -> None:
    Path("k8s/web.yaml").unlink()
    result = skel("check", "k8s", "--from", "1.23", "--to", "1.24", "--fail-on", "removed", "--config", "none")
    assert result.code == 0
    for words in ("1 object", "from 1.23 to 1.24", "1.13 to 1.36"):
        assert words in result.text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["t.sktrace", "--to", "1.99"], "known: 1.13 to"),
        (["t.sktrace", "--from", "1.25", "--to", "1.24"], "older"),
        (["t.sktrace", "--to", "next"], "1.25"),
        ([], "name a trace"),
        (["nothing.yaml"], "nothing.yaml"),
        (["-", "-"], "once"),
        (["t.sktrace", "--component", "cert-manager"], "NAME=RELEASE"),
        (["t.sktrace", "--component", "kubernetes=1.25"], "--from and --to"),
        (["t.sktrace", "--component", "cert-manager=1.9..1.2"], "older"),
        (["t.sktrace", "--pack", "kubernets"], "kubernetes"),
    ],
)
def test_bad_questions(skel: Run, work: Path, arguments: list[str], words: str) -> None:
    assert_refused(skel("check", *arguments, "--config", "none"), words)


def test_one_broken_document_does_not_hide_the_others(skel: Run, folder: Path) -> None:
    Path("k8s/broken.yaml").write_text("apiVersion: v1\nkind: [Pod\n---\n" + CRONJOB)
    result = skel("check", "k8s", *WAY, "-o", "json")
    report = json.loads(result.out)
    assert result.code == 2
    assert report["partial"] is True
    assert len(report["findings"]) == 4
    (problem,) = report["problems"]
    assert problem["location"]["file"].endswith("broken.yaml")


# ---- migrate --------------------------------------------------------------------------------------------------------


def test_migrate_a_trace(skel: Run, work: Path) -> None:
    before = Path("t.sktrace").read_bytes()
    result = skel("migrate", "t.sktrace", *WAY, "-o", "next.sktrace")
    assert (result.code, result.out) == (0, b"")
    golden.check("migrate-trace", steady(result.err))
    assert Path("t.sktrace").read_bytes() == before
    assert list(Trace.open("next.sktrace").pod_lifecycles) == [("batch/v1.CronJob", "shop/report")]
    again = skel("migrate", "next.sktrace", *WAY, "-o", "again.sktrace")
    assert again.code == 0
    assert Path("again.sktrace").read_bytes() == Path("next.sktrace").read_bytes()


def test_migrate_without_a_target_writes_nothing(skel: Run, folder: Path) -> None:
    before = {file: file.read_bytes() for file in [*folder.iterdir(), Path("t.sktrace")]}
    assert "nothing was written" in skel("migrate", "t.sktrace", *WAY).err
    assert "nothing was written" in skel("migrate", "k8s", *WAY).err
    assert before == {file: file.read_bytes() for file in before}


def test_migrate_shows_what_would_change(skel: Run, folder: Path) -> None:
    result = skel("migrate", "k8s", *WAY, "--diff")
    assert result.code == 1  # the PodSecurityPolicy is left
    golden.check("migrate-diff", steady(result.text))
    golden.check("migrate-left", steady(result.err))


def test_migrate_keeps_comments_and_layout(skel: Run, folder: Path) -> None:
    skel("migrate", "k8s", *WAY, "--write")
    golden.check("migrate-written", Path("k8s/web.yaml").read_text())
    assert Path("k8s/report.yaml").read_text() == CRONJOB.replace("v1beta1", "v1")
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}
    skel("migrate", "k8s", *WAY, "--write")
    assert before == {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}


def test_migrate_a_stream(skel: Run, work: Path) -> None:
    result = skel("migrate", "-", *WAY, stdin=CRONJOB.encode())
    assert (result.code, result.text) == (0, CRONJOB.replace("v1beta1", "v1"))
    same = skel("migrate", "-", *WAY, stdin=result.out)
    assert same.out == result.out


def test_migrate_one_file_to_another(skel: Run, folder: Path) -> None:
    skel("migrate", "k8s/report.yaml", *WAY, "-o", "new.yaml")
    assert Path("new.yaml").read_text() == CRONJOB.replace("v1beta1", "v1")
    assert Path("k8s/report.yaml").read_text() == CRONJOB


def test_migrate_writes_patches(skel: Run, folder: Path) -> None:
    skel("migrate", "k8s/report.yaml", *WAY, "--patches", "p.jsonl")
    (line,) = Path("p.jsonl").read_text().splitlines()
    assert json.loads(line)["operations"] == [
        {"op": "replace", "path": "/apiVersion", "value": "batch/v1", "rule": "cronjob-batch-v1"}
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["t.sktrace", "-o", "t.sktrace"], "is the input"),
        (["t.sktrace", "-o", "o", "--in-place"], "exclude"),
        (["t.sktrace", "--diff", "--in-place"], "writes nothing"),
        (["t.sktrace", "--write"], "--in-place"),
        (["k8s", "--in-place"], "--write"),
        (["k8s", "t.sktrace", "-o", "x"], "one trace"),
        (["k8s/web.yaml", "k8s/report.yaml", "-o", "x"], "one file"),
        (["-", "--in-place"], "standard input"),
        (["k8s", "-o", "x", "--patches", "x"], "same file"),
    ],
)
def test_orders_that_make_no_sense(skel: Run, folder: Path, arguments: list[str], words: str) -> None:
    before = {file: file.read_bytes() for file in [*folder.iterdir(), Path("t.sktrace")]}
    assert_refused(skel("migrate", *arguments, "--config", "none"), words)
    assert before == {file: file.read_bytes() for file in before}
    assert not Path("x").exists()


@pytest.mark.parametrize("ending", [KeyboardInterrupt(), TraceError("the disk is full")])
def test_what_was_written_before_the_end_is_told(
    skel: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, ending: BaseException
) -> None:
    save = PatchedFile.save
    saved: list[PatchedFile] = []

    def once(file: PatchedFile) -> None:
        if saved:
            raise ending
        saved.append(file)
        save(file)

    monkeypatch.setattr(PatchedFile, "save", once)
    result = skel("migrate", "k8s", *WAY, "--write")
    assert result.code == (130 if isinstance(ending, KeyboardInterrupt) else 2)
    assert "1 of 2 files are changed" in result.err
    assert "nothing was written" not in result.err
