"""Whatever the text is, the linter has an answer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from skel.lint.file import Setting
from skel.lint.fixer import fix_all
from skel.lint.trial import execute
from tests.laws.running import examples
from tests.lint.proving import linted, opened
from tests.strategies_programs import programs

SETTING = Setting("1.16", "1.25", in_pack=True, strict_reference=True, execute=execute)


@examples(150)
@given(programs(on_trace=True, max_statements=6), st.integers(0, 400), st.booleans())
def test_any_program(text: str, cut: int, is_broken: bool) -> None:
    whole = text[: len(text) - cut] if is_broken else text
    found = linted(whole, SETTING).diagnostics
    assert all(diagnostic.span.start <= diagnostic.span.end <= len(whole) for diagnostic in found)
    fix_all(opened(whole, SETTING), unsafe=True)


@examples(100)
@given(st.text(alphabet='abk= !&|$"\\(){}[]*.,;:#@\n\té', max_size=60))
def test_any_text(text: str) -> None:
    linted(text, SETTING)
    fix_all(opened(text, SETTING), unsafe=True)
