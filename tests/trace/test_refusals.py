"""Whatever the bytes are: a trace, or a TraceError with one clear sentence."""

from __future__ import annotations

import struct
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from skel.trace.codec import decode_object, encode_object, probe
from skel.trace.errors import TraceError
from skel.trace.model import Trace
from tests.trace.making import event, packed, trace_map, traces, values

SMALL = packed(trace_map([event(5, [{"kind": "Pod"}], [])]))


def without(field: str) -> bytes:
    return packed({key: value for key, value in trace_map().items() if key != field})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "t is empty"),
        (
            b'{"version": 2}',
            "t is JSON, not a MessagePack trace "
            "(`skel trace convert` reads a trace in JSON; `skel import` makes one of an audit log or manifests)",
        ),
        (b'\xef\xbb\xbf  {"a": 1}', "t is JSON, not"),
        (b"version: 2\nevents: []\n", "t is text, perhaps YAML, not"),
        ("# \u00e9\u00e9\nversion: 2".encode(), "t is text, perhaps YAML"),
        (b"\x1f\x8b\x08\x00", "t is compressed"),
        (b"\xc1", "t is not a trace: byte 0 is 0xc1"),
        (b"\x92\x01\x02", "t is not a trace: byte 0 is 0x92"),
        (SMALL[:-1], f"t ends in the middle of a value, after {len(SMALL) - 1} bytes (it was cut off"),
        (SMALL[:60], "t ends in the middle of a value, after 60 bytes"),
        (SMALL + b"\x00abc", f"t goes on after its end, with 4 bytes from byte {len(SMALL)}"),
        (SMALL[:-1] + b"\xc1", f"t is damaged: invalid opcode '\\xc1' (byte {len(SMALL) - 1})"),
        (SMALL.replace(b"\xa2ts", b"\xa2\xff\xff"), "t: events: a text is not valid UTF-8"),
        (b"\x80", "t has no `version`"),
        (without("version"), "t has no `version`"),
        (without("config"), "t has no `config`"),
        (without("events"), "t has no `events`"),
        (without("index"), "t has no `index`"),
        (without("pod_lifecycles"), "t has no `pod_lifecycles`"),
        (packed(trace_map(version=1)), "t has version 1; only version 2 is known"),
        (packed({"version": 3}), "t has version 3; only version 2 is known"),
        (packed(trace_map(version="2")), "t: version must be an integer, not a text"),
        (packed({**trace_map(), 5: 1}), "a key of t must be a text, not an integer"),
        (packed({**trace_map(), "events": {}}), "t: events must be an array, not a map"),
        (packed(trace_map([event(), 5])), "t: events[1] must be a map, not an integer"),
        (packed(trace_map([event("x")])), "t: events[0].ts must be an integer, not a text"),
        (packed(trace_map([event(1.5)])), "t: events[0].ts must be an integer, not a decimal number"),
        (packed(trace_map([event(), {"ts": 1}])), "t: events[1] has no `applied_objs`"),
        (packed(trace_map([{"ts": 1, "applied_objs": []}])), "t: events[0] has no `deleted_objs`"),
        (packed(trace_map([{"applied_objs": [], "deleted_objs": [], "x": 1}])), "t: events[0] has no `ts`"),
        (
            packed(trace_map([{**event(), "applied_objs": None}])),
            "t: events[0].applied_objs must be an array, not null",
        ),
        (packed(trace_map([event(more=1), {**event(more=1), "ts": None}])), "t: events[1].ts must be an integer"),
        (b"\x82" + packed("version") + b"\x02" + packed("version") + b"\x02", "t has a key twice"),
        (b"\x81" + b"\xa2\xff\xff" + b"\x02", "t: a text is not valid UTF-8"),
        (b"\xdf\xff\xff\xff\xff" + SMALL[1:], "t ends in the middle of a value"),
    ],
)
def test_one_clear_sentence(data: bytes, message: str) -> None:
    with pytest.raises(TraceError) as caught:
        Trace.from_bytes(data, "t")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("config", [], "config must be a map, not an array"),
        ("index", {"v1.Pod": {"a": "x"}}, "index[...][...] must be an integer, not a text"),
        ("index", 5, "index must be a map, not an integer"),
        ("pod_lifecycles", {"a": {}}, "a key of t: pod_lifecycles must be an array, not a text"),
        ("pod_lifecycles", {("a",): {}}, "a key of t: pod_lifecycles: Expected `array` of length 2, got 1"),
    ],
)
def test_parts_are_read_when_asked_for(part: str, value: Any, message: str) -> None:
    trace = Trace.from_bytes(packed(trace_map(**{part: value})), "t")
    with pytest.raises(TraceError) as caught:
        getattr(trace, part)
    assert message in str(caught.value)


