"""YAML from strangers: plain data as the library reads it, everything else refused with its place."""

from __future__ import annotations

import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from skel.language.text import Source
from skel.packs.yaml_nodes import MOST_DEPTH, Entries, Items, Scalar, Unreadable, plain, read_node
from skel.packs.yaml_text import yaml_text
from skel.patch.values import Json

TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=20
)


def read(text: str) -> Json:
    node = read_node(Source("x.yaml", text))
    assert node is not None
    return plain(node)


def refused(text: str) -> str:
    with pytest.raises(Unreadable) as caught:
        read(text)
    diagnostic = caught.value.diagnostic
    return f"{diagnostic.span}: {diagnostic.message} {diagnostic.hint}".strip()


@given(VALUES)
def test_what_was_written_is_read_again(value: Json) -> None:
    assert read(yaml_text(value)) == value


@given(VALUES)
def test_flow_style_is_read_as_the_library_reads_it(value: Json) -> None:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True)
    assert read(text) == yaml.safe_load(text)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60) | st.text("[]{}:,-&*!<>|? \n'\"a1#%@`", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        node = read_node(Source("x.yaml", text))
        if node is not None:
            plain(node)
    except Unreadable as error:
        assert 0 <= error.diagnostic.span.start <= len(text)


@given(st.lists(st.text(string.ascii_lowercase + "äß☂😀", min_size=1, max_size=5), unique=True, min_size=1))
def test_places_are_those_of_the_text(keys: list[str]) -> None:
    text = "".join(f"{key!r}:\n- '{key}'\n" for key in keys)
    node = read_node(Source("x.yaml", text))
    assert isinstance(node, Entries)
    for key, value in node.entries:
        assert key.span.text == repr(key.text)
        assert isinstance(value, Items)
        assert value.items[0].span.text == f"'{key.text}'"


def test_a_version_keeps_its_zero_as_text() -> None:
    node = read_node(Source("x.yaml", "to: 1.30"))
    assert isinstance(node, Entries)
    version = node.get("to")
    assert isinstance(version, Scalar)
    assert (version.text, version.value) == ("1.30", 1.3)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z"),
        ("10:30", "10:30"),
        ("0644", 0o644),
        ("0x1F", 31),
        ("1_000", 1000),
        ("yes", True),
        ("~", None),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("!!int '1'", 1),
        ("=", "="),
        ("[&a {x: 1}, *a]", [{"x": 1}, {"x": 1}]),
    ],
)
def test_scalars(text: str, value: Json) -> None:
    seen = read(text)
    assert seen == value
    assert type(seen) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: !!python/object/apply:os.system [id]", "x.yaml:1:4: the tag `!!python/object/apply:os.system` is refused"),
        ("a: 1\nb: !secret x", "x.yaml:2:4: the tag `!secret` is refused"),
        ("a: !!binary aGk=", "the tag `!!binary` is refused"),
        ("a: 1\na: 2", "x.yaml:2:1: the key `a` stands twice"),
        ("a: {b: 1, b: 2}", "x.yaml:1:11: the key `b` stands twice"),
        ("x: &x {a: 1}\ny:\n  <<: *x", "x.yaml:3:3: merge keys `<<` are not read"),
        ("a: *nobody", "`*nobody` stands for nothing"),
        ("a: &a [*a]", "`*a` stands for nothing"),
        ("a: 1\n---\nb: 2", "x.yaml:2:1: there is a second document"),
        ("[a, b", "this is no YAML"),
        ("a: b: c", "x.yaml:1:5: this is no YAML"),
        ("? [a]\n: b", "x.yaml:1:3: a key must be a text"),
        ("1: a", "x.yaml:1:1: the key `1` is no text put it in quotes"),
        ("a: !!int x", "`x` is no `!!int`"),
        ("a: \x01", "this is no YAML"),
        ("[" * (MOST_DEPTH + 1), "nested deeper than 100 levels"),
        ("[" * 100_000, "nested deeper than 100 levels"),
        ("{a: " * 100_000, "nested deeper than 100 levels"),
        ("- " * 100_001, "nested deeper"),
        ("a: " + "x" * 1_000_000, "larger than 1000000 characters"),
    ],
)
def test_refused(text: str, message: str) -> None:
    assert message in refused(text)


def test_aliases_can_not_blow_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "the aliases make more than 100000 values" in refused("\n".join(lines))
