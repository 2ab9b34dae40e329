"""An index that was right is right after a run."""

from __future__ import annotations

from hypothesis import given, note

import skel
from skel.trace.census import recompute_index
from tests.laws.cases import Case, any_program, cases
from tests.laws.running import apply, examples, pack
from tests.strategies import EVERYTHING_TRACKED

Index = dict[str, dict[str, int]]


def entries(index: Index) -> Index:
    """Without the kinds that have no entry left."""
    return {kind: names for kind, names in index.items() if names}


@examples(400)
@given(cases(any_program, named=True))
def test_the_index_follows(case: Case) -> None:
    note(case.text)
    bare = skel.Trace.from_bytes(pack(case.events, EVERYTHING_TRACKED))
    after, _ = apply(case.text, pack(case.events, EVERYTHING_TRACKED, recompute_index(bare)))
    assert entries(after.index) == entries(recompute_index(after))
