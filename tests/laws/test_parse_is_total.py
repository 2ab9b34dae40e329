"""Whatever the text, the parser answers with diagnostics."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import skel
from tests.laws.cases import Case, any_program, cases
from tests.laws.running import examples

WORDS = (
    "modify", "remove", "delete", "when", "rule", "define", "param", "import", "insert", "clone", "target", "exists",
    "in", "@t", "@", "$x", ":=", "|", "||", "&&", "!", "==", "=~", "=", "(", ")", "[", "]", "{", "}", "[?(", "**",
    "*", ".", ",", ";", '"', "'", "\\", "\n", "#", "10m", "1.5", "-1", "null", "true", "podSpec", "spec",
    "é", "\0", "\ufeff", "“",
)  # fmt: skip


def is_answered(text: str) -> None:
    try:
        skel.compile(text)
    except skel.SkelError as error:
        found = error.diagnostics
    else:
        return
    assert found, "an error without a diagnostic"
    for diagnostic in found:
        assert diagnostic.message
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(diagnostic.span.source.text)


@examples(150)
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    is_answered(text)


@examples(150)
@given(st.lists(st.sampled_from(WORDS), max_size=20))
def test_any_words(words: list[str]) -> None:
    is_answered(" ".join(words))


@examples(300)
@given(cases(any_program), st.integers(0, 400), st.integers(0, 30), st.sampled_from(("", *WORDS)))
def test_a_program_with_a_piece_replaced(case: Case, start: int, length: int, piece: str) -> None:
    is_answered(case.text[:start] + piece + case.text[start + length :])


@examples(60)
@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    is_answered(data.decode("utf-8", "replace"))
