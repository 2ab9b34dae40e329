"""Files, folders and archives of manifests are one event; dumps of clusters as well."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from skel.record.imports.dump import dump_changes
from skel.record.imports.losses import Losses
from skel.record.imports.manifests import manifest_changes
from skel.record.imports.options import Wanted
from skel.trace.codec import decode_object
from skel.trace.json_form import to_json
from skel.trace.model import Trace
from tests.record.imports import golden
from tests.record.imports.server import SECONDS, deployment
from tests.record.imports.story import steps, traced

Json = dict[str, Any]


def put(folder: Path, name: str, *documents: Json | str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    texts = [text if isinstance(text, str) else yaml.safe_dump(text) for text in documents]
    file.write_text("---\n".join(texts))


def read(*paths: Path | str, at: int | None = None, wanted: Wanted | None = None) -> tuple[Trace, Losses]:
    losses = Losses()
    folder = Path(str(paths[0])).parent
    return traced(manifest_changes([str(path) for path in paths], losses, at=at), folder, wanted), losses


def dumped(path: Path) -> tuple[Trace, Losses]:
    losses = Losses()
    return traced(dump_changes([str(path)], losses), path.parent, Wanted(skip_noise=True)), losses


def names(trace: Trace) -> list[str]:
    return [name for _, name, _ in steps(trace)]


def objects(trace: Trace) -> list[Json]:
    return [decode_object(raw) for event in trace.events for raw in event.applied_objs]


# ---- manifests -------------------------------------------------------------------------------------------------------


def test_a_folder_is_one_event(tmp_path: Path) -> None:
    folder = tmp_path / "k8s"
    put(folder, "a.yaml", deployment("one"), deployment("two"))
    put(folder, "sub/b.yml", {"apiVersion": "v1", "kind": "List", "items": [deployment("three")]})
    put(folder, "c.json", json.dumps(deployment("four")))
    put(folder, "values.yaml", "image: x\n")
    put(folder, "notes.txt", "kind: nothing")
    trace, losses = read(folder)
    assert [event.ts for event in trace.events] == [0]
    assert names(trace) == ["one", "two", "four", "three"]
    assert not losses
    assert losses.lines() == [f"left out 1 document: without `apiVersion` and `kind` ({folder}/values.yaml)"]


def test_golden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"password": "aHVudGVyMg=="}}
    claim = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    put(Path("k8s"), "a.yaml", deployment("cart"), secret, claim)
    trace, _ = read("k8s")
    golden.check("manifests", to_json(trace))


def test_output_of_kubectl(tmp_path: Path) -> None:
    """Status and what the server wrote go; what is owned is not recorded; the newest time is when it was."""
    thing = deployment("cart")
    thing["metadata"] |= {
        "uid": "u",
        "resourceVersion": "7",
        "generation": 3,
        "creationTimestamp": "2026-05-01T10:00:00Z",
        "managedFields": [
            {"manager": "kubectl", "apiVersion": "apps/v1", "time": "2026-05-01T10:00:09Z", "fieldsV1": {}}
        ],
        "annotations": {"deployment.kubernetes.io/revision": "3", "kept": "yes"},
    }
    thing["status"] = {
        "replicas": 1,
        "conditions": [{"type": "Available", "lastTransitionTime": "2026-05-01T10:00:05Z"}],
    }
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart", "uid": "u", "controller": True}
    owned = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "cart-1", "ownerReferences": [owner]}}
    made = {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "cart", "namespace": "shop", "uid": "e"}}
    put(tmp_path / "k", "all.yaml", {"apiVersion": "v1", "kind": "List", "items": [thing, owned, made]})
    trace, _ = read(tmp_path / "k" / "all.yaml", wanted=Wanted())
    assert [event.ts for event in trace.events] == [SECONDS + 9]
    (found,) = objects(trace)
    assert "status" not in found
    assert found["metadata"]["annotations"] == {"kept": "yes"}
    assert "uid" not in found["metadata"]


def test_namespaces_as_kubectl_gives_them(tmp_path: Path) -> None:
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": {"kind": "Thing", "plural": "things"}},
    }
    bare = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}},
        {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t"}, "spec": {}},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}},
        {"apiVersion": "unknown.io/v1", "kind": "Other", "metadata": {"name": "o"}},
    ]
    put(tmp_path / "k", "a.yaml", *bare, definition)
    trace, _ = read(tmp_path / "k")
    places = {thing["metadata"]["name"]: thing["metadata"].get("namespace") for thing in objects(trace)}
    assert places == {"m": "default", "t": "default", "r": None, "o": None, "things.example.com": None}


def test_secrets_keep_their_keys_alone(tmp_path: Path) -> None:
    last = {"kubectl.kubernetes.io/last-applied-configuration": '{"data": {"password": "aHVudGVyMg=="}}'}
    metadata = {"name": "s", "namespace": "shop", "annotations": last}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"password": "aHVudGVyMg=="}}
    helm = {**secret, "type": "helm.sh/release.v1", "metadata": {"name": "h"}}
    put(tmp_path / "k", "a.yaml", {**secret, "stringData": {"token": "hunter2"}}, helm)
    trace, _ = read(tmp_path / "k")
    (found,) = objects(trace)
    assert (found["data"], found["stringData"]) == ({"password": ""}, {"token": ""})
    assert b"aHVudGVyMg" not in trace.to_bytes()
    assert b"hunter2" not in trace.to_bytes()
    trace, _ = read(tmp_path / "k", wanted=Wanted(secrets=True))
    assert trace.to_bytes().count(b"aHVudGVyMg") == 3


def test_what_stands_there_twice(tmp_path: Path) -> None:
    put(tmp_path / "k", "a.yaml", deployment("cart", 1), deployment("same"))
    put(tmp_path / "k", "b.yaml", deployment("cart", 2), deployment("same"))
    trace, losses = read(tmp_path / "k")
    assert {name: spec["replicas"] for _, name, spec in steps(trace)} == {"cart": 2, "same": 1}
    assert not losses
    assert "left out 1 object: stands there again with another content" in losses.lines()[0]


def test_what_is_not_rendered_is_said(tmp_path: Path) -> None:
    put(tmp_path / "k", "a.yaml", deployment("cart"))
    put(
        tmp_path / "k",
        "chart/templates/d.yaml",
        "kind: Deployment\n{{- if .Values.x }}\napiVersion: apps/v1\n{{- end }}\n",
    )
    put(
        tmp_path / "k", "kustomization.yaml", {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
    )
    put(tmp_path / "k", "broken.yaml", "apiVersion: v1\nkind: [\n")
    _, losses = read(tmp_path / "k")
    text = "\n".join(losses.lines())
    assert "could not use 1 Helm template: not rendered here: `helm template CHART | skel import manifests -`" in text
    assert "could not use 1 kustomization: not built here: `kubectl kustomize FOLDER | skel import manifests -`" in text
    assert "could not use 1 document: can't be read" in text
    assert "k/broken.yaml:" in text


def test_objects_without_names(tmp_path: Path) -> None:
    put(tmp_path / "k", "a.yaml", deployment("cart"), {**deployment("x"), "metadata": {"generateName": "x-"}})
    trace, losses = read(tmp_path / "k")
    assert names(trace) == ["cart"]
    assert "could not use 1 object: has no name" in losses.lines()[0]


# ---- archives --------------------------------------------------------------------------------------------------------


def archive(file: Path, members: dict[str, str | Json], mode: str = "w:gz") -> Path:
    with tarfile.open(file, mode) as target:  # type: ignore[call-overload]
        for name, content in members.items():
            data = (content if isinstance(content, str) else json.dumps(content)).encode()
            head = tarfile.TarInfo(name)
            head.size = len(data)
            target.addfile(head, io.BytesIO(data))
        link = tarfile.TarInfo("resources/link.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        target.addfile(link)
    return file


VELERO: dict[str, str | Json] = {
    "metadata/version": "1.1.0",
    "resources/deployments.apps/namespaces/shop/cart.json": deployment("cart"),
    "resources/deployments.apps/v1-preferredversion/namespaces/shop/cart.json": deployment("cart"),
    "resources/deployments.apps/v1beta1/namespaces/shop/cart.json": {
        **deployment("cart"),
        "apiVersion": "apps/v1beta1",
    },
    "resources/namespaces/cluster/shop.json": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
}


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_backup_of_velero(tmp_path: Path, mode: str) -> None:
    trace, losses = read(archive(tmp_path / "backup.tar.gz", VELERO, mode))
    assert names(trace) == ["cart", "shop"]
    assert losses.lines() == []


def test_an_archive_that_is_cut_off(tmp_path: Path) -> None:
    file = archive(tmp_path / "backup.tar.gz", {**VELERO, "resources/x/namespaces/n/y.json": "x" * 500_000})
    file.write_bytes(file.read_bytes()[:-100])
    trace, losses = read(file)
    assert names(trace) == ["cart", "shop"]
    assert "cut off" in losses.lines()[0]


# ---- dumps -----------------------------------------------------------------------------------------------------------


def state(thing: Json, version: int) -> Json:
    metadata = {**thing["metadata"], "uid": thing["metadata"]["name"], "resourceVersion": str(version)}
    return {**thing, "metadata": {**metadata, "creationTimestamp": "2026-05-01T10:00:00Z"}}


def typed(kind: str, *things: Json) -> Json:
    """A list as `kubectl cluster-info dump` writes it: its items do not say what they are."""
    items = [{key: value for key, value in thing.items() if key not in {"apiVersion", "kind"}} for thing in things]
    return {"kind": kind, "apiVersion": things[0]["apiVersion"], "metadata": {}, "items": items}


NODE = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}, "spec": {}}
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "once", "namespace": "shop"},
    "spec": {"containers": [{"name": "main", "image": "x"}], "nodeName": "node-1"},
    "status": {
        "phase": "Running",
        "containerStatuses": [{"state": {"running": {"startedAt": "2026-05-01T10:00:30Z"}}}],
    },
}


def test_cluster_info_dump(tmp_path: Path) -> None:
    put(tmp_path / "dump", "nodes.json", json.dumps(typed("NodeList", NODE)))
    put(tmp_path / "dump", "shop/deployments.json", json.dumps(typed("DeploymentList", state(deployment("cart"), 5))))
    put(tmp_path / "dump", "shop/pods.json", json.dumps(typed("PodList", state(POD, 6))))
    put(tmp_path / "dump", "shop/events.json", json.dumps(typed("EventList", {"apiVersion": "v1", "metadata": {}})))
    put(tmp_path / "dump", "shop/once/logs.txt", "==== START logs for container main\n")
    trace, losses = dumped(tmp_path / "dump")
    assert names(trace) == ["cart", "once"]
    assert [event.ts for event in trace.events] == [SECONDS + 30]
    ((owner, lives),) = trace.pod_lifecycles.items()
    assert (owner, list(lives.values())) == (("v1.Pod", "shop/once"), [[{"Running": SECONDS + 30}]])
    assert losses.lines() == []


def test_lists_of_an_old_kubectl(tmp_path: Path) -> None:
    old = typed("DeploymentList", deployment("cart"))
    put(tmp_path / "dump", "shop/deployments.json", json.dumps({"metadata": {}, "items": old["items"]}))
    trace, _ = dumped(tmp_path / "dump")
    assert steps(trace) == [("Deployment", "cart", deployment("cart")["spec"])]


def test_a_dump_that_was_printed(tmp_path: Path) -> None:
    logs = '==== START logs for container main ====\n{"a": "b"\n==== END logs for container main ====\n'
    lists = [typed("NodeList", NODE), typed("DeploymentList", deployment("cart"))]
    put(tmp_path, "dump.txt", "\n".join(json.dumps(content, indent=4) for content in lists) + f"\n{logs}")
    trace, losses = dumped(tmp_path / "dump.txt")
    assert names(trace) == ["cart"]
    assert losses.lines() == []


def test_must_gather(tmp_path: Path) -> None:
    root = "quay-io-openshift-sha256-1"
    folder = tmp_path / "must-gather"
    put(folder, "timestamp", "2026-05-01 10:00:00 start\n")
    put(folder, f"{root}/cluster-scoped-resources/core/nodes/node-1.yaml", NODE)
    put(
        folder,
        f"{root}/namespaces/shop/apps/deployments.yaml",
        typed("DeploymentList", state(deployment("cart", 1), 5)),
    )
    put(folder, f"{root}/namespaces/shop/apps/deployments/cart.yaml", state(deployment("cart", 2), 9))
    put(folder, f"{root}/namespaces/monitoring/apps/deployments.yaml", typed("DeploymentList", deployment("p")))
    put(folder, f"{root}/namespaces/shop/core/events.yaml", "not even YAML: [")
    put(folder, f"{root}/audit_logs/kube-apiserver/x.json", "{")
    put(folder, f"{root}/namespaces/shop/pods/once/once.yaml", POD)
    trace, losses = dumped(folder)
    assert {name: spec.get("replicas") for _, name, spec in steps(trace)} == {"p": 1, "cart": 2, "once": None}
    assert not losses
    members: dict[str, str | Json] = {
        str(file.relative_to(tmp_path)): file.read_text() for file in sorted(folder.rglob("*.yaml"))
    }
    packed, _ = dumped(archive(tmp_path / "must-gather.tar.gz", members))
    assert sorted(steps(packed), key=str) == sorted(steps(trace), key=str)
