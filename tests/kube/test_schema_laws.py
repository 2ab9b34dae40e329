from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skel.kube.release import minors, served
from skel.kube.schema import Field, schema, validate
from skel.patch.pointer import parse_pointer

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
KEYS = st.sampled_from(["metadata", "spec", "items", "status", "a"]) | st.text(max_size=5)
ANY_JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
KINDS = [(gvk, minor) for minor in ("1.13", "1.22", minors()[-1]) for gvk in served(minor)]


@given(ANY_JSON, st.sampled_from(minors()))
def test_any_json_is_judged(value: Any, minor: str) -> None:
    for problem in validate(value, minor):
        parse_pointer(problem.pointer)
        assert problem.what in {"unknown-field", "type", "missing", "not-served"}


@given(st.sampled_from(KINDS), st.dictionaries(KEYS, ANY_JSON, max_size=5))
def test_any_object_is_judged(kind: tuple[tuple[str, str], str], rest: dict[str, Any]) -> None:
    (api_version, name), minor = kind
    for problem in validate({"apiVersion": api_version, "kind": name, **rest}, minor):
        parse_pointer(problem.pointer)
        assert problem.what in {"unknown-field", "type", "missing"}


# Objects that are right because they are drawn from the schema.

LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=5),
    "boolean": st.booleans(),
    "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**31), 2**31 - 1),
    "int-or-string": st.integers(-(2**31), 2**31 - 1) | st.text(max_size=5),
    "quantity": st.sampled_from(["1", "500m", "1.5Gi", 2, 0.5, "1e3"]),
    "time": st.sampled_from(["2024-01-31T12:00:00Z", "2024-01-31T12:00:00.5+02:00"]),
    "byte": st.sampled_from(["", "aGVsbG8=", "YQ=="]),
}
DEEPEST = 5


def values(field: Field, depth: int = 0) -> st.SearchStrategy[Any]:
    match field.type:
        case "object":
            return st.composite(draw_object)(field, depth)
        case "map" if field.values:
            inner = values(field.values, depth + 1)
            return st.dictionaries(st.text(max_size=4), inner, max_size=0 if depth > DEEPEST else 2)
        case "array" if field.items:
            return st.lists(values(field.items, depth + 1), max_size=0 if depth > DEEPEST else 2)
        case "integer":
            edge = 2**31 if field.format == "int32" else 2**63
            return st.integers(-edge, edge - 1)
        case "any":
            return ANY_JSON
        case kind:
            return LEAVES[kind]


def draw_object(draw: st.DrawFn, field: Field, depth: int) -> dict[str, Any]:
    needed = [name for name, child in field.fields.items() if child.required]
    spare = [name for name in field.fields if name not in needed]
    chosen = draw(st.lists(st.sampled_from(spare), unique=True, max_size=4)) if spare and depth < DEEPEST else []
    return {name: draw(values(field.fields[name], depth + 1)) for name in (*needed, *chosen)}


@st.composite
def objects(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    gvk, minor = draw(st.sampled_from(KINDS))
    field = schema(*gvk, minor)
    assert field is not None
    return {**draw(values(field)), "apiVersion": gvk[0], "kind": gvk[1]}, minor


@settings(max_examples=150)
@given(objects())
def test_what_the_schema_says_is_right(drawn: tuple[dict[str, Any], str]) -> None:
    manifest, minor = drawn
    assert validate(manifest, minor) == ()


@settings(max_examples=100)
@given(objects(), st.text(min_size=1, max_size=5))
def test_one_more_name_is_one_problem(drawn: tuple[dict[str, Any], str], name: str) -> None:
    manifest, minor = drawn
    field = schema(manifest["apiVersion"], manifest["kind"], minor)
    assert field is not None
    if name not in field.fields:
        (problem,) = validate({**manifest, name: 1}, minor)
        assert (parse_pointer(problem.pointer), problem.what) == (parse_pointer(problem.pointer), "unknown-field")


@settings(max_examples=100)
@given(objects(), st.data())
def test_what_is_required_is_missed(drawn: tuple[dict[str, Any], str], data: st.DataObject) -> None:
    manifest, minor = drawn
    field = schema(manifest["apiVersion"], manifest["kind"], minor)
    assert field is not None
    needed = [name for name, child in field.fields.items() if child.required]
    if needed:
        gone = data.draw(st.sampled_from(needed))
        (problem,) = validate({key: value for key, value in manifest.items() if key != gone}, minor)
        assert (problem.pointer, problem.what, problem.message) == ("", "missing", f"`{gone}` is required")


@pytest.mark.parametrize("depth", [10, 20_000])
def test_deep_schemas_of_custom_resources(depth: int) -> None:
    inner: dict[str, Any] = {"typ": "object"}
    for _ in range(depth):
        inner = {"properties": {"a": inner}}
    manifest = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "spec": {
            "group": "a.b",
            "scope": "Cluster",
            "names": {"kind": "A", "plural": "as"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": inner}}],
        },
    }
    (problem,) = validate(manifest, "1.25")
    assert problem.pointer.endswith("/a/typ")
