from __future__ import annotations

import copy
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from skel.kube import fields, tables
from skel.kube.release import UnknownRelease, minors, served
from skel.kube.schema import Field, below, minors_with, nearest_field, paths, schema, validate
from skel.patch.pointer import Pointer
from tests.conformance.corpus import events_of

CONTAINER = ("spec", "template", "spec", "containers", "*")


def tree(api_version: str, kind: str, minor: str) -> Field:
    found = schema(api_version, kind, minor)
    assert found is not None
    return found


DEPLOYMENT = tree("apps/v1", "Deployment", "1.25")


def test_a_tree() -> None:
    assert DEPLOYMENT.type == "object"
    assert list(DEPLOYMENT.fields) == ["apiVersion", "kind", "metadata", "spec", "status"]
    spec = DEPLOYMENT.fields["spec"]
    assert (spec.definition, spec.required) == ("apps.v1.DeploymentSpec", False)
    assert [name for name, field in spec.fields.items() if field.required] == ["selector", "template"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (("spec", "replicas"), Field("integer", format="int32", minor="1.25")),
        (("metadata", "generation"), Field("integer", format="int64", minor="1.25")),
        (("metadata", "creationTimestamp"), Field("time", minor="1.25")),
        (("metadata", "labels", "any/thing"), Field("string", minor="1.25")),
        (("spec", "strategy", "rollingUpdate", "maxSurge"), Field("int-or-string", minor="1.25")),
        ((*CONTAINER, "resources", "limits", "cpu"), Field("quantity", minor="1.25")),
        ((*CONTAINER, "name"), Field("string", required=True, minor="1.25")),
        (("metadata", "managedFields", 3, "fieldsV1", "f:spec", "k:{}"), Field("any")),
    ],
)
def test_paths_lead_to_fields(path: Pointer, field: Field) -> None:
    assert below(DEPLOYMENT, path) == field


@pytest.mark.parametrize(
    "path", [("spec", "replcas"), ("spec", "replicas", "x"), ("spec", "template", "spec", "containers", "name"), ("x",)]
)
def test_paths_that_lead_nowhere(path: Pointer) -> None:
    assert below(DEPLOYMENT, path) is None


def test_lists_know_their_keys() -> None:
    ports = below(DEPLOYMENT, (*CONTAINER, "ports"))
    assert ports is not None
    assert (ports.list_type, ports.list_keys) == ("map", ("containerPort", "protocol"))
    assert ports.merge_key == "containerPort"
    args = below(tree("v1", "Pod", "1.36"), ("spec", "containers", 0, "args"))
    assert args is not None
    assert (args.type, args.list_type) == ("array", "atomic")


def test_what_is_open() -> None:
    custom = tree("apiextensions.k8s.io/v1", "CustomResourceDefinition", "1.25")
    properties = below(custom, ("spec", "versions", "*", "schema", "openAPIV3Schema", "properties", "x"))
    assert properties is not None
    assert properties.definition == "apiextensions.v1.JSONSchemaProps"
    assert properties.fields["default"].is_open
    assert properties.fields["items"].is_open
    assert "x-kubernetes-preserve-unknown-fields" in properties.fields
    assert tree("apps/v1", "ControllerRevision", "1.25").fields["data"].is_open
    assert not properties.is_open
    assert not DEPLOYMENT.fields["metadata"].fields["labels"].is_open


def test_all_paths() -> None:
    found = dict(paths(DEPLOYMENT))
    assert found[("spec", "replicas")].type == "integer"
    assert found[(*CONTAINER, "env", "*", "valueFrom", "secretKeyRef", "key")].required
    assert found[("metadata", "labels", "*")].type == "string"
    assert all(below(DEPLOYMENT, path) == field for path, field in found.items())
    order = list(found)
    assert all(not path[:-1] or order.index(path[:-1]) < number for number, path in enumerate(order[:200]))


def test_what_contains_itself_ends() -> None:
    found = dict(paths(tree("apiextensions.k8s.io/v1", "CustomResourceDefinition", "1.36")))
    schema_at = ("spec", "versions", "*", "schema", "openAPIV3Schema")
    assert (*schema_at, "not") in found
    assert (*schema_at, "not", "not") not in found


@pytest.mark.parametrize(
    ("gvk", "path", "first", "last"),
    [
        (("v1", "Pod"), ("spec", "ephemeralContainers"), "1.16", ""),
        (("v1", "Pod"), ("spec", "containers", "*", "startupProbe"), "1.16", ""),
        (("v1", "Pod"), ("spec", "containers", "*", "image"), "1.13", ""),
        (("networking.k8s.io/v1", "Ingress"), ("spec", "defaultBackend"), "1.19", ""),
        (("networking.k8s.io/v1beta1", "Ingress"), ("spec", "backend"), "1.14", "1.21"),
        (("batch/v1beta1", "CronJob"), ("spec", "timeZone"), "1.24", "1.24"),
    ],
)
def test_minors_with_a_path(gvk: tuple[str, str], path: Pointer, first: str, last: str) -> None:
    start, end = minors().index(first), minors().index(last or minors()[-1])
    assert minors_with(*gvk, path, minors()) == minors()[start : end + 1]


