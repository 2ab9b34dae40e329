from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.faults.proxy.frames import BOOKMARK, Frame, Splitter
from skel.faults.proxy.wire import NotProtobuf, watch_event


def message(*fields: tuple[int, bytes | str | int]) -> bytes:
    """A protobuf message, made here by its definition."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def protobuf_frame(event: str, name: str, namespace: str, version: str, more: bytes = b"x" * 300) -> bytes:
    meta = message((1, name), (2, "generated-"), (3, namespace), (5, "uid"), (6, version), (7, 3))
    thing = message((1, meta), (2, more), (3, more))
    unknown = b"k8s\0" + message((1, message((1, "v1"), (2, "Pod"))), (2, thing), (3, ""))
    body = message((1, event), (2, message((1, unknown))))
    return struct.pack(">I", len(body)) + body


def json_frame(event: str, name: str, namespace: str, version: str) -> bytes:
    meta: dict[str, Any] = {"name": name, "resourceVersion": version, "labels": {"a": "{\n}"}}
    meta |= {"namespace": namespace} if namespace else {}
    return json.dumps({"type": event, "object": {"kind": "Pod", "metadata": meta, "spec": {}}}).encode() + b"\n"


words = st.text("abc-019", max_size=300)
events = st.tuples(st.sampled_from(["ADDED", "MODIFIED", "DELETED", BOOKMARK]), words, words, st.integers(1, 2**60))


@given(st.booleans(), st.lists(events, max_size=6), st.data())
def test_frames_are_found_however_the_bytes_come(is_protobuf: bool, wanted: list[Any], data: st.DataObject) -> None:
    form = protobuf_frame if is_protobuf else json_frame
    raws = [form(event, name, namespace, str(version)) for event, name, namespace, version in wanted]
    stream = b"".join(raws)
    kind = "application/vnd.kubernetes.protobuf;stream=watch" if is_protobuf else "application/json"
    splitter = Splitter(kind)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    found: list[Frame] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += splitter.feed(stream[start:end])
    assert [it.raw for it in found] == raws
    assert [(it.event, it.name, it.namespace, it.revision) for it in found] == wanted


@given(st.binary(max_size=200))
def test_what_is_no_message_passes_unread(noise: bytes) -> None:
    raw = struct.pack(">I", len(noise)) + noise
    [found] = Splitter("application/vnd.kubernetes.protobuf").feed(raw)
    assert found.raw == raw
    [line] = Splitter("application/json").feed(noise.replace(b"\n", b"") + b"\n")
    assert line.raw.endswith(b"\n")


@pytest.mark.parametrize("broken", [b"\x0a\x05ab", b"\x0a", b"\x80" * 11, b"\x0b"])
def test_a_broken_message_is_told(broken: bytes) -> None:
    with pytest.raises(NotProtobuf):
        watch_event(broken)


def test_an_error_is_an_event_without_a_revision() -> None:
    status = {"type": "ERROR", "object": {"kind": "Status", "metadata": {}, "code": 410}}
    [found] = Splitter("application/json").feed(json.dumps(status).encode() + b"\n")
    assert (found.event, found.revision) == ("ERROR", 0)
