from __future__ import annotations

import asyncio
from typing import Any

import pytest

from skel.client.request import APPLY, JSON, Request, Response
from skel.kube.release import UnknownRelease, minors
from skel.patch.values import Json, copy_json
from skel.replay.dry.target import DryTarget
from skel.replay.target import Target

PODS = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}
WEB: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": PODS},
}
WEBS = "/apis/apps/v1/namespaces/default/deployments"
CRON: dict[str, Any] = {
    "apiVersion": "batch/v1beta1",
    "kind": "CronJob",
    "metadata": {"name": "nightly"},
    "spec": {
        "schedule": "@daily",
        "jobTemplate": {
            "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "b"}]}}}
        },
    },
}


def changed(manifest: Json, path: str, value: Json) -> Json:
    found = copy_json(manifest)
    *steps, last = path.split(".")
    at = found
    for step in steps:
        at = at[int(step)] if step.isdigit() else at.setdefault(step, {})
    at[int(last) if last.isdigit() else last] = value
    return found


def create(target: DryTarget, path: str, body: Json, *query: tuple[str, str]) -> Response:
    return target.answer(Request("POST", path, query, body, JSON))


def apply(target: DryTarget, path: str, body: Json, *query: tuple[str, str]) -> Response:
    whole = (("fieldManager", "skel"), ("force", "true"), *query)
    return target.answer(Request("PATCH", f"{path}/{body['metadata']['name']}", whole, body, APPLY))


@pytest.fixture
def target() -> DryTarget:
    return DryTarget("1.25")


def test_is_a_target(target: DryTarget) -> None:
    as_target: Target = target
    assert (as_target.name, as_target.version, as_target.is_dry) == ("dry:1.25", "1.25", True)
    answer = asyncio.run(as_target.send(Request("POST", WEBS, (), WEB)))
    asyncio.run(as_target.close())
    assert answer.status == 201
    assert answer.body["metadata"]["uid"]
    assert answer.body["spec"] == WEB["spec"]


def test_a_release_of_which_nothing_is_known() -> None:
    with pytest.raises(UnknownRelease, match=r"known: 1\.13 to"):
        DryTarget("1.99")


@pytest.mark.parametrize("minor", minors())
def test_each_release_takes_a_deployment(minor: str) -> None:
    served = "apps/v1"
    answer = apply(DryTarget(minor), f"/apis/{served}/namespaces/default/deployments", WEB)
    assert answer.status == 201, answer.message


def test_the_kind_that_a_release_dropped() -> None:
    path = "/apis/batch/v1beta1/namespaces/default/cronjobs"
    before, after = apply(DryTarget("1.24"), path, CRON), apply(DryTarget("1.25"), path, CRON)
    assert before.status == 201
    assert before.warnings == (
        "batch/v1beta1 CronJob is deprecated in v1.21+, unavailable in v1.25+; use batch/v1 CronJob",
    )
    assert (after.status, after.reason, after.body["details"]) == (404, "NotFound", {})
    assert after.message == "the server could not find the requested resource"


def test_what_is_there_is_there(target: DryTarget) -> None:
    first = create(target, WEBS, WEB)
    again = create(target, WEBS, WEB)
    assert (again.status, again.reason) == (409, "AlreadyExists")
    assert again.message == 'deployments.apps "web" already exists'
    found = target.answer(Request("GET", f"{WEBS}/web"))
    assert found.body["metadata"]["uid"] == first.body["metadata"]["uid"]
    listed = target.answer(Request("GET", WEBS))
    assert [item["metadata"]["name"] for item in listed.body["items"]] == ["web"]
    assert listed.body["kind"] == "DeploymentList"


def test_delete(target: DryTarget) -> None:
    missing = target.answer(Request("DELETE", f"{WEBS}/web"))
    assert (missing.status, missing.message) == (404, 'deployments.apps "web" not found')
    assert missing.body["details"] == {"name": "web", "group": "apps", "kind": "deployments"}
    create(target, WEBS, WEB)
    assert target.answer(Request("DELETE", f"{WEBS}/web")).status == 200
    assert target.answer(Request("GET", f"{WEBS}/web")).status == 404


def test_an_old_resource_version_is_a_conflict(target: DryTarget) -> None:
    version = create(target, WEBS, WEB).body["metadata"]["resourceVersion"]
    fresh = changed(WEB, "metadata.resourceVersion", version)
    assert target.answer(Request("PUT", f"{WEBS}/web", (), fresh)).status == 200
    stale = target.answer(Request("PUT", f"{WEBS}/web", (), fresh))
    assert (stale.status, stale.reason) == (409, "Conflict")