def test_no_minor_has_what_does_not_exist() -> None:
    assert minors_with("v1", "Pod", ("spec", "volume"), minors()) == ()
    assert minors_with("example.com/v1", "Widget", ("spec",), minors()) == ()
    with pytest.raises(UnknownRelease):
        minors_with("v1", "Pod", ("spec",), ["1.99"])


@pytest.mark.parametrize(
    ("name", "near"), [("replcas", "replicas"), ("Replicas", "replicas"), ("tempalte", "template"), ("zzz", None)]
)
def test_nearest(name: str, near: str | None) -> None:
    assert nearest_field(name, DEPLOYMENT.fields["spec"]) == near


@pytest.mark.parametrize("minor", minors())
def test_every_definition_is_there(minor: str) -> None:
    seen = {name: None for gvk in served(minor) if (name := tree(*gvk, minor).definition)}
    todo = list(seen)
    for name in todo:
        for field in Field("object", definition=name, minor=minor).fields.values():
            while inner := field.items or field.values:
                field = inner
            if field.definition and field.definition not in seen:
                seen[field.definition] = None
                todo.append(field.definition)
    assert len(seen) > 300


def test_the_first_look_is_quick() -> None:
    assert min(first_look() for _ in range(5)) < 0.040


def first_look() -> float:
    caches = (fields._fields, fields._field, fields._definitions, tables.kind_rows, tables.origin, tables.minor_names)
    for cached in (*caches, tables.positions):
        cached.cache_clear()
    start = time.perf_counter()
    assert below(tree("apps/v1", "Deployment", "1.24"), (*CONTAINER, "image"))
    return time.perf_counter() - start


def deployment() -> dict[str, Any]:
    found = yaml.safe_load((Path(__file__).parent / "deployment.yaml").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def test_a_good_object_has_no_problems() -> None:
    for minor in minors()[2:]:  # preemptionPolicy came with 1.15
        assert validate(deployment(), minor) == ()


def put(manifest: dict[str, Any], path: Pointer, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(manifest)
    at: Any = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return changed


POD = ("spec", "template", "spec")
FIRST = (*POD, "containers", 0)
AT_FIRST = "/spec/template/spec/containers/0"


@pytest.mark.parametrize(
    ("path", "value", "pointer", "message", "what"),
    [
        (
            ("spec", "replcas"),
            1,
            "/spec/replcas",
            "`replcas` is not known here; did you mean `replicas`?",
            "unknown-field",
        ),
        (("extra/y",), 1, "/extra~1y", "`extra/y` is not known here", "unknown-field"),
        (("spec", "replicas"), "3", "/spec/replicas", "expected a whole number, found a text", "type"),
        (("spec", "replicas"), 1.5, "/spec/replicas", "expected a whole number, found the number 1.5", "type"),
        (("spec", "replicas"), True, "/spec/replicas", "expected a whole number, found true", "type"),
        (("spec", "replicas"), 2**31, "/spec/replicas", "the number 2147483648 does not fit into int32", "type"),
        (("spec", "paused"), "yes", "/spec/paused", "expected true or false, found a text", "type"),
        (("metadata", "name"), 1, "/metadata/name", "expected a text, found the number 1", "type"),
        (("metadata", "labels", "on"), True, "/metadata/labels/on", "expected a text, found true", "type"),
        (("metadata", "labels"), [], "/metadata/labels", "expected a map, found a list", "type"),
        (("metadata", "creationTimestamp"), "today", "/metadata/creationTimestamp", "expected a time such as", "type"),
        (("spec", "selector"), "x", "/spec/selector", "expected an object, found a text", "type"),
        (("spec", "selector"), None, "/spec", "`selector` is required", "missing"),
        ((*POD, "containers"), {}, "/spec/template/spec/containers", "expected a list, found a map", "type"),
        ((*FIRST, "name"), None, AT_FIRST, "`name` is required", "missing"),
        (
            (*FIRST, "ports", 0, "containerPort"),
            "http",
            "/spec/template/spec/containers/0/ports/0/containerPort",
            "",
            "type",
        ),
        (
            (*FIRST, "resources", "limits", "cpu"),
            "a",
            "/spec/template/spec/containers/0/resources/limits/cpu",
            "",
            "type",
        ),
        (("status", "observedGeneration"), "1", "/status/observedGeneration", "expected a whole number", "type"),
    ],
)
def test_problems(path: Pointer, value: Any, pointer: str, message: str, what: str) -> None:
    (problem,) = validate(put(deployment(), path, value), "1.25")
    assert (problem.pointer, problem.what) == (pointer, what)
    assert message in problem.message


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("spec", "replicas"), 3.0),
        (("spec", "replicas"), None),
        (("metadata", "labels"), None),
        (("metadata", "labels", "empty"), None),
        (("metadata", "creationTimestamp"), None),
        (("metadata", "creationTimestamp"), "2024-01-31T12:00:00.123456+01:00"),
        (("metadata", "managedFields"), [{"manager": "x", "fieldsV1": {"f:spec": {".": {}}}}]),
        (("spec", "strategy", "rollingUpdate"), {"maxSurge": "25%", "maxUnavailable": 1}),
        ((*FIRST, "resources", "limits"), {"cpu": 0.5, "memory": "1Gi", "example.com/gpu": 1}),
        ((*FIRST, "args"), None),
        ((*POD, "containers"), None),
        (("status",), {"conditions": [{"type": "Available"}]}),
    ],
)
def test_what_the_server_takes(path: Pointer, value: Any) -> None:
    assert validate(put(deployment(), path, value), "1.25") == ()


