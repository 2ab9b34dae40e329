"""The formatter's laws: the tree stays, comments stay, a second run changes nothing, and lines end in time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skel.language.diagnostic import SkelError
from skel.language.formatter import format_source
from skel.language.layout import WIDTH
from skel.language.parser import parse
from skel.language.text import Source
from tests.language.golden import HERE, check_golden
from tests.snippets import blocks
from tests.strategies_programs import programs

ROOT = HERE.parent.parent
FILES = sorted((HERE / "format").glob("*.skel"))
DOCUMENTED = [
    block.text
    for page in sorted((ROOT / "docs").rglob("*.md"))
    for block in blocks(page)
    if block.language == "skel" and block.title != "error"
]
TOKEN = re.compile(r'"[^"]*"|[(),;{}]|&&|\|\|')


def fmt(text: str) -> str:
    return format_source(Source("p.skel", text))


def assert_lawful(text: str) -> None:
    source = Source("p.skel", text)
    before = parse(source)
    after = format_source(source)
    again = parse(Source("p.skel", after))
    assert again.module == before.module
    assert fmt(after) == after
    assert words(again.comments) == words(before.comments)


def words(comments: tuple[object, ...]) -> list[str]:
    """Comments may come to stand behind each other in one line."""
    return " ".join(getattr(comment, "text", "") for comment in comments).replace("#", " ").split()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_form(file: Path) -> None:
    text = file.read_bytes().decode()
    assert_lawful(text)
    check_golden(file.with_suffix(".formatted"), fmt(text))


def test_documented_programs() -> None:
    for text in DOCUMENTED:
        if not parse(Source("p.skel", text)).diagnostics:
            assert_lawful(text)


@settings(max_examples=60)
@given(programs(on_trace=True))
def test_any_program(text: str) -> None:
    assert_lawful(text)


@settings(max_examples=60)
@given(programs(), st.data())
def test_comments_anywhere(text: str, data: st.DataObject) -> None:
    places = [found.end() for found in TOKEN.finditer(text)]
    for number, place in enumerate(sorted(data.draw(st.sets(st.sampled_from(places), max_size=5)), reverse=True)):
        gap = data.draw(st.sampled_from((" ", "\n", "\n\n")))
        text = f"{text[:place]}{gap}# remark {number}\n{text[place:]}"
    assert_lawful(text)


@settings(max_examples=40)
@given(programs(), st.data())
def test_blanks_do_not_matter(text: str, data: st.DataObject) -> None:
    """Any blanks inside a statement lead to the same form."""
    blank = data.draw(st.sampled_from((" ", "\t", "\n   ", "\r\n")))
    spaced = TOKEN.sub(lambda found: f"{found[0]}{blank if found[0] in ',(&&||' else ''}", text)
    assert fmt(spaced) == fmt(text)


@settings(max_examples=40)
@given(programs())
def test_lines_end_in_time(text: str) -> None:
    """Only what can't be broken is longer than a line: one term, one path, one string."""
    for line in fmt(text).splitlines():
        assert len(line) <= WIDTH or " && " not in line.partition("(")[2]


def test_errors_are_not_formatted() -> None:
    with pytest.raises(SkelError) as caught:
        fmt("remove(status)\nremove(a b);")
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["SK011", "SK010"]


def test_empty() -> None:
    assert fmt("") == ""
    assert fmt(" \n\n") == ""
    assert fmt("\ufeff# only a remark") == "# only a remark\n"
