from __future__ import annotations

import gc
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from skel.trace.codec import Event, OddEvent
from skel.trace.errors import TraceError
from skel.trace.model import Trace
from tests.trace.making import event, json_values, packed, texts, trace_map, trace_of, traces, unpacked


@given(traces)
def test_the_same_bytes(found: dict[str, Any]) -> None:
    data = packed(found)
    trace = Trace.from_bytes(data)
    assert trace.to_bytes() is data
    assert trace.with_events(list(trace.events)).to_bytes() == data


@given(traces, st.lists(st.tuples(texts, json_values), max_size=2), st.randoms())
def test_unknown_keys_and_other_orders_stay(found: dict[str, Any], more: list[tuple[str, Any]], order: Any) -> None:
    items = list({**dict(more), **found}.items())
    order.shuffle(items)
    data = packed(dict(items))
    trace = Trace.from_bytes(data)
    assert trace.to_bytes() == data
    assert trace.with_events(list(trace.events)).to_bytes() == data


@given(traces)
def test_all_parts_as_the_msgpack_library_reads_them(found: dict[str, Any]) -> None:
    data = packed(found)
    trace, wanted = Trace.from_bytes(data), unpacked(data)
    assert repr(wanted["config"]) == repr(unpacked(packed(trace.config)))
    assert wanted["index"] == trace.index
    assert wanted["pod_lifecycles"] == unpacked(packed(trace.pod_lifecycles))
    read = [
        {
            "ts": event.ts,
            "applied_objs": tuple(unpacked(raw) for raw in event.applied_objs),
            "deleted_objs": tuple(unpacked(raw) for raw in event.deleted_objs),
        }
        for event in trace.events
    ]
    assert repr(list(wanted["events"])) == repr(read)


def test_fields_of_events_that_we_do_not_know_stay() -> None:
    odd = {"seen_by": "x", "deleted_objs": [2], "ts": 5, "applied_objs": [1]}
    data = packed(trace_map([event(4), odd]))
    trace = Trace.from_bytes(data)
    assert [type(found) for found in trace.events] == [Event, OddEvent]
    changed = [found.copy_with(found.ts + 1, found.applied_objs, []) for found in trace.events]
    assert unpacked(trace.with_events(changed).to_bytes())["events"] == (
        {"ts": 5, "applied_objs": (), "deleted_objs": ()},
        {"seen_by": "x", "deleted_objs": (), "ts": 6, "applied_objs": (1,)},
    )
    assert trace.to_bytes() == data
    assert list(unpacked(trace.with_events(changed).to_bytes())["events"][1]) == list(odd)


def test_more_events_than_are_written_at_once() -> None:
    data = packed(trace_map([event(n, [{"a": n}]) for n in range(70_000)]))
    trace = Trace.from_bytes(data)
    assert trace.with_events(trace.events[:]).to_bytes() == data
    assert unpacked(trace.with_events(trace.events[:20]).to_bytes()) == unpacked(
        packed(trace_map([event(n, [{"a": n}]) for n in range(20)]))
    )


def test_parts_are_replaced_alone() -> None:
    odd_config = b"\xde\x00\x01\xa1a\xcd\x00\x01"  # longer than needed: kept as long as nobody replaces it
    usual = packed(trace_map())
    at = usual.index(packed("config")) + 7
    end = usual.index(packed("events"))
    data = usual[:at] + odd_config + usual[end:]
    trace = Trace.from_bytes(data)
    assert trace.config == {"a": 1}
    assert trace.with_events(config={"a": 1}) is trace
    assert odd_config in trace.with_events(index={"v1.Pod": {"a": 1}}).to_bytes()
    other = trace.with_events(config={"a": True})
    assert other.config == {"a": True}
    assert trace.config == {"a": 1}
    assert unpacked(other.to_bytes())["config"] == {"a": True}


def test_start_and_end() -> None:
    trace = trace_of(Event(3, [], []), Event(9, [], []))
    assert (trace.start, trace.end, trace.version) == (3, 9, 2)
    assert (trace_of().start, trace_of().end) == (0, 0)


def test_made_anew() -> None:
    trace = trace_of(
        Event(1, [Raw(b"\x80")], []),
        index={"v1.Pod": {"n/a": 2**64 - 1}},
        pod_lifecycles={("v1.Pod", "n/a"): {1: ["Empty"]}},
    )
    again = Trace.from_bytes(trace.to_bytes())
    assert again.index == trace.index == {"v1.Pod": {"n/a": 2**64 - 1}}
    assert again.pod_lifecycles == {("v1.Pod", "n/a"): {1: ["Empty"]}}


@pytest.mark.parametrize("was_on", [True, False])
@pytest.mark.parametrize("data", [packed(trace_map()), b"\x81\xa1"])
def test_garbage_collection_is_as_before(was_on: bool, data: bytes) -> None:
    try:
        gc.enable() if was_on else gc.disable()
        with suppress(TraceError):
            Trace.from_bytes(data)
        assert gc.isenabled() is was_on
    finally:
        gc.enable()


@pytest.mark.shared
@pytest.mark.parametrize("name", ["bare-pods", "cronjob", "dsb-scaling"])
def test_recorded_traces(shared_traces: Path, tmp_path: Path, name: str) -> None:
    path = shared_traces / f"{name}.sktrace"
    trace = Trace.open(str(path))
    trace.with_events(list(trace.events)).save(str(tmp_path / "again"))
    trace.save(str(tmp_path / "same"))
    assert (tmp_path / "again").read_bytes() == (tmp_path / "same").read_bytes() == path.read_bytes()
