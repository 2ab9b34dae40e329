"""Selectors, times and what is kept of objects."""

from __future__ import annotations

from typing import Any

import pytest

from skel.record.imports.options import parse_time
from skel.record.imports.selector import parse_selector
from skel.trace.errors import TraceError

LABELS = {"app": "cart", "tier": "web", "zone": ""}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("app=cart", True),
        ("app==cart, tier = web", True),
        ("app!=cart", False),
        ("other!=x", True),
        ("app", True),
        ("!app", False),
        ("!example.com/canary", True),
        ("zone=", True),
        ("app in (cart, shelf)", True),
        ("app notin (cart)", False),
        ("other notin (cart)", True),
        ("other in (cart)", False),
        ("app in (cart),tier in (db, web),!canary", True),
    ],
)
def test_selectors(text: str, matches: bool) -> None:
    assert parse_selector(text).matches({"metadata": {"labels": LABELS}}) is matches


@pytest.mark.parametrize("text", ["=x", "app=", "app=a b", "!app=x", "app in x", "a,,b", "app in (x", "app>1"])
def test_texts_that_select_nothing(text: str) -> None:
    if text == "app=":
        assert not parse_selector(text).matches({"metadata": {"labels": LABELS}})
        return
    with pytest.raises(TraceError, match="no label selector"):
        parse_selector(text)


def test_objects_without_labels() -> None:
    things: list[dict[str, Any]] = [{}, {"metadata": None}, {"metadata": {"labels": []}}]
    for thing in things:
        assert not parse_selector("app").matches(thing)
        assert parse_selector("!app").matches(thing)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1777629600", 1777629600),
        ("2026-05-01T10:00:00Z", 1777629600),
        ("2026-05-01T12:00:00+02:00", 1777629600),
        ("2026-05-01T10:00", 1777629600),
        ("2026-05-01", 1777593600),
        ("2026-05-01T10:00:00.999999999Z", 1777629600),
    ],
)
def test_times(text: str, seconds: int) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize("text", ["", "10m", "soon", "2026-13-01", "99999999999999"])
def test_texts_that_are_no_times(text: str) -> None:
    with pytest.raises(TraceError, match="is no time"):
        parse_time(text)
