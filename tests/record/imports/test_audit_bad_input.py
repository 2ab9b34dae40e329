"""What can't be used in an audit log is named, and the rest is read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from skel.record.imports.audit.read import audit_changes
from skel.record.imports.losses import Losses
from skel.record.imports.options import Wanted
from skel.trace.errors import TraceError
from tests.record.imports.audit_log import read
from tests.record.imports.server import Server, deployment
from tests.record.imports.story import steps, traced


def test_lines_that_are_no_events(server: Server, tmp_path: Path) -> None:
    server.create(deployment("cart"))
    broken = [
        *server.lines,
        b"I0501 10:00:00.000000 1 main.go:1] a line of another log",
        b'{"kind": "Pod", "apiVersion": "v1"}',
        b'{"kind": "Event", "auditID": "x\xff"}',
        b'{"kind": "Event", "auditID": 7}',
        b"[1, 2]",
        b"",
        b"   ",
        b'{"a": ' * 5_000,
        server.lines[0][:300],
    ]
    trace, losses = read(tmp_path, broken)
    assert steps(trace) == server.truth
    said = "\n".join(losses.lines())
    for words in (
        "could not use 3 lines: no event of audit.k8s.io",
        "could not use 1 line: cut off",
        "could not use 2 lines: no JSON",
        "could not use 1 line: holds bytes that are no UTF-8",
        "audit.log:2",
        "audit.log:10",
    ):
        assert words in said


@pytest.mark.parametrize(
    "answer",
    [
        b'{"kind": "Deployment"}',
        b'{"kind": 5}',
        b"7",
        b'{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "finalizers": "y"}}',
        b'{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "a": "\xff"}, "spec": {}}',
    ],
)
def test_answers_that_are_no_objects(server: Server, tmp_path: Path, answer: bytes) -> None:
    server.create(deployment("cart"))
    server.log("create", deployment("x"), {"REPLACE": 1})
    server.lines[-1] = server.lines[-1].replace(b'{"REPLACE": 1}', answer)
    trace, losses = read(tmp_path, server.lines)
    assert steps(trace) == server.truth
    assert "audit.log:2" in losses.lines()[0]


def test_objects_that_the_server_cut(server: Server, tmp_path: Path) -> None:
    server.create(deployment("cart"))
    server.log("update", deployment("cart"), None, annotations={"audit.k8s.io/truncated": "true"})
    server.log("update", deployment("cart"), None)
    _, losses = read(tmp_path, server.lines)
    assert "--audit-log-truncate-max-event-size" in "\n".join(losses.lines())
    assert len(losses.lines()) == 2


def test_a_line_of_ten_megabytes(server: Server, tmp_path: Path) -> None:
    big = deployment("big")
    big["spec"]["blob"] = "x" * 10_000_000
    server.create(big)
    server.create(deployment("cart"))
    trace, losses = read(tmp_path, server.lines)
    assert [name for _, name, _ in steps(trace)] == ["big", "cart"]
    assert not losses


def test_a_line_without_end(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skel.record.imports.audit.lines.LONGEST", 3_000_000)
    server.create(deployment("cart"))
    lines = [b"x" * 8_000_000, *server.lines, b"y" * 8_000_000]
    trace, losses = read(tmp_path, lines)
    assert steps(trace) == server.truth
    assert "audit.log:1, " in losses.lines()[0]
    assert "audit.log:3)" in losses.lines()[0]


def test_a_packed_log_that_is_cut_off(server: Server, tmp_path: Path) -> None:
    for number in range(2_000):
        server.create(deployment(f"cart-{number}"))
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"\n".join(server.lines))[:-5_000])
    losses = Losses()
    trace = traced(audit_changes([str(tmp_path / "a.gz")], losses, Wanted()), tmp_path)
    assert 100 < len(steps(trace)) < 2_000
    assert "packed file" in "\n".join(losses.lines())


def test_zstd_and_members(server: Server, tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    server.create(deployment("cart"))
    server.create(deployment("shelf"))
    one, two = server.lines
    pack = zstandard.ZstdCompressor().compress
    for data in (pack(one + b"\n") + pack(two), gzip.compress(one + b"\n") + gzip.compress(two) + b"\0" * 512):
        (tmp_path / "packed").write_bytes(data)
        losses = Losses()
        trace = traced(audit_changes([str(tmp_path / "packed")], losses, Wanted()), tmp_path)
        assert steps(trace) == server.truth
        assert not losses


def test_no_log_at_all(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="does not exist"):
        traced(audit_changes([str(tmp_path / "none")], Losses(), Wanted()), tmp_path)
    with pytest.raises(TraceError, match="nothing was found"):
        read(tmp_path, [b"nonsense"])
    assert not (tmp_path / "story.sktrace").exists()
