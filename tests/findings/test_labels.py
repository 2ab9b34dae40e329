from __future__ import annotations

import pytest

from skel.findings.labels import parse_selector

LABELS = {"app": "web", "tier": "front", "skel.dev/keep": ""}


@pytest.mark.parametrize(
    ("selector", "holds"),
    [
        ("app=web", True),
        ("app==web", True),
        ("app = web , tier = front", True),
        ("app=api", False),
        ("app!=api", True),
        ("app!=web", False),
        ("missing!=x", True),
        ("app in (api, web)", True),
        ("app notin (api, web)", False),
        ("missing notin (a)", True),
        ("missing in (a)", False),
        ("skel.dev/keep", True),
        ("skel.dev/keep=", True),
        ("!missing", True),
        ("!app", False),
        ("app in (api,web),!missing,tier=front", True),
        ("app in (api,web),missing", False),
    ],
)
def test_a_selector_selects_as_kubectl_does(selector: str, holds: bool) -> None:
    assert all(requirement.holds(LABELS) for requirement in parse_selector(selector)) is holds


@pytest.mark.parametrize("text", ["", "app=web,", "=web", "app in web", "app > 3", "a b", "app in (a"])
def test_what_is_no_selector_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no label selector"):
        parse_selector(text)
