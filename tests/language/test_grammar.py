"""The grammar file is the truth: the tables come from it, and lark itself reads the same language with it."""

from __future__ import annotations

from functools import cache

import lark
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skel import resources
from skel.language import tables
from skel.language.codes import known_codes, page
from skel.language.syntax import parse_syntax
from skel.language.text import Source
from tests.strategies_programs import programs


@cache
def lark_parser() -> lark.Lark:
    return lark.Lark(resources.grammar().read_text("utf-8"), parser="lalr", lexer="contextual")


def lark_accepts(text: str) -> bool:
    try:
        lark_parser().parse(text)
    except lark.exceptions.UnexpectedInput:
        return False
    return True


def test_tables_are_up_to_date() -> None:
    assert tables.FILE.read_text("utf-8") == tables.made_anew(), "run: python -m skel.language.tables --write"


def test_without_the_file_lark_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tables.load()
    monkeypatch.setattr(tables, "FILE", tables.FILE.with_name("nothing.json"))
    assert tables.load.__wrapped__() == kept


@pytest.mark.parametrize("code", known_codes())
def test_lark_agrees_on_the_pages(code: str) -> None:
    found = page(code)
    assert found is not None
    for text in (found.failing, found.corrected):
        if code != "SK019":  # lark has no limit of depth
            assert lark_accepts(text) == (not parse_syntax(Source("p.skel", text)).diagnostics)


@settings(max_examples=60)
@given(programs(on_trace=True), st.data())
def test_lark_agrees_on_damaged_programs(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start, start + 3))
    text = text[:start] + data.draw(st.sampled_from(["", ";", ")", "in", '"a"', "{", ".b", "$x", " "])) + text[end:]
    assert lark_accepts(text) == (not parse_syntax(Source("p.skel", text)).diagnostics)
