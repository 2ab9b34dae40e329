"""An index that was right is right after a run."""

from __future__ import annotations

from hypothesis import given, note

from skel.trace.census import recompute_index
from tests.laws.cases import Case, any_program, cases
from tests.laws.running import apply, examples, pack_indexed

Index = dict[str, dict[str, int]]


def entries(index: Index) -> Index:
    """Without the kinds that have no entry left."""
    return {kind: names for kind, names in index.items() if names}


@examples(400)
@given(cases(any_program, named=True))
def test_the_index_follows(case: Case) -> None:
    note(case.text)
    after, _ = apply(case.text, pack_indexed(case.events))
    assert entries(after.index) == entries(recompute_index(after))
