"""Ignores in comments."""

from __future__ import annotations

import pytest

from tests.lint.proving import codes, linted

TWICE = 'delete(kind == "A" && kind == "B");'


@pytest.mark.parametrize(
    "text",
    [
        f"{TWICE} # skel: ignore[SK113] on its line",
        f"# skel: ignore[SK113] above\n{TWICE}",
        f"# skel: ignore[sk113]: any case, with a colon\n{TWICE}",
        f"# skel: ignore[SK113] above\n# and a remark between\n\n{TWICE}",
        '# skel: ignore[SK113] the whole statement\ndelete(kind == "A"\n    && kind == "B");',
        f'rule "a" {{\n    # skel: ignore[SK113] in a rule\n    {TWICE}\n}}',
        'delete(kind == "A"\n    # skel: ignore[SK113] inside a command\n    && kind == "B");',
    ],
)
def test_covers(text: str) -> None:
    found = linted(text)
    assert not found.diagnostics
    assert [silenced.diagnostic.code for silenced in found.silenced] == ["SK113"]
    assert found.silenced[0].reason


def test_the_reason_is_kept() -> None:
    assert linted(f"{TWICE} # skel: ignore[SK113] - the old rule").silenced[0].reason == "the old rule"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"# skel: ignore[SK113] a block has its head only\nwhen exists(spec) {{\n    {TWICE}\n}}", ["SK190", "SK113"]),
        (f"# skel: ignore[SK114] another code\n{TWICE}", ["SK190", "SK113"]),
        (f"{TWICE}\n# skel: ignore[SK113] below it", ["SK113", "SK190"]),
        (f"# skel: ignore[SK113]\n{TWICE}", ["SK191"]),
        (f"# skel: ignore everything\n{TWICE}", ["SK192", "SK113"]),
        (f"# skel: ignore[] nothing\n{TWICE}", ["SK192", "SK113"]),
        ("# skel: ignored by the linter\nremove(status);", []),
        ('# skel: ignore[SK014] errors stay\ndelete(kind = "Pod");', ["SK014"]),
    ],
)
def test_does_not_cover(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


def test_warnings_of_the_language_can_be_ignored() -> None:
    assert codes("delete(kind == Pod); # skel: ignore[SK061] a field of that name is meant") == []


def test_two_codes_in_one_comment() -> None:
    text = 'delete(kind == "A" && kind == "B" && kind == "A"); # skel: ignore[SK113, SK114] both'
    assert codes(text) == []


def test_an_ignore_of_an_ignore_that_covers_nothing_does_not_help() -> None:
    assert codes("remove(status); # skel: ignore[SK190] no way around it") == ["SK190"]
