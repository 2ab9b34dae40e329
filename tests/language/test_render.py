"""Messages in a terminal: columns, wide characters, long lines, other files, colours."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest

from skel.language.analyse import analyse_all
from skel.language.codes import UNEXPECTED
from skel.language.diagnostic import Label, Severity
from skel.language.render import WIDEST, count, render
from skel.language.text import Source, Span


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


@pytest.mark.parametrize(
    "text",
    [
        "a & b",
        "\ta\t&\tb",
        '# 日本\nx("日本語") & b',
        "'é́' & b",
        "x" * 500 + " & b",
        "& " + "y" * 500,
        "日" * 300 + " & " + "本" * 300,
    ],
)
def test_the_caret_stands_below(text: str) -> None:
    at = text.index("&")
    lines = render([UNEXPECTED.at(Span(Source("p.skel", text), at, at + 1), "here")]).splitlines()
    shown, caret = next((a, b) for a, b in pairwise(lines) if "^" in b)
    plain = "".join(character for character in shown if not unicodedata.combining(character))
    assert columns(plain[: plain.index("&")]) == caret.index("^")
    assert columns(plain) <= WIDEST + 10


def test_labels_in_other_lines_and_files() -> None:
    own, other = Source("a.skel", "one\ntwo\nthree\nfour\n"), Source("b.skel", "elsewhere\n")
    labels = (Label(Span(own, 0, 3), "the first"), Label(Span(other, 0, 9), "another"))
    text = render([UNEXPECTED.at(Span(own, 14, 18), "message", "hint", labels=labels, notes=("note",))])
    assert text == (
        "error[SK010]: message\n --> a.skel:4:1\n  |\n1 | one\n  | --- the first\n...\n4 | four\n  | ^^^^ hint\n"
        " ::: b.skel:1:1\n  |\n1 | elsewhere\n  | --------- another\n  |\n  = note: note\n\n1 error\n"
    )


def test_nothing_obeys_what_is_shown() -> None:
    source = Source("p.skel\x1b[2J", "a \x1b[31m & \u202eb\n")
    text = render([UNEXPECTED.at(Span(source, 0, 1), "\x1b]0;title\x07")])
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", text)


def test_colour_adds_nothing_but_colour() -> None:
    found = analyse_all(Source("p.skel", "remove(a b);\nremove(kind == Pod, c);")).diagnostics
    coloured = render(found, color=True)
    assert "\x1b[1;31m" in coloured
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == render(found)


def test_counting() -> None:
    found = analyse_all(Source("p.skel", "remove(a b); remove(c d); remove(kind == Pod, c);")).diagnostics
    assert count(found) == "2 errors, 1 warning"
    assert render([]) == ""
    assert {diagnostic.severity for diagnostic in found} == {Severity.ERROR, Severity.WARNING}


def test_the_end_of_the_text() -> None:
    source = Source("p.skel", "remove(a)\n\n")
    assert "p.skel:1:10" in render(analyse_all(source).diagnostics)
    assert " --> p.skel:1:1" in render([UNEXPECTED.at(Span(Source("p.skel", ""), 0, 0), "empty")])
