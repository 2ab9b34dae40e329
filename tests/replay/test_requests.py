from __future__ import annotations

from typing import Any

import pytest

from skel.client.discovery import Resource
from skel.client.request import Request
from skel.findings.model import FoundObject
from skel.replay.namespaces import Namespaces, is_label
from skel.replay.requests import (
    apply_request,
    clean_up_request,
    delete_request,
    generated_name,
    namespace_request,
    owner_reference,
    root_request,
    step_of,
)
from skel.replay.resources import defined, guessed
from skel.replay.virtual import Simulation

Json = Any
OWNER = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "name": "sim", "uid": "u"}
SIMULATION = Simulation("sim", Namespaces("virtual"), OWNER)
KINDS = {
    "CronJob": Resource("batch/v1", "CronJob", "cronjobs", namespaced=True),
    "Pod": Resource("v1", "Pod", "pods", namespaced=True),
    "Service": Resource("v1", "Service", "services", namespaced=True),
    "Job": Resource("batch/v1", "Job", "jobs", namespaced=True),
    "Namespace": Resource("v1", "Namespace", "namespaces", namespaced=False),
    "ClusterRoleBinding": Resource(
        "rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", namespaced=False
    ),
    "Fleet": Resource("shop.example/v1", "Fleet", "fleets", namespaced=True),
}


def apply(manifest: Json, simulation: Simulation = SIMULATION, *, dry: bool = False) -> Request:
    return apply_request(simulation, manifest, about(manifest), KINDS[manifest["kind"]], "0.7", dry=dry)


def about(manifest: Json) -> FoundObject:
    metadata = manifest["metadata"]
    return FoundObject(manifest["apiVersion"], manifest["kind"], metadata.get("namespace", ""), metadata["name"])


def test_an_object_is_applied_as_the_reference_driver_does() -> None:
    request = apply(
        {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": {
                "name": "hello",
                "namespace": "default",
                "uid": "1",
                "resourceVersion": "2",
                "generation": 3,
                "creationTimestamp": "2024-01-01T00:00:00Z",
                "selfLink": "/x",
                "managedFields": [{}],
                "ownerReferences": [{"uid": "gone"}],
                "finalizers": ["example.com/x"],
                "labels": {"app": "hello"},
                "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "note": "kept"},
            },
            "spec": {
                "schedule": "* * * * *",
                "jobTemplate": {
                    "spec": {
                        "template": {
                            "spec": {
                                "nodeSelector": {"disk": "ssd"},
                                "containers": [{"name": "c", "ports": [{"containerPort": 80}]}],
                                "initContainers": [{"name": "i", "ports": [{"containerPort": 81}]}],
                            }
                        }
                    }
                },
            },
            "status": {"active": []},
        }
    )
    assert (request.method, request.target) == (
        "PATCH",
        "/apis/batch/v1/namespaces/virtual-default/cronjobs/hello?fieldManager=skel&force=true",
    )
    assert request.content_type == "application/apply-patch+yaml"
    assert request.body == {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {
            "name": "hello",
            "namespace": "virtual-default",
            "labels": {"app": "hello", "simkube.io/simulation": "sim", "simkube.io/virtual": "true"},
            "annotations": {"note": "kept", "simkube.io/replay-step": "0.7"},
            "ownerReferences": [OWNER],
        },
        "spec": {
            "schedule": "* * * * *",
            "jobTemplate": {
                "spec": {
                    "template": {
                        "metadata": {"annotations": {"static.simkube.io/original-namespace": "default"}},
                        "spec": {
                            "nodeSelector": {"disk": "ssd", "type": "virtual"},
                            "containers": [{"name": "c"}],
                            "initContainers": [{"name": "i"}],
                            "tolerations": [{"key": "kwok-provider", "operator": "Exists", "effect": "NoSchedule"}],
                        },
                    }
                }
            },
        },
    }
    assert step_of(request.body) == "0.7"


def test_a_pod_leaves_its_node_and_is_marked_itself() -> None:
    spec = {"nodeName": "n", "priority": 0, "containers": [{"name": "c"}]}
    body = apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}).body
    assert "nodeName" not in body["spec"]
    assert "priority" not in body["spec"]
    assert body["metadata"]["namespace"] == "virtual-default"
    assert body["metadata"]["annotations"]["static.simkube.io/original-namespace"] == "default"


def test_a_service_gives_back_what_the_old_cluster_gave() -> None:
    spec = {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ports": [{"port": 80, "nodePort": 30000}]}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "shop"}, "spec": spec}
    assert apply(service).body["spec"] == {"ports": [{"port": 80}]}
    headless = {**service, "metadata": {"name": "s"}, "spec": {"clusterIP": "None"}}
    assert apply(headless).body["spec"] == {"clusterIP": "None"}


@pytest.mark.parametrize("manual", [False, True])
def test_the_selector_of_a_job_is_made_anew_unless_somebody_wrote_it(manual: bool) -> None:
    labels = {"controller-uid": "1", "batch.kubernetes.io/job-name": "j", "app": "a"}
    spec = {"selector": {"matchLabels": {"controller-uid": "1"}}, "template": {"metadata": {"labels": dict(labels)}}}
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j"},
        "spec": {**spec, "manualSelector": manual},
    }
    made = apply(job).body["spec"]
    assert ("selector" in made) is manual
    assert made["template"]["metadata"]["labels"] == (labels if manual else {"app": "a"})


