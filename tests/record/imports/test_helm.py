"""Revisions of Helm releases are events."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from skel.client.access import Access
from skel.client.errors import ClientError
from skel.record.imports.helm import helm_changes, stored_in
from skel.record.imports.helm_cluster import stored_in_cluster
from skel.record.imports.losses import Losses
from skel.trace.codec import decode_object
from skel.trace.model import Trace
from tests.record.imports.server import SECONDS, deployment
from tests.record.imports.story import named, steps, traced

Json = dict[str, Any]
KEPT = {"helm.sh/resource-policy": "keep"}


def bare(name: str, replicas: int = 1) -> Json:
    """An object as charts write it: without a namespace."""
    thing = deployment(name, replicas)
    del thing["metadata"]["namespace"]
    return thing


def stored(revision: int, status: str, *things: Json, name: str = "cart", kind: str = "Secret", **info: Any) -> Json:
    release = {
        "name": name,
        "namespace": "shop",
        "version": revision,
        "info": {"status": status, "last_deployed": f"2026-05-01T10:{revision:02d}:00.123456789Z", **info},
        "manifest": yaml.safe_dump_all(things),
        "hooks": [{"name": "migrate", "manifest": "kind: Job"}] if revision == 1 else [],
    }
    packed = base64.b64encode(gzip.compress(json.dumps(release).encode()))
    data = {"release": (base64.b64encode(packed) if kind == "Secret" else packed).decode()}
    labels = {"owner": "helm", "name": name, "status": status, "version": str(revision)}
    metadata = {"name": f"sh.helm.release.v1.{name}.v{revision}", "namespace": "shop", "labels": labels}
    type_ = {"type": "helm.sh/release.v1"} if kind == "Secret" else {}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "data": data, **type_}


def read(folder: Path, *things: Json) -> tuple[Trace, Losses]:
    (folder / "releases.yaml").write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": list(things)}))
    losses = Losses()
    changes = helm_changes(stored_in([str(folder / "releases.yaml")], losses), losses)
    return traced(changes, folder), losses


def minutes(trace: Trace) -> list[tuple[float, int, int]]:
    return [((event.ts - SECONDS) / 60, len(event.applied_objs), len(event.deleted_objs)) for event in trace.events]


def test_revisions(tmp_path: Path) -> None:
    """In whatever order they are read, from Secrets and ConfigMaps."""
    trace, losses = read(
        tmp_path,
        stored(3, "deployed", bare("cart", 3)),
        stored(1, "superseded", bare("cart"), bare("old")),
        stored(2, "superseded", bare("cart", 3), bare("old"), kind="ConfigMap"),
    )
    assert minutes(trace) == [(1, 2, 0), (2, 1, 0), (3, 0, 1)]
    assert named(steps(trace), "old") == [deployment("old")["spec"], None]
    assert decode_object(trace.events[0].applied_objs[0])["metadata"] == {"name": "cart", "namespace": "shop"}
    assert not losses
    assert losses.lines() == [
        "left out 1 hook: no part of a revision, but what Helm runs around it (shop/cart revision 1)"
    ]


def test_uninstalled(tmp_path: Path) -> None:
    kept = bare("kept")
    kept["metadata"]["annotations"] = KEPT
    gone = stored(4, "uninstalled", bare("cart"), kept, deleted="2026-05-01T10:30:00Z")
    again = stored(40, "deployed", bare("cart"))
    trace, _ = read(tmp_path, again, gone)
    assert minutes(trace) == [(4, 2, 0), (30, 0, 1), (40, 1, 0)]
    assert len(named(steps(trace), "kept")) == 1


def test_one_broken_release_does_not_end_the_run(tmp_path: Path) -> None:
    broken = [stored(number, "deployed", bare("x"), name=f"broken-{number}") for number in (2, 3, 4)]
    broken[0]["data"]["release"] = "bm90IHBhY2tlZA=="
    broken[1]["data"] = None
    broken[2]["data"]["release"] = broken[2]["data"]["release"][:100]
    text = base64.b64encode(base64.b64encode(json.dumps({"manifest": "a: {{ b }}\n", "info": []}).encode())).decode()
    odd = {**stored(5, "deployed", bare("x"), name="odd"), "data": {"release": text}}
    other = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "other"}, "type": "Opaque"}
    untimed = stored(6, "deployed", bare("y"), name="untimed", last_deployed="soon")
    trace, losses = read(tmp_path, stored(1, "deployed", bare("cart")), *broken, odd, other, untimed)
    assert [name for _, name, _ in steps(trace)] == ["cart"]
    text = "\n".join(losses.lines())
    for words in (
        "could not use 3 releases: can't be read; the others are used",
        "could not use 1 revision: does not say when it was deployed (shop/untimed revision 6)",
        "nobody knows what of it came into the cluster (/ revision 0: no status)",
        "left out 1 object: no release of Helm 3",
    ):
        assert words in text


def test_failed_revisions_are_named(tmp_path: Path) -> None:
    trace, losses = read(
        tmp_path,
        stored(1, "superseded", bare("cart")),
        stored(2, "failed", bare("cart", 9)),
        stored(3, "pending-upgrade", bare("cart", 8)),
        stored(4, "deployed", bare("cart", 2)),
    )
    assert [spec["replicas"] for spec in named(steps(trace), "cart")] == [1, 2]
    assert "shop/cart revision 2: failed, shop/cart revision 3: pending-upgrade" in losses.lines()[0]


def test_two_releases_and_odd_manifests(tmp_path: Path) -> None:
    shared = stored(2, "deployed", bare("b"), {"kind": "Deployment"}, name="other")
    trace, losses = read(tmp_path, stored(1, "deployed", bare("a")), shared)
    assert minutes(trace) == [(1, 1, 0), (2, 1, 0)]
    assert not losses


# ---- from a cluster --------------------------------------------------------------------------------------------------

SECRETS = [stored(number, "superseded", bare("cart", number)) for number in range(1, 6)]


class Api(BaseHTTPRequestHandler):
    """Lists Secrets two at a time, whatever limit it is asked for; may not list those of the namespace `closed`."""

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        assert query["labelSelector"] == ["owner=helm"]
        at = int(query.get("continue", ["0"])[0])
        items = SECRETS if path.endswith("secrets") else []
        more = {"continue": str(at + 2)} if at + 2 < len(items) else {}
        body: Json = {"kind": "SecretList", "metadata": more, "items": [slim(item) for item in items[at : at + 2]]}
        is_closed = "/closed/" in path
        if is_closed:
            body = {"kind": "Status", "message": "secrets is forbidden"}
        data = json.dumps(body).encode()
        self.send_response(403 if is_closed else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def slim(thing: Json) -> Json:
    """As an item of a list."""
    return {key: value for key, value in thing.items() if key not in {"apiVersion", "kind"}}


@pytest.fixture
def cluster() -> Iterator[Access]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Access(server=f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("namespaces", [frozenset(), frozenset({"shop"})])
def test_a_cluster(cluster: Access, tmp_path: Path, namespaces: frozenset[str]) -> None:
    losses = Losses()
    trace = traced(helm_changes(stored_in_cluster(cluster, namespaces), losses), tmp_path)
    assert minutes(trace) == [(1, 1, 0), (2, 1, 0), (3, 1, 0), (4, 1, 0), (5, 1, 0)]
    assert not losses


def test_a_cluster_that_says_no(cluster: Access) -> None:
    with pytest.raises(ClientError, match="can't be listed: 403 secrets is forbidden") as caught:
        stored_in_cluster(cluster, frozenset({"closed"}))
    assert "-n NAME" in caught.value.hint
