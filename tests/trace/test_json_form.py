"""MessagePack -> JSON -> MessagePack gives the same bytes, for every trace."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.trace.codec import encode_object
from skel.trace.errors import TraceError
from skel.trace.exact import revive, to_exact_json
from skel.trace.json_form import from_json, from_jsonl, to_json, to_jsonl
from skel.trace.model import Trace
from tests.trace.making import event, json_values, packed, texts, trace_map, traces, values


def check(data: bytes) -> None:
    trace = Trace.from_bytes(data)
    json.loads(to_json(trace))
    assert from_json(to_json(trace)).to_bytes() == data
    assert from_jsonl(to_jsonl(trace)).to_bytes() == data


@given(traces)
def test_any_trace(found: dict[str, Any]) -> None:
    check(packed(found))


@given(traces)
def test_short_floats(found: dict[str, Any]) -> None:
    try:
        data = packed(found, use_single_float=True)
    except OverflowError:
        return
    check(data)


@given(traces, st.dictionaries(texts, values, max_size=2), st.randoms())
def test_other_keys_and_orders(found: dict[str, Any], more: dict[str, Any], order: Any) -> None:
    items = list({**more, **found}.items())
    order.shuffle(items)
    odd = [dict(sorted({**entry, **more}.items())) for entry in found["events"]]
    check(packed({**dict(items), "events": odd}))
    check(packed({**dict(items), "events": [dict(sorted(entry.items())) for entry in found["events"]]}))


@given(values)
def test_any_part_in_any_place(value: Any) -> None:
    check(packed(trace_map(config=value)))
    check(packed(trace_map(index=value, pod_lifecycles=value)))


@given(json_values)
def test_json_stays_plain(value: Any) -> None:
    text = to_exact_json(packed(value))
    if "$raw" not in repr(value) and "$map" not in repr(value):
        assert b"$raw" not in text
        assert repr(json.loads(text)) == repr(value)


WIDE = (
    b"\xcc\x01",  # integers, longer than needed
    b"\xcd\x00\x01",
    b"\xcf" + bytes(8),
    b"\xd0\x05",
    b"\xd9\x01a",  # texts
    b"\xdb\x00\x00\x00\x01a",
    b"\xdc\x00\x01\x01",  # containers
    b"\xde\x00\x01\xa1a\x01",
    b"\xdf\x00\x00\x00\x00",
    b"\x81\xd9\x01a\x01",
    b"\x82\xa1a\x01\xa1a\x02",  # a key twice
    b"\x81\xa4$raw\xa1x",  # a key that is a mark
    b"\x81\xa4$map\x90",
    b"\x82\xa4$raw\x01\xa1a\x02",
    b"\x81\x81\x01\x02\x03",  # a map as key
    b"\xca" + struct.pack(">f", 1.5),
    b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x01",  # NaN with a payload
    b"\xcb\x80" + bytes(7),  # -0.0
    b"\xd6\xff\x00\x00\x00\x01",  # a time
    b"\xc7\x00\x05",
    b"\xc4\x00",
    b"\xa1\xff",  # no UTF-8
    b"\x91" * 400 + b"\xc0",
)


@pytest.mark.parametrize("odd", WIDE, ids=lambda odd: odd[:8].hex())
def test_odd_bytes(odd: bytes) -> None:
    usual = packed(trace_map([event(1, [None, {"a": 1}])]))
    check(usual.replace(b"\xc0", odd))
    check(usual.replace(b"\xc0", b"\x82\xa1x" + odd + b"\xa1y\x01"))
    check(packed(trace_map())[:-1] + odd)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\x85\xa7version", b"\xde\x00\x05\xa7version"),
        (b"\xa7version\x02", b"\xa7version\xcc\x02"),
        (b"\xa7version", b"\xd9\x07version"),
        (b"\xa6events\x91", b"\xa6events\xdc\x00\x01"),
        (b"\xa2ts\x01", b"\xa2ts\xd0\x01"),
        (b"\xa2ts\x01", b"\xd9\x02ts\x01"),
        (b"\xacapplied_objs\x91", b"\xacapplied_objs\xdd\x00\x00\x00\x01"),
    ],
)
def test_odd_frames(old: bytes, new: bytes) -> None:
    data = packed(trace_map([event(1, [{"a": 1}])]))
    assert old in data
    check(data.replace(old, new))


def test_how_it_looks() -> None:
    found = trace_map(
        [event(5, [{"a": 1.0, 7: b"\x01"}])],
        index={"v1.Pod": {"n/a": 2**64 - 1}},
        pod_lifecycles={("v1.Pod", "n/a"): {2**64 - 1: [{"Running": 5}]}},
    )
    text = to_json(Trace.from_bytes(packed(found)))
    assert json.loads(text) == {
        "version": 2,
        "config": {"trackedObjects": {}},
        "events": [
            {"ts": 5, "applied_objs": [{"$map": [["a", 1.0], [7, {"$raw": "xAEB"}]]}], "deleted_objs": []},
        ],
        "index": {"v1.Pod": {"n/a": 2**64 - 1}},
        "pod_lifecycles": [{"owner_gvk": "v1.Pod", "owner": "n/a", "lifecycles": {str(2**64 - 1): [{"Running": 5}]}}],
    }
    assert text.startswith('{\n  "version": 2,\n  "config": {\n    "trackedObjects": {}\n  },\n  "events": [\n    {\n')
    assert text.endswith("\n  ]\n}\n")


@given(values)
def test_marks_there_and_back(value: Any) -> None:
    data = packed(value)
    assert bytes(encode_object(revive(json.loads(to_exact_json(data)), ""))) == data


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("[]", "t must be a map"),
        ("{", "t is not valid JSON: "),
        ('{"version": 2}', "t has no `config`"),
        (trace_map(version=1), "t has version 1"),
        (trace_map([{"ts": "x"}]), "t: events[0].ts must be an integer, not a text"),
        (trace_map([event(1, [2**70])]), "t "),
        (trace_map([event(1, [{"$raw": "!"}])]), "t.events[0].applied_objs[0]: `$raw` must be one MessagePack value"),
        (trace_map([event(1, [{"$raw": "AQE="}])]), "t.events[0].applied_objs[0]: `$raw` must be one"),
        (trace_map([event(1, [{"$raw": 5}])]), "t.events[0].applied_objs[0]: `$raw` must be one"),
        (trace_map([event(1, [{"$raw": ""}])]), "t.events[0].applied_objs[0]: `$raw` must be one"),
        (trace_map([event(1, [{"$map": [[1]]}])]), "t.events[0].applied_objs[0]: `$map` must be a list of pairs"),
        (trace_map(pod_lifecycles=[5]), "t: pod_lifecycles[0] must be a map with owner_gvk"),
        (
            trace_map(pod_lifecycles=[{"owner_gvk": 1, "owner": "", "lifecycles": {}}]),
            "t: pod_lifecycles[0]: owner_gvk",
        ),
        (
            trace_map(pod_lifecycles=[{"owner_gvk": "", "owner": "", "lifecycles": {"x": []}}]),
            "t: pod_lifecycles[0].lifecycles: a key must be a hash",
        ),
        (
            trace_map(pod_lifecycles=2 * [{"owner_gvk": "", "owner": "", "lifecycles": {}}]),
            "t: pod_lifecycles[1] has the",
        ),
    ],
)
def test_refusals(value: Any, message: str) -> None:
    with pytest.raises(TraceError) as caught:
        from_json(value if isinstance(value, str) else json.dumps(value), "t")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("", "t, line 1, must be the head"),
        ('{"version": 2, "events": 2}\n{}\n', "t has 1 events, but line 1 says 2"),
        ('{"version": 2}\n{}\n', "t, line 1, must be the head"),
        ('{"version": 2, "events": 1}\n\n{"a"\n', "t, line 3 is not valid JSON"),
        ("5\n", "t must be a map"),
    ],
)
def test_refused_lines(lines: str, message: str) -> None:
    with pytest.raises(TraceError) as caught:
        from_jsonl(lines, "t")
    assert str(caught.value).startswith(message)


@given(st.text(max_size=30))
def test_any_text(text: str) -> None:
    for read in (from_json, from_jsonl):
        with pytest.raises(TraceError):
            read(text)


def test_deep_json() -> None:
    with pytest.raises(TraceError, match="nested too deeply"):
        from_json('{"a": ' + "[" * 100_000)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["bare-pods", "cronjob", "dsb-scaling"])
def test_recorded_traces(shared_traces: Path, name: str) -> None:
    data = (shared_traces / f"{name}.sktrace").read_bytes()
    check(data)
    assert "$raw" not in to_json(Trace.from_bytes(data))