def test_a_namespace_gets_its_virtual_name_and_no_namespace() -> None:
    request = apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}, "spec": {"finalizers": []}})
    assert request.path == "/api/v1/namespaces/virtual-shop"
    assert request.body["metadata"]["name"] == "virtual-shop"
    assert request.body["spec"] == {}
    deleted = delete_request(
        SIMULATION.namespaces, FoundObject("v1", "Namespace", "", "shop"), KINDS["Namespace"], dry=False
    )
    assert deleted.path == "/api/v1/namespaces/virtual-shop"


def test_subjects_of_a_binding_live_in_virtual_namespaces() -> None:
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "b"},
        "subjects": [{"kind": "ServiceAccount", "name": "x", "namespace": "shop"}, {"kind": "User", "name": "y"}],
    }
    request = apply(binding)
    assert request.path == "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/b"
    assert request.body["subjects"][0]["namespace"] == "virtual-shop"
    assert "namespace" not in request.body["metadata"]


def test_pod_templates_of_custom_resources_are_found_by_the_trace() -> None:
    tracked = {"shop.example/v1.Fleet": {"podSpecTemplatePaths": ["/spec/workers/*/template"]}}
    simulation = Simulation("sim", Namespaces(), None, tracked)
    fleet = {
        "apiVersion": "shop.example/v1",
        "kind": "Fleet",
        "metadata": {"name": "f"},
        "spec": {"workers": [{"template": {"spec": {}}}, {"template": {"spec": {}}}, "odd"]},
    }
    body = apply(fleet, simulation).body
    assert [worker["template"]["spec"]["nodeSelector"] for worker in body["spec"]["workers"][:2]] == [
        {"type": "virtual"}
    ] * 2
    assert "ownerReferences" not in body["metadata"]


def test_marking_twice_is_marking_once() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": []}}
    once = apply(pod).body
    again = apply({**once, "metadata": {**once["metadata"], "namespace": "default"}}).body
    assert again == once


def test_deleting_takes_the_dependents_along() -> None:
    request = delete_request(SIMULATION.namespaces, FoundObject("v1", "Pod", "a b", "p/q"), KINDS["Pod"], dry=True)
    assert request.target == "/api/v1/namespaces/virtual-a%20b/pods/p%2Fq?dryRun=All"
    assert request.body["propagationPolicy"] == "Background"


def test_the_root_owns_and_is_deleted_last() -> None:
    request = root_request("sim")
    assert request.path == "/apis/scheduling.k8s.io/v1/priorityclasses"
    assert request.body["value"] == 0
    reference = owner_reference({**request.body, "metadata": {"name": "sim", "uid": "u"}})
    assert reference == {**OWNER, "blockOwnerDeletion": True}
    assert clean_up_request("sim").body["propagationPolicy"] == "Foreground"
    namespace = namespace_request(SIMULATION, "shop").body["metadata"]
    assert (namespace["name"], namespace["ownerReferences"]) == ("virtual-shop", [OWNER])


def test_long_namespaces_stay_apart() -> None:
    names = Namespaces("virtual")
    one, other = names.virtual("n" * 62 + "a"), names.virtual("n" * 62 + "b")
    assert one != other
    assert len(one) == len(other) == 63
    assert is_label(one[:20])
    assert not is_label("Virtual")
    assert not is_label("")


def test_what_the_server_would_name_gets_the_same_name_every_time() -> None:
    assert generated_name("job-", 3, 1) == generated_name("job-", 3, 1) != generated_name("job-", 3, 2)
    assert len(generated_name("j" * 100, 3, 1)) == 63


def test_definitions_teach_their_resources() -> None:
    spec = {"group": "shop.example", "scope": "Namespaced", "names": {"kind": "Cart", "plural": "carts"}}
    versions = [{"name": "v1", "served": True}, {"name": "v1alpha1", "served": False}]
    assert list(defined({"spec": {**spec, "versions": versions}})) == [
        Resource("shop.example/v1", "Cart", "carts", namespaced=True)
    ]
    assert [one.api_version for one in defined({"spec": {**spec, "version": "v2"}})] == ["shop.example/v2"]
    assert list(defined({"spec": {}})) == []


@pytest.mark.parametrize(
    ("api_version", "kind", "plural"),
    [
        ("batch/v1beta1", "CronJob", "cronjobs"),
        ("shop.example/v1", "Policy", "policies"),
        ("shop.example/v1", "Class", "classes"),
        ("shop.example/v1", "Cart", "carts"),
    ],
)
def test_paths_of_what_is_not_served_are_guessed(api_version: str, kind: str, plural: str) -> None:
    assert guessed(FoundObject(api_version, kind, "shop", "x")).plural == plural
