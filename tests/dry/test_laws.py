"""Whatever a body holds, there is an answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skel.client.request import APPLY, JSON, Request
from skel.kube.release import served
from skel.kube.schema import schema
from skel.patch.values import Json, copy_json
from skel.replay.dry.decode import Form
from skel.replay.dry.shape import Shape
from skel.replay.dry.target import DryTarget
from tests.dry.mutate import places, put
from tests.dry.rows import collection, request, valid_objects

VALID = list(valid_objects())
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KINDS = sorted(served("1.25").values(), key=lambda entry: (entry.api_version, entry.kind))
TARGET = DryTarget("1.25")


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_a_broken_object_is_answered(data: st.DataObject) -> None:
    valid = copy_json(data.draw(st.sampled_from(VALID)))
    for _ in range(data.draw(st.integers(1, 3))):
        found = [place for place, _ in places(valid)]
        if found:
            put(valid, data.draw(st.sampled_from(found)), data.draw(VALUES))
    where = collection(valid, "1.25")
    assert where is not None
    for sent in (
        Request("POST", where[0], (), valid, JSON),
        Request("PATCH", f"{where[0]}/x", (("force", "true"),), valid, APPLY),
        Request("PUT", f"{where[0]}/x", (), valid, JSON),
    ):
        answer = TARGET.answer(sent)
        assert answer.status in {0, 200, 201, 400, 403, 404, 405, 409, 422, 500}


@given(kind=st.sampled_from(KINDS), body=VALUES, name=st.text(max_size=3))
@settings(max_examples=200, deadline=None)
def test_anything_is_answered(kind: Any, body: Json, name: str) -> None:
    prefix = "/apis/" if "/" in kind.api_version else "/api/"
    middle = "/namespaces/default/" if kind.namespaced else "/"
    path = f"{prefix}{kind.api_version}{middle}{kind.resource}"
    whole = {**body, "apiVersion": kind.api_version, "kind": kind.kind} if isinstance(body, dict) else body
    TARGET.answer(Request("POST", path, (), whole))
    TARGET.answer(Request("PATCH", f"{path}/{name}", (), whole, APPLY))


@given(method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]), path=st.text(max_size=20))
def test_any_path_is_answered(method: str, path: str) -> None:
    for start in ("", "/", "/api/v1/", "/apis/apps/v1/namespaces/default/"):
        assert TARGET.answer(Request(method, start + path)).status != 200 or method in {"GET", "DELETE"}


def test_an_object_nested_too_deeply() -> None:
    body: Json = {}
    for _ in range(100_000):
        body = {"properties": {"a": body}}
    crd = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "a"}}
    whole = {**crd, "spec": {"versions": [{"schema": {"openAPIV3Schema": body}}]}}
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    assert TARGET.answer(Request("POST", path, (), whole)).status in {0, 422}
    while body:
        body = body["properties"].pop("a")


@pytest.mark.parametrize("valid", VALID, ids=lambda found: f"{found['kind']}-{found['metadata']['name']}")
def test_the_quick_look_and_the_decoder_agree(valid: Json) -> None:
    minor = "1.25" if schema(valid["apiVersion"], valid["kind"], "1.25") else "1.24"
    tree = schema(valid["apiVersion"], valid["kind"], minor)
    assert tree is not None
    shape = Shape.of(tree)
    for form in Form:
        quick, slow = shape.read(valid, form)[0], shape.readers[form](valid, [])
        assert quick == slow


@pytest.mark.parametrize("valid", VALID, ids=lambda found: f"{found['kind']}-{found['metadata']['name']}")
def test_judging_twice_gives_the_same(valid: Json) -> None:
    target = DryTarget("1.25")
    sent = request(valid, "1.25", "apply")
    assert sent is not None
    assert target.answer(sent) == target.answer(sent) == DryTarget("1.25").answer(sent)
