"""The example that `examples/record_example.sh` recorded on a control plane of 1.24, and what one does with it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from skel.cli.main import run as skel
from skel.trace.codec import decode_object
from skel.trace.model import Trace

Json = Any
ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "traces" / "recorded-1.24.sktrace"
GONE = {
    "autoscaling/v2beta1.HorizontalPodAutoscaler": "autoscaling/v2.HorizontalPodAutoscaler",
    "batch/v1beta1.CronJob": "batch/v1.CronJob",
    "policy/v1beta1.PodDisruptionBudget": "policy/v1.PodDisruptionBudget",
}
"""What 1.24 serves and 1.25 does not, and what takes its place."""
OF_A_MACHINE = re.compile(r"\b(?!10\.96\.)\d+\.\d+\.\d+\.\d+\b|/root|/home|/tmp|node-\d|kwok|simkube|skel|virtual")


@pytest.fixture
def trace() -> Trace:
    return Trace.open(str(EXAMPLE))


@pytest.fixture
def migrated(tmp_path: Path) -> Path:
    target = tmp_path / "new.sktrace"
    assert skel(["migrate", str(EXAMPLE), "--from", "1.24", "--to", "1.25", "-o", str(target)]) == 0
    return target


def names(things: Any) -> list[str]:
    return [f"{thing['kind']}/{thing['metadata']['name']}" for thing in map(decode_object, things)]


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Json]:
    capsys.readouterr()
    code = skel([*words, "-o", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_it_holds_what_was_done(trace: Trace) -> None:
    first, *changes, last = trace.events
    assert sorted(names(first.applied_objs)) == [
        "ConfigMap/settings", "CronJob/prices", "Deployment/api", "Deployment/web", "HorizontalPodAutoscaler/api",
        "Ingress/storefront", "Namespace/shop", "PodDisruptionBudget/web", "Service/web", "ServiceAccount/api",
        "ServiceAccount/default",
    ]  # fmt: skip
    done = [(names(event.applied_objs), names(event.deleted_objs)) for event in changes]
    assert done == [
        (["Deployment/web"], []),
        (["Deployment/api"], []),
        (["Job/load-test"], []),
        (["ConfigMap/settings"], []),
        (["Deployment/web"], []),
        (["PodDisruptionBudget/web"], []),
        ([], ["Job/load-test"]),
        (["Deployment/web"], []),
    ]
    assert (last.applied_objs, last.deleted_objs) == ([], [])
    assert trace.config["trackedObjects"].keys() >= GONE.keys()
    assert 355 <= trace.end - trace.start <= 365


def lifetimes(trace: Trace, owner: str) -> list[int]:
    [by_hash] = [found for (kind, name), found in trace.pod_lifecycles.items() if f"{kind} {name}" == owner]
    [found] = by_hash.values()
    return [each["Finished"][1] - each["Finished"][0] for each in found if "Finished" in each]


def test_pods_lived_as_long_as_their_work_took(trace: Trace) -> None:
    """38, 24, 31, 44, 27, 35 and 41 seconds, to whichever pod came next."""
    assert lifetimes(trace, "batch/v1beta1.CronJob shop/prices") == [38, 24, 27, 35, 41, 38]
    assert lifetimes(trace, "batch/v1.Job shop/load-test") == [31, 44]


def test_it_tells_nothing_of_the_machine_that_made_it(trace: Trace) -> None:
    raw = EXAMPLE.read_bytes()
    assert len(raw) < 60_000
    objects = [decode_object(one) for event in trace.events for one in (*event.applied_objs, *event.deleted_objs)]
    assert OF_A_MACHINE.findall(json.dumps([objects, trace.config])) == []
    assert {thing["metadata"].get("namespace", thing["kind"]) for thing in objects} == {"shop", "Namespace"}


def test_nothing_is_missing_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    code, found = told(capsys, "trace", "validate", str(EXAMPLE))
    assert (code, found["findings"]) == (0, [])


def test_what_1_25_does_not_serve_is_found_and_repaired(migrated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    way = ("--from", "1.24", "--to", "1.25")
    code, found = told(capsys, "check", str(EXAMPLE), *way)
    errors = [finding for finding in found["findings"] if finding["severity"] == "error"]
    assert code == 1
    assert {finding["rule"] for finding in errors} == {
        "kubernetes/cronjob-batch-v1", "kubernetes/autoscaler-v2beta1", "kubernetes/poddisruptionbudget-policy-v1",
    }  # fmt: skip
    # What is left is who applies them: the files of whoever runs `kubectl apply` are still of the old versions.
    _, found = told(capsys, "check", str(migrated), *way)
    left = {finding["object"]["kind"]: finding["message"] for finding in found["findings"]}
    assert {finding["severity"] for finding in found["findings"]} == {"warning", "info"}
    assert left == {
        kind: f"kubectl-client-side-apply wrote it as {version}, which 1.25 does not serve; the object itself is fine"
        for version, _, kind in (old.rpartition(".") for old in GONE)
    }


def test_lifetimes_move_along(trace: Trace, migrated: Path) -> None:
    new = Trace.open(str(migrated))
    assert new.config["trackedObjects"].keys() & GONE.keys() == set()
    assert new.config["trackedObjects"].keys() >= set(GONE.values())
    before, after = (
        lifetimes(trace, "batch/v1beta1.CronJob shop/prices"),
        lifetimes(new, "batch/v1.CronJob shop/prices"),
    )
    assert before == after


def test_it_is_ready_once_it_is_migrated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    way = ("--from", "1.24", "--to", "1.25", "--on", "dry", "--run-dir", str(tmp_path / "runs"))
    code, found = told(capsys, "rehearse", str(EXAMPLE), *way)
    assert (code, found["verdict"]) == (0, "ready")
