"""Laws of rewriting, over texts and changes that nobody thought of."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skel.manifests.composed import compose
from skel.manifests.emit import Emitter, manner_of
from skel.manifests.nodes import nodes
from skel.manifests.render import Renderer
from skel.manifests.rewrite import rewrite
from skel.manifests.slots import Slots
from skel.manifests.tree import Map, Row, Tree, grow
from skel.patch.operations import Replace, apply
from skel.patch.values import equal_json
from tests.manifests.texts import at, documents, operations, paths

Json = Any


def value_of(text: str) -> Json:
    found = compose(text)
    assert len(found) == 1
    return found[0].value


@given(documents(), st.booleans())
@settings(max_examples=300)
def test_a_tree_that_nobody_changed_gives_the_same_bytes(document: tuple[str, Json], keeps: bool) -> None:
    text, _ = document
    [node] = nodes(text)
    slots = Slots(text)
    tree = grow(node, slots)
    wake(tree)
    assert Renderer(Emitter(slots, manner_of(text), keeps)).document(tree, node) == text


def wake(tree: Tree) -> None:
    """Look at all of it, so that nothing is copied unseen."""
    for child in [*tree.entries.values()] if isinstance(tree, Map) else tree.items if isinstance(tree, Row) else []:
        wake(child.value)


@given(st.data())
def test_a_word_for_a_word_leaves_all_other_lines(data: st.DataObject) -> None:
    text, value = data.draw(documents())
    words = [path for path in paths(value) if not isinstance(at(value, path), dict | list)]
    path = data.draw(st.sampled_from(words or [()]))
    if not path or "\n" in str(at(value, path)):
        return
    new = rewrite(text, {(1, ()): [Replace(path, "new")]})
    changed = [(old, now) for old, now in zip(text.split("\n"), new.split("\n"), strict=True) if old != now]
    assert len(changed) <= 1
    assert rewrite(new, {(1, ()): [Replace(path, "new")]}) == new


@given(st.data())
@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
def test_the_new_text_says_what_the_operations_ask_for(data: st.DataObject) -> None:
    text, value = data.draw(documents())
    wanted = data.draw(operations(value))
    new = rewrite(text, {(1, ()): wanted})
    assert equal_json(value_of(new) if new.strip() else None, apply(copy.deepcopy(value), wanted))
