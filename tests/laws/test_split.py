"""Two programs, one after the other, do what they do as one."""

from __future__ import annotations

from hypothesis import given, note

from tests.laws.cases import Case, cases, mixed_program
from tests.laws.running import apply, exact, examples, pack_indexed, unpack


@examples(200)
@given(cases(mixed_program, named=True), cases(mixed_program))
def test_one_after_the_other(first: Case, second: Case) -> None:
    note(first.text)
    note(second.text)
    later = second.text.replace('rule "r', 'rule "s')
    once, _ = apply(first.text + later, pack_indexed(first.events))
    halfway, _ = apply(first.text, pack_indexed(first.events))
    twice, _ = apply(later, halfway)
    assert exact(unpack(twice.to_bytes())) == exact(unpack(once.to_bytes()))
