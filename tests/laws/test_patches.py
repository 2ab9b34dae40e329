"""What a change says, done by another JSON Patch implementation, gives the same object."""

from __future__ import annotations

import jsonpatch
from hypothesis import given, note

from skel.patch.operations import export
from skel.trace.codec import decode_object
from tests.laws.cases import Case, cases, mixed_program
from tests.laws.running import apply, exact, examples, pack


@examples(400)
@given(cases(mixed_program))
def test_jsonpatch_agrees(case: Case) -> None:
    note(case.text)
    _, changes = apply(case.text, pack(case.events))
    for thing in changes.objects():
        if thing.before is None or thing.after is None:
            continue
        patch = export(thing.operations)
        note(str(patch))
        found = jsonpatch.apply_patch(decode_object(thing.before), patch)
        assert exact(found) == exact(decode_object(thing.after))


@examples(150)
@given(cases(mixed_program))
def test_changes_are_the_whole_story(case: Case) -> None:
    note(case.text)
    after, changes = apply(case.text, pack(case.events))
    left = [bytes(thing.after) for thing in changes.objects() if thing.after is not None]
    found = [bytes(raw) for event in after.events for raw in (*event.applied_objs, *event.deleted_objs)]
    assert all(raw in found for raw in left)
