"""Our `apply` against the jsonpatch library, and what the library leaves open."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.patch.operations import (
    Add,
    Copy,
    Move,
    Operation,
    PatchError,
    Remove,
    Replace,
    Test,
    apply,
    export,
)
from skel.patch.pointer import Pointer, parse_pointer

keys = st.sampled_from(["a", "b", "0", "a/b", "~1", ""])
# No number beside an equal boolean: the library takes True for 1 in a test.
scalars = st.one_of(st.none(), st.booleans(), st.integers(2, 5), st.sampled_from(["", "x"]))
documents: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)


def places(node: Any, here: Pointer = ()) -> list[Pointer]:
    """Every pointer that reaches something."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [here, *(place for token, child in children for place in places(child, (*here, token)))]


def targets(node: Any, here: Pointer = ()) -> list[Pointer]:
    """Every pointer that something may be added at."""
    if isinstance(node, dict):
        own: list[Pointer] = [(*here, key) for key in {*node, "new", "0"}]
        return own + [place for key, child in node.items() for place in targets(child, (*here, key))]
    if isinstance(node, list):
        own = [(*here, index) for index in range(len(node) + 1)]
        return own + [place for index, child in enumerate(node) for place in targets(child, (*here, index))]
    return []


@st.composite
def operations(draw: st.DrawFn, document: Any) -> Operation | None:
    """One operation that fits the document."""
    there = [place for place in places(document) if place]
    free = targets(document)
    kinds = [Replace, Remove, Test, Copy, Move] if there else []
    kinds += [Add] if free else []
    if not kinds:
        return None
    kind = draw(st.sampled_from(kinds))
    if kind is Add:
        return Add(draw(st.sampled_from(free)), draw(documents))
    place = draw(st.sampled_from(there))
    if kind is Remove:
        return Remove(place)
    if kind is Copy:
        return Copy(place, draw(st.sampled_from(free)))
    if kind is Move:
        rest = copy.deepcopy(document)
        apply(rest, [Remove(place)])
        outside = [target for target in targets(rest) if target[: len(place)] != place]
        return Move(place, draw(st.sampled_from(outside))) if outside else Remove(place)
    if kind is Test:
        return Test(place, copy.deepcopy(jsonpatch.JsonPointer.from_parts(place).resolve(document)))
    return Replace(place, draw(documents))


@given(st.data(), documents)
def test_jsonpatch_agrees(data: st.DataObject, document: Any) -> None:
    done: list[Operation] = []
    ours = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(0, 4))):
        operation = data.draw(operations(ours))
        if operation is None:
            break
        ours = apply(ours, [operation])
        done.append(operation)
    wanted = jsonpatch.apply_patch(document, json.loads(json.dumps(export(done))))
    assert json.dumps(ours, sort_keys=True) == json.dumps(wanted, sort_keys=True)


@given(documents, documents)
def test_a_diff_of_jsonpatch_leads_to_its_goal(before: Any, after: Any) -> None:
    parsed = [read(entry) for entry in jsonpatch.make_patch(before, after).patch]
    assert apply(copy.deepcopy(before), parsed) == after


def read(entry: dict[str, Any]) -> Operation:
    path = parse_pointer(entry["path"])
    match entry["op"]:
        case "add":
            return Add(path, entry["value"])
        case "replace":
            return Replace(path, entry["value"])
        case "remove":
            return Remove(path)
        case "move":
            return Move(parse_pointer(entry["from"]), path)
        case other:
            raise AssertionError(other)


def test_all_operations_in_the_form_of_the_rfc() -> None:
    done: list[Operation] = [
        Add(("a", 0), 1),
        Remove(("b",)),
        Replace((), {}),
        Move(("a",), ("b",)),
        Copy(("a",), ("b",)),
        Test((), {}),
    ]
    assert export(done) == [
        {"op": "add", "path": "/a/0", "value": 1},
        {"op": "remove", "path": "/b"},
        {"op": "replace", "path": "", "value": {}},
        {"op": "move", "from": "/a", "path": "/b"},
        {"op": "copy", "from": "/a", "path": "/b"},
        {"op": "test", "path": "", "value": {}},
    ]


@pytest.mark.parametrize(
    "operation",
    [
        Remove(("x",)),
        Remove(("list", 2)),
        Remove(("list", "a")),
        Remove(("text", "a")),
        Remove(()),
        Replace(("x",), 1),
        Replace(("list", 2), 1),
        Replace(("list", "-"), 1),
        Replace(("x", "y"), 1),
        Add(("x", "y"), 1),
        Add(("list", 3), 1),
        Add(("list", -1), 1),
        Add(("list", "a"), 1),
        Add(("null", "a"), 1),
        Add(("text", 0), 1),
        Copy(("x",), ("y",)),
        Move(("x",), ("y",)),
        Move(("map",), ("map", "deeper")),
        Move(("x",), ("x",)),
        Test(("x",), None),
        Test(("one",), True),
        Test(("map", "true"), 1),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(operation: Operation) -> None:
    document = {"list": [1, 2], "text": "a", "null": None, "one": 1, "map": {"true": True}}
    before = copy.deepcopy(document)
    with pytest.raises(PatchError):
        apply(document, [operation])
    assert document == before


def test_the_root_changes_only_for_an_operation_on_it() -> None:
    document: dict[str, Any] = {}
    assert apply(document, [Add(("a",), 1)]) is document
    assert apply(document, [Replace((), [1])]) == [1]
    assert apply({"a": {"b": 1}}, [Move(("a",), ())]) == {"b": 1}


def test_a_minus_adds_at_the_end() -> None:
    assert apply([1], [Add(("-",), 2)]) == [1, 2]


def test_digits_are_a_key_of_a_map() -> None:
    assert apply({"0": "a"}, [Replace((0,), "b"), Add((1,), "c")]) == {"0": "b", "1": "c"}


def test_values_are_copied_in() -> None:
    value: dict[str, Any] = {"b": []}
    done: list[Operation] = [Add(("a",), value), Add(("a", "b", 0), 1), Copy(("a",), ("c",)), Add(("c", "b", 0), 2)]
    assert apply({}, done) == {"a": {"b": [1]}, "c": {"b": [2, 1]}}
    assert value == {"b": []}


def test_equal_means_equal_in_json() -> None:
    apply({"a": 1, "b": [True]}, [Test(("a",), 1.0), Test(("b",), [True])])