@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    read(data)
    read(b"\x85" + data)


@given(traces, st.data())
def test_damaged_traces(found: dict[str, Any], data: st.DataObject) -> None:
    whole = bytearray(packed(found))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(whole) - 1))
        match data.draw(st.sampled_from(["change", "cut", "remove"])):
            case "change":
                whole[at] = data.draw(st.integers(0, 255))
            case "cut":
                del whole[at + 1 :]
            case _ if len(whole) > 1:
                del whole[at]
    read(bytes(whole))


def read(data: bytes) -> None:
    """Read everything there is, or find that it is no trace."""
    with suppress(TraceError):
        trace = Trace.from_bytes(data)
        assert trace.to_bytes() == data
        for part in ("config", "index", "pod_lifecycles"):
            getattr(trace, part)
        for found in trace.events:
            for raw in found.applied_objs:
                probe(raw)
                decode_object(raw)


@pytest.mark.parametrize("head", [b"\xdd", b"\xdf", b"\xc6", b"\xdb", b"\xc9"], ids=lambda head: head.hex())
@pytest.mark.parametrize("field", ["events", "config", "pod_lifecycles"])
def test_lengths_that_are_lies_cost_nothing(head: bytes, field: str) -> None:
    data = packed(trace_map())
    at = data.index(packed(field)) + len(packed(field))
    tracemalloc.start()
    try:
        read(data[:at] + head + struct.pack(">I", 2**32 - 1) + data[at + 1 :])
        read(data[:at] + head + struct.pack(">I", 2**28) + data[at + 1 :])
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("depth", [500, 5000, 200_000])
@pytest.mark.parametrize("level", [b"\x91", b"\x81\xa1a", b"\x81"])
def test_deep_nesting(depth: int, level: bytes) -> None:
    deep = level * depth + b"\xc0" * 2
    usual = packed(trace_map([event(1, [None])]))
    at = usual.index(b"\xc0")
    read(usual[:at] + deep + usual[at + 1 :])
    read(packed(trace_map())[:-1] + deep)
    read(deep)


@given(values)
def test_any_object_is_probed_and_decoded_or_refused(value: Any) -> None:
    raw = Raw(packed(value))
    found = probe(raw)
    assert (found is None) <= (not isinstance(value, dict) or not all(isinstance(key, str) for key in value))
    with suppress(TraceError):
        encode_object(decode_object(raw, "object 3"))


@pytest.mark.parametrize(
    ("value", "header"),
    [
        ({"kind": "Pod", "apiVersion": "v1", "x": 1}, ("v1", "Pod")),
        ({"kind": "Pod"}, ("", "Pod")),
        ({}, ("", "")),
        ({"kind": 5}, None),
        ({"apiVersion": None, "kind": "Pod"}, None),
        ([], None),
        ("Pod", None),
        (None, None),
    ],
)
def test_header_probe(value: Any, header: tuple[str, str] | None) -> None:
    found = probe(Raw(packed(value)))
    assert (found and (found.apiVersion, found.kind)) == header


@pytest.mark.parametrize("value", [{"a": 2**64}, {"a": -(2**63) - 1}, {"a": "\ud800"}, {"a": object()}])
def test_what_messagepack_has_no_form_for(value: Any) -> None:
    with pytest.raises(TraceError, match=r"^object 7 "):
        encode_object(value, "object 7")


def test_deep_objects_are_refused_not_crashed_on() -> None:
    deep: Any = None
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(TraceError, match="nested too deeply"):
        encode_object({"a": deep})


def test_an_object_with_text_that_is_none() -> None:
    with pytest.raises(TraceError, match=r"object 1 can't be read"):
        decode_object(Raw(b"\x81\xa1a\xa1\xff"), "object 1")
    assert probe(Raw(b"\x81\xa4kind\xa1\xff")) is None
