"""The whole story on real control planes: a history of 1.24 breaks on 1.25, is repaired, runs, and its pods live as
long as the recorded ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from skel.cli.main import run as skel
from skel.cluster.control_plane import down
from skel.cluster.state import homes
from skel.trace.model import Trace
from tests.cluster.programs import REAL, need
from tests.replay.replays import lines

pytestmark = [*REAL]

Json = Any
ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "examples/traces/recorded-1.24.sktrace"
BACK = 'modify(kind == "CronJob", apiVersion = "batch/v1beta1");\n'
"""What makes a trace of 1.24 of one that was recorded later."""


@pytest.fixture(autouse=True)
def clusters(plain_terminal: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    need(monkeypatch, "1.24", "1.25")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield
    left = [place.name for place in homes()]
    for name in left:
        down(name)
    assert left == [], "a replay takes down what it started"


def read(folder: Path, file: str) -> list[Json]:
    return [msgspec.json.decode(line) for line in (folder / file).read_bytes().splitlines()]


def rehearsed(trace: Path, folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Json]:
    capsys.readouterr()
    way = ["--from", "1.24", "--to", "1.25", "--on", "local", "--run-dir", str(folder), "-o", "json"]
    code = skel(["rehearse", str(trace), *way, *words])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.shared
def test_a_recorded_cron_job_breaks_is_repaired_and_its_pods_live_as_recorded(
    tmp_path: Path, shared_traces: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "back.skel").write_text(BACK, "utf-8")
    old, new = tmp_path / "old.sktrace", tmp_path / "new.sktrace"
    assert skel(["transform", str(shared_traces / "cronjob.sktrace"), str(tmp_path / "back.skel"), "-o", str(old)]) == 0

    code, found = rehearsed(old, tmp_path / "runs", capsys, "--speed", "20")
    assert (code, found["verdict"]) == (0, "ready")
    assert {line["rule"] for line in lines(tmp_path / "runs" / "original-on-new")} == {"kubernetes/cronjob-batch-v1"}
    for run in ("original", "migrated"):
        assert {line["verdict"] for line in lines(tmp_path / "runs" / run)} == {"accepted"}

    # Cron jobs go by the clock on the wall: long enough for two of them, at the speed of the recording.
    assert skel(["migrate", str(old), "--from", "1.24", "--to", "1.25", "-o", str(new)]) == 0
    words = ["--on", "local:1.25", "--nodes", "3", "--duration", "150s", "--run-dir", str(tmp_path / "run")]
    assert skel(["replay", str(new), *words]) == 0
    pods = [pod for pod in read(tmp_path / "run", "pods.jsonl") if pod["phase"] == "Succeeded"]
    assert {pod["owner"] for pod in pods} == {"CronJob/hello-simkube"}
    assert_lived_as_recorded(pods, new)


def assert_lived_as_recorded(pods: list[Json], trace: Path) -> None:
    """Pods of the one CronJob of a trace that have ended, in order."""
    measured = [pod["finished"] - pod["running"] for pod in pods]
    assert len(measured) >= 1
    for expected, lived in zip(lifetimes_of(Trace.open(str(trace))), measured, strict=False):
        assert expected - 2 <= lived <= expected + 6


def lifetimes_of(trace: Trace) -> list[float]:
    [by_hash] = [found for (kind, _), found in trace.pod_lifecycles.items() if kind.endswith(".CronJob")]
    [found] = by_hash.values()
    return [each["Finished"][1] - each["Finished"][0] for each in found]


@pytest.mark.parametrize("release", ["1.24", "1.25"])
def test_what_was_recorded_on_1_24_lives_again_there_and_migrated_on_1_25(tmp_path: Path, release: str) -> None:
    trace = RECORDED
    if release == "1.25":
        trace = tmp_path / "new.sktrace"
        assert skel(["migrate", str(RECORDED), "--from", "1.24", "--to", release, "-o", str(trace)]) == 0
    words = ["--on", f"local:{release}", "--nodes", "3", "--duration", "150s", "--run-dir", str(tmp_path / "run")]
    assert skel(["replay", str(trace), *words]) == 0
    assert {line["verdict"] for line in lines(tmp_path / "run")} == {"accepted"}
    pods = read(tmp_path / "run", "pods.jsonl")
    assert {pod["owner"] for pod in pods} >= {"CronJob/prices", "Deployment/api", "Deployment/web", "Job/load-test"}
    ended = [pod for pod in pods if pod["phase"] == "Succeeded" and pod["owner"] == "CronJob/prices"]
    assert_lived_as_recorded(ended, trace)


@pytest.mark.parametrize(
    ("name", "rejected"),
    [
        (
            "shop",
            {
                "original": ["Ingress"],
                "original-on-new": ["CronJob", "Ingress", "PodDisruptionBudget"],
                "migrated": [],
            },
        ),
        (
            "recorded-1.24",
            {
                "original": [],
                "original-on-new": ["CronJob", "HorizontalPodAutoscaler", "PodDisruptionBudget"],
                "migrated": [],
            },
        ),
    ],
)
def test_the_examples_are_ready_once_they_are_migrated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, rejected: dict[str, list[str]]
) -> None:
    trace = ROOT / f"examples/traces/{name}.sktrace"
    # At such a speed, what is late by a second is late by minutes: the verdicts count.
    ignored = ("pods", "latency", "lifetime", "nodes", "events")
    words = ["--speed", "240", *(word for name in ignored for word in ("--tolerance", f"{name}=ignore"))]
    code, found = rehearsed(trace, tmp_path / "runs", capsys, *words)
    assert (code, found["verdict"]) == (0, "ready")
    verdicts = {
        run: sorted({line["kind"] for line in lines(tmp_path / "runs" / run) if line["verdict"] == "rejected"})
        for run in rejected
    }
    assert verdicts == rejected


@pytest.mark.shared
def test_a_recorded_benchmark_runs_on_a_hundred_nodes(tmp_path: Path, shared_traces: Path) -> None:
    trace = shared_traces / "dsb-scaling.sktrace"
    words = ["--on", "local:1.25", "--nodes", "100", "--speed", "30", "--run-dir", str(tmp_path / "run")]
    assert skel(["replay", str(trace), *words]) == 0
    info = msgspec.json.decode((tmp_path / "run/run.json").read_bytes())
    assert (info["ended"], info["counts"]["rejected"], info["observed"]["problems"]) == ("complete", 0, [])
    assert len(read(tmp_path / "run", "nodes.jsonl")) == 100
    last = {pod["name"]: pod["phase"] for pod in read(tmp_path / "run", "pods.jsonl") if pod["phase"] != "Deleted"}
    wanted = [one["object"]["spec"]["replicas"] for one in finals(tmp_path / "run") if one["kind"] == "Deployment"]
    assert sum(wanted) > 0
    assert list(last.values()).count("Running") >= sum(wanted)


def finals(run: Path) -> list[Json]:
    return [one for one in read(run, "objects.jsonl") if one["change"] == "final"]
