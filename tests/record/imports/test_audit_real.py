"""The audit log of a real API server gives the history that its own watches tell."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from skel.client.connection import Connection
from skel.client.kubeconfig import load
from skel.client.request import Request, Response
from skel.client.watch import Changed, Listed, watch
from skel.cluster.control_plane import down, up
from skel.cluster.nodes import from_template
from skel.cluster.state import homes
from skel.record.imports.audit.callers import Callers
from skel.record.imports.audit.read import audit_changes
from skel.record.imports.losses import Losses
from skel.record.imports.options import Wanted
from skel.record.noise import Noise
from skel.trace.codec import decode_object
from tests.cluster.api import deployment, job
from tests.cluster.programs import REAL, need
from tests.record.imports.story import traced

pytestmark = [*REAL]
Json = dict[str, Any]
POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "rules": [
        {"level": "Metadata", "verbs": ["get", "list", "watch"]},
        {"level": "None", "resources": [{"group": "coordination.k8s.io"}, {"group": "", "resources": ["events"]}]},
        {"level": "RequestResponse"},
    ],
}
WATCHED = {
    "/apis/apps/v1/deployments": "Deployment",
    "/api/v1/configmaps": "ConfigMap",
    "/apis/batch/v1/jobs": "Job",
    "/api/v1/namespaces": "Namespace",
}
DEPLOYMENTS = "/apis/apps/v1/namespaces/{}/deployments"
CONFIGS = "/api/v1/namespaces/{}/configmaps"
DELAYS = {"simkube.io/kwok-stage-ready-delay": "1s", "simkube.io/kwok-stage-complete-delay": "1s"}
MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"


@pytest.fixture
def clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield
    for place in homes():
        down(place.name)


class Truth:
    """What watches saw of each object: the states of its spec one after the other, None when it went."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str, str], list[Any]] = {}

    async def follow(self, connection: Connection, path: str) -> None:
        async for news in watch(connection, path):
            match news:
                case Listed(objects):
                    for thing in objects:
                        self.note({"kind": WATCHED[path], **thing}, gone=False)
                case Changed(kind, thing):
                    self.note(thing, gone=kind == "DELETED")

    def note(self, thing: Json, *, gone: bool) -> None:
        metadata = thing["metadata"]
        states = self.seen.setdefault((thing["kind"], metadata.get("namespace", ""), metadata["name"]), [])
        state = None if gone else content(thing)
        if not states or states[-1] != state:
            states.append(state)

    def made(self) -> dict[tuple[str, str, str], list[Any]]:
        """Without what each cluster makes by itself."""
        own = {"default", "kube-system", "kube-public", "kube-node-lease"}
        own |= {"kube-root-ca.crt", "extension-apiserver-authentication"}
        return {key: states for key, states in self.seen.items() if key[2] not in own}


def content(thing: Json) -> Any:
    """What the rule of the recorder looks at."""
    return thing.get("spec") or {
        key: value for key, value in thing.items() if key not in {"metadata", "status", "apiVersion"}
    }


