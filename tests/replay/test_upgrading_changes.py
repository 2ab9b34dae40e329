"""Two snapshots of a cluster in memory, and what is said to have changed in between."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from skel.replay.hop_changes import Hopped
from skel.replay.namespaces import Namespaces
from skel.replay.pod_marks import Ours
from skel.replay.readback import Reader
from skel.replay.snapshot import ObjectKey, Snapshot
from skel.replay.upgrade_lines import Changes, Named
from skel.replay.upgrading import deleted_place
from skel.replay.virtual import SIMULATION, Simulation
from tests.replay.upgrade_world import World

Json = Any
SIMULATED = Simulation("sim-1", Namespaces())
SHOP = "virtual-shop"


def an_object(name: str, spec: Json = None, owner: str = "", **status: Json) -> Json:
    metadata: Json = {"name": name, "namespace": SHOP, "labels": {SIMULATION: "sim-1"}}
    if owner:
        metadata["ownerReferences"] = [{"uid": owner, "controller": True}]
    return {"metadata": metadata, "spec": spec or {}, "status": status}


def put(world: World, group: str, plural: str, name: str, version: str = "v1", by: str = "skel", **more: Any) -> Json:
    return world.write((group, plural, SHOP, name), an_object(name, **more), by, version)


def read(world: World) -> Snapshot:
    async def send(request: Any) -> Any:
        return world.answer(request)

    return asyncio.run(Reader(send, SIMULATED).read())


def changed(before: Snapshot, world: World, deleted: Any = lambda _: False) -> Changes:
    return Hopped(before, read(world), Ours(SIMULATED.namespaces)).changes(deleted)


def names(found: tuple[Named, ...]) -> list[str]:
    return [f"{one.namespace}/{one.name}" for one in found]


@pytest.fixture
def world() -> World:
    return World()


def test_nothing_happened(world: World) -> None:
    put(world, "batch", "cronjobs", "report", "batch/v1beta1")
    put(world, "", "pods", "web-1", spec={"nodeName": "node-0"}, phase="Running")
    found = changed(read(world), world)
    assert found == Changes(pods=found.pods)
    assert (found.pods.before, found.pods.same) == (1, 1)


def test_what_1_25_does_not_serve_is_read_in_another_version_or_stranded(world: World) -> None:
    put(world, "batch", "cronjobs", "report", "batch/v1beta1")
    put(world, "batch", "cronjobs", "new", "batch/v1")
    put(world, "policy", "podsecuritypolicies", "tight", "policy/v1beta1")
    before = read(world)
    world.minor = "1.25"
    found = changed(before, world)
    (back,) = found.read_back
    assert (back.kind, back.before, back.after, back.objects) == ("CronJob", "batch/v1beta1", "batch/v1", 1)
    assert names(back.named) == ["shop/report"]
    (gone,) = found.vanished
    assert (gone.kind, gone.before, gone.objects, names(gone.named)) == (
        "PodSecurityPolicy",
        "policy/v1beta1",
        1,
        ["shop/tight"],
    )
    versions = {(group.kind, group.before): group.objects for group in found.gone_versions}
    assert versions["CronJob", "batch/v1beta1"] == 1
    assert versions["EndpointSlice", "discovery.k8s.io/v1beta1"] == 0
    assert ("PodSecurityPolicy", "policy/v1beta1") not in versions
    assert not found.lost, "what is stranded is not lost"
    assert not found.touched


def test_who_touched_recreated_or_deleted_what(world: World) -> None:
    for name in ("kept", "touched", "replaced", "lost", "asked"):
        put(world, "apps", "deployments", name, "apps/v1", spec={"replicas": 1})
    owner = put(world, "apps", "deployments", "scaled", "apps/v1", spec={"replicas": 1})["metadata"]["uid"]
    put(world, "apps", "replicasets", "scaled-1", by="kube-controller-manager", owner=owner, spec={"replicas": 1})
    before = read(world)
    touched = world.objects["apps", "deployments", SHOP, "touched"]
    world.write(
        ("apps", "deployments", SHOP, "touched"), {**touched, "spec": {"replicas": 2}}, "kube-controller-manager"
    )
    world.objects["apps", "deployments", SHOP, "replaced"]["metadata"]["uid"] = "another"
    del world.objects["apps", "deployments", SHOP, "lost"]
    del world.objects["apps", "deployments", SHOP, "asked"]
    put(world, "apps", "deployments", "scaled", "apps/v1", spec={"replicas": 2})
    put(world, "apps", "replicasets", "scaled-1", by="kube-controller-manager", owner=owner, spec={"replicas": 2})

    def deleted(key: ObjectKey) -> bool:
        return key[3] == "asked"

    found = changed(before, world, deleted)
    assert [(one.name, one.by, one.note) for one in found.touched] == [
        ("touched", ("kube-controller-manager",), "spec")
    ]
    assert names(found.recreated) == ["shop/replaced"]
    assert names(found.lost) == ["shop/lost"]


def test_what_a_controller_does_with_what_the_replay_wrote_meanwhile_is_no_news(world: World) -> None:
    key = ("apps", "deployments", SHOP, "web")
    put(world, "apps", "deployments", "web", "apps/v1", spec={"replicas": 1})
    before = read(world)
    stored = put(world, "apps", "deployments", "web", "apps/v1", spec={"replicas": 2})
    world.write(key, stored, "kube-controller-manager")
    assert changed(before, world).touched == ()


def test_fields_that_nobody_wrote(world: World) -> None:
    stored = put(world, "batch", "jobs", "load", "batch/v1", spec={"parallelism": 1})
    before = read(world)
    stored["spec"] = {"parallelism": 1, "podReplacementPolicy": "TerminatingOrFailed"}
    (found,) = changed(before, world).defaulted
    assert (found.name, found.note) == ("load", "spec.podReplacementPolicy")


def test_pods_that_moved_restarted_or_were_replaced(world: World) -> None:
    owners = {
        name: put(world, "apps", "replicasets", name, "apps/v1", spec={"replicas": 1})["metadata"]["uid"]
        for name in ("same", "scaled")
    }

    def pod(name: str, node: str = "node-0", owner: str = "same", restarts: int = 0, phase: str = "Running") -> Json:
        counts = [{"restartCount": restarts}]
        spec = {"nodeName": node}
        return put(
            world, "", "pods", name, by="x", owner=owners[owner], spec=spec, phase=phase, containerStatuses=counts
        )

    for name in ("kept", "moved", "restarted", "reborn", "replaced"):
        pod(name)
    pod("scaled-down", owner="scaled")
    pod("done", phase="Succeeded")
    before = read(world)
    pod("moved", node="node-1")
    pod("restarted", restarts=2)
    pod("reborn")["metadata"]["uid"] = "another"
    put(world, "apps", "replicasets", "scaled", "apps/v1", spec={"replicas": 0})
    for name in ("replaced", "scaled-down", "done"):
        del world.objects["", "pods", SHOP, name]
    pods = changed(before, world).pods
    assert [(one.name, one.note) for one in pods.moved] == [("moved", "node-0 -> node-1")]
    assert names(pods.restarted) == ["shop/reborn", "shop/restarted"]
    assert names(pods.replaced) == ["shop/replaced"]
    assert (pods.before, pods.same) == (7, 1), "what finished, and what nobody wants any more, had its day"


def test_what_is_of_the_cluster_is_only_counted(world: World) -> None:
    key = ("rbac.authorization.k8s.io", "clusterroles", "", "system:node")
    world.write(key, {"metadata": {"name": "system:node"}, "rules": []}, "kube-apiserver")
    before = read(world)
    world.write(key, {"metadata": {"name": "system:node"}, "rules": [1]}, "kube-apiserver")
    added = (*key[:3], "system:new")
    world.write(added, {"metadata": {"name": "system:new"}, "rules": []}, "kube-apiserver")
    found = changed(before, world)
    assert found.of_the_cluster == {"ClusterRole.rbac.authorization.k8s.io": 2}
    assert found == Changes(of_the_cluster=found.of_the_cluster)


def test_a_group_that_does_not_answer_has_not_vanished(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    put(world, "batch", "cronjobs", "report", "batch/v1beta1")
    before = read(world)
    answer = world.answer

    def mute(request: Any) -> Any:
        found = answer(request)
        silent = request.path.startswith("/apis/batch/") or request.path.endswith("/configmaps")
        return type(found)(503, None) if silent else found

    monkeypatch.setattr(world, "answer", mute)
    found = changed(before, world)
    assert found == Changes(unread=("ConfigMap", "batch"))


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/api/v1/namespaces/shop", ("", "namespaces", "", "shop")),
        ("/api/v1/namespaces/shop/pods/a%3Ab", ("", "pods", "shop", "a:b")),
        ("/apis/apps/v1/namespaces/shop/deployments/web", ("apps", "deployments", "shop", "web")),
        ("/apis/policy/v1beta1/podsecuritypolicies/x", ("policy", "podsecuritypolicies", "", "x")),
    ],
)
def test_places_of_what_was_deleted(path: str, place: tuple[str, str, str, str]) -> None:
    assert deleted_place(path) == place
