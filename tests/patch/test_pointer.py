from __future__ import annotations

import jsonpointer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.patch.pointer import PatchError, format_pointer, parse_pointer

tokens = st.one_of(st.integers(0, 10**6), st.text(max_size=5), st.sampled_from(["a/b", "~", "~1", "", "-", "01"]))


@pytest.mark.parametrize(
    ("pointer", "text"),
    [((), ""), (("",), "/"), (("a/b", "~x"), "/a~1b/~0x"), (("spec", 0, "name"), "/spec/0/name"), (("~1",), "/~01")],
)
def test_examples(pointer: tuple[str | int, ...], text: str) -> None:
    assert format_pointer(pointer) == text
    assert parse_pointer(text) == pointer


@given(st.lists(tokens, max_size=5))
def test_there_and_back(parts: list[str | int]) -> None:
    text = format_pointer(tuple(parts))
    assert list(map(str, parse_pointer(text))) == list(map(str, parts)) == jsonpointer.JsonPointer(text).parts
    assert format_pointer(parse_pointer(text)) == text


@pytest.mark.parametrize("text", ["a", "a/b", "/~", "/a~2", "/~~0"])
def test_refusals(text: str) -> None:
    with pytest.raises(PatchError):
        parse_pointer(text)


def test_only_plain_digits_are_an_index() -> None:
    assert parse_pointer("/01/-1/1e3/٣") == ("01", "-1", "1e3", "٣")
