"""Laws of reading: nothing that comes in ends in a traceback, and both ways of reading say the same."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from skel.manifests import composed, events
from skel.manifests.complaint import UnreadableError
from skel.manifests.composed import compose
from skel.manifests.locate import locate
from skel.manifests.nodes import nodes
from skel.manifests.reading import read_inputs
from skel.manifests.rewrite import rewrite_what_can_be
from skel.manifests.values import Values
from skel.patch.operations import Add, Remove
from tests.manifests.texts import documents

# Pieces of YAML, so that what is drawn is often nearly right.
CRUMBS = (
    "a", "b: ", ": ", "- ", "? ", "\n", "\n  ", "\n- ", "[", "]", "{", "}", ",", "&x ", "*x", "<<: ", "!!str ",
    "!!binary ", "!!python/name:a ", "|\n", ">-\n", "'", '"', "#", " #c\n", "---\n", "...\n", "%YAML 1.1\n", "\t",
    "\r\n", "~", "on", "1", ".inf",
    "{{ .Values.a }}", "apiVersion: v1\nkind: Pod\n", "apiVersion: v1\nkind: List\nitems:\n",
    "metadata: {name: a}\n", '{"apiVersion": "v1", "kind": "List", "items": [', "\ufeff", "😀", "\x85", "\u2028",
)  # fmt: skip
yamlish = st.lists(st.sampled_from(CRUMBS), max_size=14).map("".join)


@given(st.binary(max_size=60) | yamlish.map(str.encode) | yamlish.map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_read_or_complained_about(data: bytes) -> None:
    found = read_inputs(["-"], BytesIO(data))
    assert len(found.trace.events[0].applied_objs) == len(found.documents)
    for document in found.documents:
        line, column = locate(document, ("metadata", "name"))
        assert line >= 1
        assert column >= 1


@given(yamlish, st.integers(1, 3))
def test_rewriting_any_text_ends_in_text_or_in_a_complaint(text: str, number: int) -> None:
    done = rewrite_what_can_be(text, {(number, ()): [Add(("zz",), 1), Remove(("a",))]})
    assert done.text == text or not done.errors


def slowly(text: str) -> Any:
    """Through nodes, always."""
    try:
        return [Values().value(root) for root in nodes(text)]
    except UnreadableError as error:
        return error.offset, error.message


def quickly(text: str) -> Any:
    try:
        return [document.value for document in compose(text)]
    except UnreadableError as error:
        return error.offset, error.message


@given(yamlish | documents().map(lambda document: document[0]))
def test_both_ways_of_reading_say_the_same(text: str) -> None:
    assert quickly(text) == slowly(text)


@given(documents())
def test_usual_text_takes_the_quick_way(document: tuple[str, Any]) -> None:
    text, value = document
    assert [found.value for found in composed._composed_at_once(text)] == [value]


def test_the_parser_in_python_says_the_same(monkeypatch: Any) -> None:
    text = "# c\na: &x [1, 'b', \"c\\n\"]\nd: *x\ne: |\n  f\n\ng: {h: i}\nj:\n- k\n-\n"
    in_c = [compose(text)[0].value, [key.start for key, _ in nodes(text)[0].pairs]]  # type: ignore[union-attr]
    monkeypatch.setattr(events, "_Parser", yaml.SafeLoader)
    assert [compose(text)[0].value, [key.start for key, _ in nodes(text)[0].pairs]] == in_c  # type: ignore[union-attr]