@asynccontextmanager
async def watched(kubeconfig: Path) -> AsyncIterator[tuple[Connection, Truth]]:
    async with Connection(load(str(kubeconfig))) as connection:
        truth = Truth()
        tasks = [asyncio.create_task(truth.follow(connection, path)) for path in WATCHED]
        await asyncio.sleep(1)
        yield connection, truth
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def act(connection: Connection) -> None:
    """A busy minute."""

    async def ask(
        method: str, path: str, body: Json | None = None, kind: str = "application/json", **query: str
    ) -> Response:
        answer = await connection.send(Request(method, path, tuple(query.items()), body, kind))
        assert answer.is_success or answer.status in {404, 409}, answer
        return answer

    for name in ("shop", "bench"):
        await ask("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    shop = DEPLOYMENTS.format("shop")
    for name, replicas in (("cart", 2), ("shelf", 1), ("held", 0), ("gone", 1)):
        await ask("POST", shop, deployment(name, replicas))
    await ask("POST", shop, deployment("cart", 9))  # refused: it is there
    await ask("POST", shop, deployment("dry", 9), dryRun="All")
    for replicas in (3, 1):
        await ask("PATCH", f"{shop}/cart", {"spec": {"replicas": replicas}}, MERGE)
    await ask("PATCH", f"{shop}/shelf/scale", {"spec": {"replicas": 0}}, MERGE)
    await asyncio.gather(
        *(ask("PATCH", f"{shop}/shelf", {"spec": {"minReadySeconds": number}}, STRATEGIC) for number in range(1, 20))
    )
    await ask("PATCH", f"{shop}/held", {"metadata": {"finalizers": ["example.com/hold"]}}, MERGE)
    await ask("DELETE", f"{shop}/held")
    await ask(
        "DELETE", f"{shop}/gone", {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground"}
    )
    for number in range(5):
        config = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"generateName": f"m{number}-"},
            "data": {"a": "1"},
        }
        await ask("POST", CONFIGS.format("bench"), config)
    await ask("DELETE", CONFIGS.format("bench"))
    config["metadata"] = {"name": "again"}
    for number in range(3):
        await ask("POST", CONFIGS.format("shop"), {**config, "data": {"a": str(number)}})
        await ask("DELETE", f"{CONFIGS.format('shop')}/again")
    await ask("POST", "/apis/batch/v1/namespaces/shop/jobs", job("report", DELAYS))
    await ask("GET", "/apis/batch/v1beta1/cronjobs")
    await asyncio.sleep(3)
    await ask("PATCH", f"{shop}/held", {"metadata": {"finalizers": None}}, MERGE)
    await ask("DELETE", "/api/v1/namespaces/bench")
    for _ in range(60):
        gone = [
            (await ask("GET", path)).status for path in ("/api/v1/namespaces/bench", f"{shop}/gone", f"{shop}/held")
        ]
        if gone == [404, 404, 404]:
            break
        await asyncio.sleep(0.5)
    assert gone == [404, 404, 404]
    await asyncio.sleep(2)


async def played(kubeconfig: Path) -> Truth:
    async with watched(kubeconfig) as (connection, truth):
        await act(connection)
    return truth


def test_as_the_server_itself_tells(clusters: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need(monkeypatch, "1.24")
    (tmp_path / "policy.yaml").write_text(yaml.safe_dump(POLICY))
    log = tmp_path / "audit.log"
    audit = {"--audit-policy-file": str(tmp_path / "policy.yaml"), "--audit-log-path": str(log)}
    cluster = up("1.24", "audited", from_template(3), flags={"kube-apiserver": audit})
    truth = asyncio.run(played(cluster.kubeconfig))
    down("audited")
    time.sleep(0.2)

    losses, callers = Losses(), Callers()
    wanted = Wanted(skip_noise=True, noise=Noise())
    trace = traced(audit_changes([str(log)], losses, wanted, callers), tmp_path, wanted)
    found: dict[tuple[str, str, str], list[Any]] = {}
    for event in trace.events:
        for gone, raws in ((False, event.applied_objs), (True, event.deleted_objs)):
            for thing in map(decode_object, raws):
                metadata = thing["metadata"]
                key = thing["kind"], metadata.get("namespace", ""), metadata["name"]
                found.setdefault(key, []).append(None if gone else content(thing))
    assert {key: states for key, states in found.items() if key[0] in WATCHED.values()} == truth.made()
    assert {kind for kind, _, _ in found} <= {*WATCHED.values(), "Pod"}
    assert ("Deployment", "shop", "dry") not in found
    assert len(found["Deployment", "shop", "shelf"]) == 21
    assert [line for line in losses.lines() if "could not use" in line] == []
    assert any(owner == ("batch/v1.Job", "shop/report") for owner in trace.pod_lifecycles)
    assert ("batch/v1beta1", "cronjobs", "list", "1.25") in {
        (call.api_version, call.resource, call.verb, call.removed) for call, _ in callers.rows()
    }
