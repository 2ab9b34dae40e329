"""Forms of an audit log, and what can be chosen from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from skel.record.imports.options import Wanted
from skel.record.imports.selector import parse_selector
from tests.record.imports.audit_log import read
from tests.record.imports.server import SECONDS, Server, deployment
from tests.record.imports.story import steps


def test_batches_of_a_webhook(server: Server, tmp_path: Path) -> None:
    cart = server.create(deployment("cart"))
    server.update(cart, {"replicas": 2})
    items = [{key: value for key, value in json.loads(line).items() if key != "kind"} for line in server.lines]
    batch = {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": items}
    straight, _ = read(tmp_path, server.lines)
    for text in (json.dumps(batch), json.dumps(batch, indent=2)):
        trace, losses = read(tmp_path, [text.encode()])
        assert trace.to_bytes() == straight.to_bytes()
        assert not losses


def test_the_older_version(server: Server, tmp_path: Path) -> None:
    server.create(deployment("cart"))
    trace, _ = read(tmp_path, [server.lines[0].replace(b"audit.k8s.io/v1", b"audit.k8s.io/v1beta1")])
    assert steps(trace) == server.truth


def test_namespaces_labels_and_times(server: Server, tmp_path: Path) -> None:
    one = deployment("one")
    one["metadata"]["labels"] = {"tier": "web"}
    one = server.create(one)
    server.create(deployment("two"))
    server.create(deployment("three", namespace="other"))
    server.at = 10_000
    server.update(one, {"replicas": 4})

    def names(wanted: Wanted) -> list[tuple[str, Any]]:
        trace, _ = read(tmp_path, server.lines, wanted)
        return [(name, spec["replicas"]) for _, name, spec in steps(trace)]

    assert names(Wanted(frozenset({"other"}))) == [("three", 1)]
    assert names(Wanted(selector=parse_selector("tier=web"))) == [("one", 1), ("one", 4)]
    assert names(Wanted(selector=parse_selector("!tier"))) == [("two", 1), ("three", 1)]
    assert names(Wanted(end=SECONDS + 5)) == [("one", 1), ("two", 1), ("three", 1)]
    assert names(Wanted(start=SECONDS + 5)) == [("one", 1), ("two", 1), ("three", 1), ("one", 4)]
