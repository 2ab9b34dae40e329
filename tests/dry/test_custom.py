from __future__ import annotations

from typing import Any

import pytest

from skel.client.request import APPLY, Request, Response
from skel.patch.values import Json
from skel.replay.dry.target import DryTarget
from tests.dry.rows import valid_objects

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WIDGETS = "/apis/example.com/v1/namespaces/default/widgets"


def definition() -> dict[str, Any]:
    return next(item for item in valid_objects() if item["kind"] == "CustomResourceDefinition")


def widget(**spec: Json) -> Json:
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 3, **spec}}


def send(target: DryTarget, body: Json, method: str = "POST") -> Response:
    path = WIDGETS if method == "POST" else f"{WIDGETS}/w"
    return target.answer(Request(method, path, (), body, APPLY if method == "PATCH" else "application/json"))


@pytest.fixture
def target() -> DryTarget:
    target = DryTarget("1.25")
    assert target.answer(Request("POST", DEFINITIONS, (), definition())).status == 201
    return target


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"mode": "slow"},
        {"port": "http"},
        {"port": 80},
        {"extra": {"any": [1]}},
        {"labels": {"a": "b"}},
        {"name": "abc"},
    ],
)
def test_what_fits_the_schema(target: DryTarget, spec: dict[str, Json]) -> None:
    assert send(target, widget(**spec)).status == 201


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"size": "3"}, "spec.size in body must be of type integer"),
        ({"size": 11}, "should be less than or equal to 10"),
        ({"size": None}, "must be of type integer"),
        ({"mode": "medium"}, 'Unsupported value: "medium"'),
        ({"name": "Abc"}, "should match '^[a-z]+$'"),
        ({"tags": ["a", "b", "c", "d"]}, "should have at most 3 items"),
        ({"labels": {"a": 1}}, "must be of type string"),
        ({"items": [{"value": 1}]}, "Required value"),
    ],
)
def test_what_does_not(target: DryTarget, spec: dict[str, Json], words: str) -> None:
    answer = send(target, widget(**spec))
    assert answer.status == 422
    assert words in answer.message


def test_unknown_fields_are_dropped_or_refused(target: DryTarget) -> None:
    body = widget(colour="red")
    assert send(target, body, "PATCH").status == 500
    answer = send(target, body)
    assert (answer.status, answer.warnings) == (201, ('unknown field "spec.colour"',))


def test_without_its_definition_a_kind_is_not_known() -> None:
    assert send(DryTarget("1.25"), widget()).is_unknown


def test_rules_in_cel_are_not_run() -> None:
    target, crd = DryTarget("1.25"), definition()
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["spec"]["x-kubernetes-validations"] = [{"rule": "self.size < 5"}]
    assert target.answer(Request("POST", DEFINITIONS, (), crd)).status == 201
    assert send(target, widget()).is_unknown
    assert send(target, widget(size="x")).status == 422


def test_a_kind_goes_with_its_definition(target: DryTarget) -> None:
    target.answer(Request("DELETE", f"{DEFINITIONS}/widgets.example.com"))
    assert send(target, widget()).is_unknown