def test_problems_come_in_the_order_of_the_object() -> None:
    found = validate({"b": 1, **put(put(deployment(), ("spec", "replicas"), "1"), ("spec", "a"), 1)}, "1.25")
    assert [problem.pointer for problem in found] == ["/b", "/spec/a", "/spec/replicas"]


def test_base64() -> None:
    data = {"a": "aGVsbG8=", "b": "", "c": "aGVs\nbG8="}
    secret = {"apiVersion": "v1", "kind": "Secret", "data": data}
    assert validate(secret, "1.25") == ()
    data["a"] = "hunter2!"
    (problem,) = validate(secret, "1.25")
    assert (problem.pointer, problem.message) == ("/data/a", "expected base64, found a text")


@pytest.mark.parametrize("value", [10**400, 10**5000, -(10**5000), float("inf"), float("nan"), 1e300], ids=lambda _: "")
def test_numbers_without_measure(value: float) -> None:
    wrong = put(put(deployment(), (*FIRST, "resources", "limits", "cpu"), value), ("spec", "replicas"), value)
    found = validate(wrong, "1.25")
    assert [problem.what for problem in found] == ["type", "type"]
    assert all(len(problem.message) < 80 for problem in found)


def test_custom_resource_definitions_take_free_values() -> None:
    inner = {"type": "object", "default": {"any": [1]}, "x-kubernetes-preserve-unknown-fields": True, "items": [{}]}
    found = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"kind": "Widget", "plural": "widgets"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": inner}}],
        },
    }
    assert validate(found, "1.25") == ()
    inner["propertys"] = {}
    (problem,) = validate(found, "1.25")
    assert "did you mean `properties`" in problem.message


def test_what_is_not_served() -> None:
    (problem,) = validate({"apiVersion": "batch/v1beta1", "kind": "CronJob", "whatever": 1}, "1.25")
    assert problem.what == "not-served"
    assert problem.message == "batch/v1beta1 CronJob is not served in 1.25; batch/v1 CronJob is"
    (problem,) = validate({"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy"}, "1.25")
    assert problem.message == "policy/v1beta1 PodSecurityPolicy is not served in 1.25"
    (problem,) = validate({"apiVersion": "v1", "kind": "Deployment"}, "1.25")
    assert problem.what == "not-served"
    (problem,) = validate({"apiVersion": "policy/v1", "kind": "Eviction"}, "1.25")
    assert problem.message == "Eviction is no object of its own, it is sent to pods/eviction"


def test_custom_resources_are_not_judged() -> None:
    assert validate({"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "spec": 1}, "1.25") == ()
    assert validate({"apiVersion": "example.com/v1", "kind": "WidgetList", "items": 1}, "1.25") == ()


@pytest.mark.parametrize("kind", ["List", "PodList"])
def test_lists_are_their_items(kind: str) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a", "imag": "b"}]}}
    (problem,) = validate({"apiVersion": "v1", "kind": kind, "items": [pod, pod][:1]}, "1.25")
    assert problem.pointer == "/items/0/spec/containers/0/imag"


@pytest.mark.parametrize(
    ("manifest", "what"),
    [
        ([], "type"),
        (None, "type"),
        ("x", "type"),
        ({}, "missing"),
        ({"apiVersion": "v1"}, "missing"),
        ({"kind": 1}, "missing"),
    ],
)
def test_what_is_no_object(manifest: Any, what: str) -> None:
    (problem,) = validate(manifest, "1.25")
    assert (problem.pointer, problem.what) == ("", what)


def test_unknown_releases() -> None:
    with pytest.raises(UnknownRelease):
        validate({}, "1.99")
    with pytest.raises(UnknownRelease):
        schema("v1", "Pod", "1.99")
    assert schema("v1", "Pod", "v1.25.3") == schema("v1", "Pod", "1.25")


@pytest.mark.shared
@pytest.mark.parametrize(("name", "first"), [("bare-pods", "1.15"), ("cronjob", "1.21"), ("dsb-scaling", "1.13")])
def test_recorded_objects_are_right(shared_traces: Path, name: str, first: str) -> None:
    events = events_of((shared_traces / f"{name}.sktrace").read_bytes())
    objects = [found for event in events for key in ("applied_objs", "deleted_objs") for found in event[key]]
    assert objects
    for minor in minors()[minors().index(first) :]:
        assert [validate(found, minor) for found in objects] == [()] * len(objects)
