"""The quick look at labels and annotations: what it calls good is good, the first time and the next."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.replay.dry import texts
from skel.replay.dry.metadata import metadata
from skel.replay.dry.names import dns_subdomain
from skel.replay.dry.texts import has_good_texts

WORDS = st.sampled_from(["app", "a/b", "A.b-c_d", "", "-x", "x y", "a/b/c", "x" * 64, "é", "1"]) | st.text(max_size=4)
VALUES: st.SearchStrategy[Any] = WORDS | st.none() | st.booleans() | st.integers() | st.just([]) | st.just({"a": []})
MAPS: st.SearchStrategy[Any] = st.dictionaries(WORDS, VALUES, max_size=3) | VALUES


@given(MAPS, MAPS)
def test_what_looks_good_is_good(labels: Any, annotations: Any) -> None:
    meta = {"name": "x", "labels": labels, "annotations": annotations}
    good = has_good_texts(meta)
    assert has_good_texts(meta) == good
    if good:
        assert not list(metadata(meta, dns_subdomain, namespaced=False))


@given(st.dictionaries(WORDS, WORDS, max_size=3), st.dictionaries(WORDS, WORDS, max_size=3))
def test_what_is_good_looks_good(labels: dict[str, str], annotations: dict[str, str]) -> None:
    meta = {"name": "x", "labels": labels, "annotations": annotations}
    assert has_good_texts(meta) == (not list(metadata(meta, dns_subdomain, namespaced=False)))


def test_a_field_that_wants_more_is_looked_at_closely() -> None:
    assert not has_good_texts({"name": "x", "finalizers": []})


def test_annotations_can_be_too_long() -> None:
    assert has_good_texts({"annotations": {"a": "x" * 1000}})
    assert not has_good_texts({"annotations": {"a": "x" * texts._SMALL}})


def test_what_is_known_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_REMEMBERED", 10)
    monkeypatch.setattr(texts, "_good_labels", set())
    for number in range(100):
        assert has_good_texts({"labels": {"n": str(number)}})
        assert len(texts._good_labels) <= 10
