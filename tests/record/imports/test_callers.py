"""Who calls old APIs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from skel.record.imports.audit.callers import Callers
from skel.record.imports.audit.read import audit_callers
from skel.record.imports.losses import Losses
from skel.report.callers import render_callers
from tests.record.imports.server import Server, deployment

KEYS = ["apiVersion", "resource", "verb", "user", "userAgent", "count", "first", "last"]
OLD = {"k8s.io/deprecated": "true", "k8s.io/removed-release": "1.25"}


def about(version: str, resource: str, group: str) -> dict[str, str]:
    return {"resource": resource, "apiGroup": group, "apiVersion": version, "name": "x", "namespace": "shop"}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    server = Server()
    crons = about("v1beta1", "cronjobs", "batch")
    for number in range(3):
        server.at = number * 60_000
        server.log(
            "list",
            deployment("x"),
            None,
            level="Metadata",
            objectRef=crons,
            annotations=OLD,
            userAgent="=operator/1.2 (x)",
        )
    # A watch says it twice, and another one has not ended yet.
    for stage in ("ResponseStarted", "ResponseComplete"):
        server.log(
            "watch", deployment("x"), None, level="Metadata", stage=stage, objectRef=crons, annotations=OLD, auditID="w"
        )
    server.log(
        "watch",
        deployment("x"),
        None,
        level="Metadata",
        stage="ResponseStarted",
        objectRef=crons,
        annotations=OLD,
        auditID="v",
    )
    # A server before 1.19 has no annotations; the data of Kubernetes know it.
    server.log("create", deployment("x"), None, level="Metadata", objectRef=about("v1beta1", "ingresses", "extensions"))
    server.log("get", deployment("x"), None, level="Metadata", objectRef=about("v1", "deployments", "apps"))
    server.log("get", deployment("x"), None, stage="RequestReceived", objectRef=crons, annotations=OLD)
    lines = [*server.lines, *server.lines]
    (tmp_path / "audit.log").write_bytes(b"\n".join(lines))
    return tmp_path / "audit.log"


def table(log: Path, form: str) -> str:
    callers, losses = Callers(), Losses()
    audit_callers([str(log)], losses, callers)
    assert not losses
    return render_callers(callers, form)


def test_rows(log: Path) -> None:
    found = json.loads(table(log, "json"))
    assert found["schemaVersion"] == 1
    assert [
        (row["removedRelease"], row["apiVersion"], row["resource"], row["verb"], row["userAgent"], row["count"])
        for row in found["callers"]
    ] == [
        ("1.22", "extensions/v1beta1", "ingresses", "create", "kubectl/v1.24", 1),
        ("1.25", "batch/v1beta1", "cronjobs", "list", "=operator/1.2 (x)", 3),
        ("1.25", "batch/v1beta1", "cronjobs", "watch", "kubectl/v1.24", 2),
    ]
    assert found["callers"][1]["first"] == "2026-05-01T10:00:00.000000Z"
    assert found["callers"][1]["last"] == "2026-05-01T10:02:00.000000Z"


def test_text(log: Path) -> None:
    head, first, *_, total = table(log, "text").splitlines()
    assert head.split() == ["removed", "in", *KEYS]
    assert first.startswith("1.22        extensions/v1beta1  ingresses  create  alice  kubectl/v1.24")
    assert total == "6 requests call an API that is deprecated or removed in a later release; 18 events were read"


def test_csv_is_no_formula(log: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(table(log, "csv"))))
    assert [row["count"] for row in rows] == ["1", "3", "2"]
    assert rows[1]["userAgent"] == "'=operator/1.2 (x)"


def test_markdown(log: Path) -> None:
    lines = table(log, "markdown").splitlines()
    assert lines[2].startswith("| removed in | apiVersion |")
    assert lines[4].startswith("| `1.22` | `extensions/v1beta1` | `ingresses` |")
