"""Deletions in an audit log: of many at once, seen late, by half or not at all."""

from __future__ import annotations

from pathlib import Path

from tests.record.imports.audit_log import read
from tests.record.imports.server import Server, deployment
from tests.record.imports.story import named, steps


def test_a_collection_is_deleted(server: Server, tmp_path: Path) -> None:
    for name in ("a", "b"):
        server.create(deployment(name))
    other = server.create(deployment("c", namespace="other"))
    held = server.create(deployment("held"))
    held["metadata"]["finalizers"] = ["example.com/keep"]
    server.clear("shop", "Deployment")
    trace, _ = read(tmp_path, server.lines)
    gone = [name for _, name, spec in steps(trace) if spec is None]
    assert gone == ["a", "b"]
    assert named(steps(trace), "c") == [other["spec"]]


def test_deleted_and_made_again(server: Server, tmp_path: Path) -> None:
    """The answer to the deletion is written down after that to the creation."""
    first = server.create(deployment("cart"))
    server.delete(first, late=500)
    server.create(deployment("cart", 5))
    trace, losses = read(tmp_path, server.lines)
    assert steps(trace) == server.truth
    assert not losses


def test_a_deletion_nobody_saw(server: Server, tmp_path: Path) -> None:
    first = server.create(deployment("cart"))
    server.delete(first)
    server.lines.pop()
    server.create(deployment("cart", 5))
    trace, _ = read(tmp_path, server.lines)
    assert steps(trace) == server.truth


def test_a_late_answer_does_not_win(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.update(cart, {"replicas": 2}, late=900)
    server.update(cart, {"replicas": 3})
    trace, _ = read(tmp_path, server.lines)
    assert steps(trace) == server.truth


def test_deletion_of_what_was_never_seen(server: Server, tmp_path: Path) -> None:
    old = server.create(deployment("old"))
    server.lines.clear()
    server.delete(old)
    server.create(deployment("new"))
    trace, losses = read(tmp_path, server.lines)
    assert [name for _, name, _ in steps(trace)] == ["new"]
    assert losses.lines()[0].startswith("could not use 1 deletion")
