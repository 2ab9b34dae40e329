from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.patch.values import copy_json, equal_json

scalars = st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from([0.0, 1.0, 1.5]), st.text(max_size=2))
documents: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=2), inner, max_size=3)),
)


@given(documents)
def test_a_copy_is_equal_and_shares_nothing(document: Any) -> None:
    before = copy.deepcopy(document)
    twin = copy_json(document)
    assert equal_json(twin, document)
    empty(twin)
    assert document == before


def empty(node: Any) -> None:
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        empty(child)
    if isinstance(node, dict | list):
        node.clear()


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1.0, True),
        (True, 1, False),
        (0, False, False),
        (True, True, True),
        ({"a": [True]}, {"a": [1]}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ([1, 2], [2, 1], False),
        (None, False, False),
        ("1", 1, False),
    ],
)
def test_equality(left: Any, right: Any, equal: bool) -> None:
    assert equal_json(left, right) is equal
    assert equal_json(right, left) is equal