def test_a_server_side_dry_run_keeps_nothing(target: DryTarget) -> None:
    assert apply(target, WEBS, WEB, ("dryRun", "All")).status == 201
    assert target.answer(Request("GET", f"{WEBS}/web")).status == 404


def test_the_namespace_must_be_there(target: DryTarget) -> None:
    path = "/apis/apps/v1/namespaces/shop/deployments"
    assert create(target, path, WEB).message == 'namespaces "shop" not found'
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    assert create(target, "/api/v1/namespaces", namespace).status == 201
    assert create(target, path, WEB).status == 201
    assert target.answer(Request("DELETE", "/api/v1/namespaces/shop")).status == 200
    assert target.answer(Request("GET", f"{path}/web")).status == 404
    assert target.answer(Request("DELETE", "/api/v1/namespaces/default")).status == 403


@pytest.mark.parametrize(
    ("minor", "strictness", "status", "warned"),
    [("1.24", "Strict", 201, False), ("1.25", "Strict", 400, False), ("1.25", "Warn", 201, True)],
)
def test_unknown_fields_of_a_created_object(minor: str, strictness: str, status: int, *, warned: bool) -> None:
    body = changed(WEB, "spec.replica", 3)
    answer = create(DryTarget(minor), WEBS, body, ("fieldValidation", strictness))
    assert answer.status == status
    assert answer.warnings == (('unknown field "spec.replica"',) if warned else ())
    if status == 400:
        assert answer.message.endswith('strict decoding error: unknown field "spec.replica"')


def test_unknown_fields_of_an_applied_object(target: DryTarget) -> None:
    answer = apply(target, WEBS, changed(WEB, "spec.replica", 3))
    assert answer.status == 500
    assert ".spec.replica: field not declared in schema" in answer.message


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("spec.replicas", "3", "cannot unmarshal string into Go struct field spec.replicas of type int32"),
        ("spec.template.spec.containers.0.ports", {}, "cannot unmarshal object"),
        ("spec.template.spec.containers.0.resources.limits.cpu", "a lot", "of type resource.Quantity"),
    ],
)
def test_wrong_types(target: DryTarget, path: str, value: Json, message: str) -> None:
    answer = create(target, WEBS, changed(WEB, path, value))
    assert (answer.status, answer.reason) == (400, "BadRequest")
    assert message in answer.message


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.replicas", None),
        ("spec.template.metadata.creationTimestamp", None),
        ("spec.template.spec.containers.0.resources", {"limits": {"cpu": 2, "memory": 0.5}}),
        ("spec.template.spec.containers.0.env", [None, {"name": "A", "value": None}][1:]),
    ],
)
def test_what_servers_take_in_spite_of_the_schema(target: DryTarget, path: str, value: Json) -> None:
    assert create(target, WEBS, changed(WEB, path, value)).status == 201


def test_a_rejection_says_what_a_server_says(target: DryTarget) -> None:
    answer = create(target, WEBS, changed(changed(WEB, "spec.replicas", -1), "metadata.labels", {"a b": "c"}))
    assert (answer.status, answer.reason) == (422, "Invalid")
    assert [cause["field"] for cause in answer.body["details"]["causes"]] == ["metadata.labels", "spec.replicas"]
    assert 'Deployment.apps "web" is invalid: [metadata.labels: Invalid value: "a b"' in answer.message


def test_selectors_are_immutable_and_defaults_are_no_change(target: DryTarget) -> None:
    apply(target, WEBS, WEB)
    other = changed(changed(WEB, "spec.selector.matchLabels", {"x": "y"}), "spec.template.metadata.labels", {"x": "y"})
    assert apply(target, WEBS, other).message.endswith('{"x": "y"}}: field is immutable')
    assert apply(target, WEBS, changed(WEB, "spec.replicas", 2)).status == 200


def test_the_template_of_a_job_is_immutable_but_not_its_spelling(target: DryTarget) -> None:
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j"},
        "spec": CRON["spec"]["jobTemplate"]["spec"],
    }
    path = "/apis/batch/v1/namespaces/default/jobs"
    container = "spec.template.spec.containers.0"
    assert apply(target, path, job).status == 201
    assert apply(target, path, changed(job, f"{container}.imagePullPolicy", "Always")).status == 200
    assert apply(target, path, changed(job, f"{container}.image", "c")).status == 422


