"""What no rule touches keeps its bytes, whatever codec wrote them."""

from __future__ import annotations

from hypothesis import given, note
from hypothesis import strategies as st

import skel
from tests.laws.cases import Case, any_program, cases, mixed_program
from tests.laws.running import apply, examples, pack
from tests.laws.wide import wide
from tests.oracle_functions import Json
from tests.strategies import TRACKED

IDENTITIES = ("", "# nothing\n", 'modify(kind == "None", a = 1);', "remove(nothing.here);", "modify(kind = kind);")


def encoded(events: list[Json], *, as_reference: bool) -> bytes:
    if as_reference:
        return pack(events)
    config = {"trackedObjects": TRACKED}
    return wide({"version": 2, "config": config, "events": events, "index": {}, "pod_lifecycles": {}, "more": [1]})


@examples(60)
@given(cases(mixed_program), st.sampled_from(IDENTITIES), st.booleans())
def test_a_program_that_does_nothing(case: Case, text: str, as_reference: bool) -> None:
    data = encoded(case.events, as_reference=as_reference)
    trace, changes = apply(text, data)
    assert trace.to_bytes() == data
    assert not changes


@examples(250)
@given(cases(mixed_program), st.booleans())
def test_an_object_without_a_change(case: Case, as_reference: bool) -> None:
    note(case.text)
    before = skel.Trace.from_bytes(encoded(case.events, as_reference=as_reference))
    after, changes = apply(case.text, before)
    results = {(c.object.event, c.object.deleted, c.object.position): c.after for c in changes.objects()}
    for number, event in enumerate(before.events):
        for deleted, objects in ((False, event.applied_objs), (True, event.deleted_objs)):
            for position, raw in enumerate(objects):
                results.setdefault((number, deleted, position), raw)
    expected = [bytes(raw) for _, raw in sorted(results.items(), key=lambda item: item[0]) if raw is not None]
    found = [bytes(raw) for event in after.events for raw in (*event.applied_objs, *event.deleted_objs)]
    assert found == expected


@examples(40)
@given(cases(any_program))
def test_two_workers_write_what_one_writes(case: Case) -> None:
    note(case.text)
    one, _ = apply(case.text, pack(case.events))
    two, _ = apply(case.text, pack(case.events), workers=2)
    assert one.to_bytes() == two.to_bytes()


@examples(200)
@given(cases(mixed_program))
def test_the_time_span_and_the_markers_stay(case: Case) -> None:
    note(case.text)
    after, _ = apply(case.text, pack(case.events))
    times = [event.ts for event in after.events]
    assert (times[0], times[-1]) == (case.events[0]["ts"], case.events[-1]["ts"])
    left = iter(times)
    markers = [event["ts"] for event in case.events if not event["applied_objs"] and not event["deleted_objs"]]
    assert all(marker in left for marker in markers), "a marker is gone"