def test_a_body_that_is_changed_later_does_not_change_what_is_stored(target: DryTarget) -> None:
    body = copy_json(WEB)
    apply(target, WEBS, body)
    body["spec"]["selector"]["matchLabels"]["app"] = body["spec"]["template"]["metadata"]["labels"]["app"] = "other"
    assert apply(target, WEBS, body).status == 422
    assert target.answer(Request("GET", f"{WEBS}/web")).body["spec"]["selector"] == {"matchLabels": {"app": "web"}}


def test_admission_of_pods(target: DryTarget) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": PODS["spec"]}
    path = "/api/v1/namespaces/default/pods"
    stranger = create(target, path, changed(pod, "spec.serviceAccountName", "robot"))
    assert stranger.status == 403
    assert 'error looking up service account default/robot: serviceaccount "robot" not found' in stranger.message
    assert (
        "no PriorityClass with name high was found"
        in create(target, path, changed(pod, "spec.priorityClassName", "high")).message
    )
    assert create(target, path, pod).status == 201


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/apis/example.com/v1/namespaces/default/widgets", "no definition of widgets.example.com was seen"),
        (f"{WEBS}/web/scale", "deployments/scale is not known here"),
        ("/healthz", "only objects are known here"),
        ("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "is a question, not an object"),
    ],
)
def test_unknown(target: DryTarget, path: str, words: str) -> None:
    answer = target.answer(Request("POST", path, (), {"apiVersion": "example.com/v1", "kind": "Widget"}))
    assert answer.is_unknown
    assert words in answer.message


def test_a_webhook_in_the_cluster_makes_verdicts_unknown(target: DryTarget) -> None:
    hook = {
        "name": "a.b.example.com",
        "clientConfig": {"url": "https://a.example.com"},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "rules": [
            {"operations": ["CREATE"], "apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["deployments"]}
        ],
    }
    config = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "checks"},
        "webhooks": [hook],
    }
    path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
    assert create(target, path, config).status == 201
    answer = create(target, WEBS, WEB)
    assert answer.is_unknown
    assert "the webhook a.b.example.com of checks decides" in answer.message
    # It goes on as if the object had been accepted; an update is none of the webhook's business.
    assert apply(target, WEBS, changed(WEB, "spec.replicas", 2)).status == 200
    assert create(target, WEBS, changed(WEB, "spec.replicas", -1)).status == 422


def test_node_ports_are_given_once(target: DryTarget) -> None:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "a"},
        "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]},
    }
    path = "/api/v1/namespaces/default/services"
    assert create(target, path, service).status == 201
    assert apply(target, path, service).status == 200
    taken = create(target, path, changed(service, "metadata.name", "b"))
    assert taken.status == 422
    assert "provided port is already allocated" in taken.message
    beyond = changed(changed(service, "metadata.name", "c"), "spec.ports.0.nodePort", 80)
    assert "not in the valid range" in create(target, path, beyond).message


def test_secrets_without_a_name_are_one_since_1_30() -> None:
    nameless = changed(WEB, "spec.template.spec.imagePullSecrets", [{"name": "a"}, {}])
    assert apply(DryTarget("1.29"), WEBS, nameless).status == 500
    assert apply(DryTarget("1.30"), WEBS, nameless).status == 201
    assert apply(DryTarget("1.36"), WEBS, nameless).status == 201
    twice = changed(WEB, "spec.template.spec.imagePullSecrets", [{}, {}])
    assert 'duplicate entries for key [name=""]' in apply(DryTarget("1.36"), WEBS, twice).message


@pytest.mark.parametrize(
    ("secrets", "problem"),
    [
        (
            [{"name": "a"}, {}],
            ": element 1: associative list with keys has an element that omits key field "
            '"name" (and doesn\'t have default value)',
        ),
        ([{"name": "a"}, {"name": "a"}], ': duplicate entries for key [name="a"]'),
    ],
)
def test_items_of_a_list_that_is_applied_can_be_told_apart(target: DryTarget, secrets: Json, problem: str) -> None:
    path = "spec.template.spec.imagePullSecrets"
    refused = apply(target, WEBS, changed(WEB, path, secrets))
    assert refused.status == 500
    assert refused.message.endswith(f".{path}{problem}")
    assert create(target, WEBS, changed(WEB, path, secrets)).status == 201
