from __future__ import annotations

import struct
import timeit
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from skel.trace.census import count_kinds, recompute_index
from skel.trace.codec import Event, encode_object
from skel.trace.identity import identity, identity_of, sight
from skel.trace.index import hashed_bytes, spec_hash
from skel.trace.model import Trace
from tests.trace.making import json_values, packed, trace_of, values


def by_the_book(value: Any) -> bytes:
    """The bytes under the hash, put together as the definition says."""
    match value:
        case None:
            return bytes(8)
        case bool():
            return bytes([value])
        case int():
            return struct.pack("<q" if value < 0 else "<Q", value)
        case float():
            return struct.pack("<d", 0.0 if value == 0 else value)
        case str():
            return value.encode() + b"\xff"
        case list():
            return b"".join(map(by_the_book, value))
        case _:
            entries = sorted(value.items(), key=lambda entry: entry[0].encode())
            return b"".join(by_the_book(part) for entry in entries for part in entry)


@given(json_values)
def test_the_bytes_are_those_of_the_definition(value: Any) -> None:
    assert hashed_bytes(value) == by_the_book(value)
    assert spec_hash(value) == spec_hash(value)


@pytest.mark.parametrize(
    ("value", "data"),
    [
        ({}, b""),
        ("", b"\xff"),
        ("\u00ff", b"\xc3\xbf\xff"),
        ('a"b\\c\n\x01,', b'a"b\\c\n\x01,\xff'),
        ({"b": [1, True], "a": None}, b"a\xff" + bytes(8) + b"b\xff\x01" + bytes(7) + b"\x01"),
        ([1, 1.0], b"\x01" + bytes(7) + struct.pack("<d", 1.0)),
        (-0.0, bytes(8)),
        (-1, b"\xff" * 8),
        (2**64 - 1, b"\xff" * 8),
        (1e300, struct.pack("<d", 1e300)),
        (float("nan"), bytes(8)),
        ({"\U00010000": "", "\uffff": ""}, b"\xef\xbf\xbf\xff\xff\xf0\x90\x80\x80\xff\xff"),
        ({"a": {"x": 1}, "a-b": ":,{}[]"}, b"a\xffx\xff\x01" + bytes(7) + b"a-b\xff:,{}[]\xff"),
    ],
)
def test_bytes(value: Any, data: bytes) -> None:
    assert hashed_bytes(value) == data


@given(values)
def test_whatever_messagepack_holds_has_a_hash(value: Any) -> None:
    sighting = sight(Raw(packed({"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}, "spec": value})))
    assert sighting is not None
    assert bytes(sighting.spec) == packed(value)
    spec_hash(value)
    spec_hash({"a": "\ud800", 5: b"x"})


@pytest.mark.shared
@pytest.mark.parametrize("name", ["cronjob", "dsb-scaling"])
def test_recorded_hashes(shared_traces: Path, name: str) -> None:
    trace = Trace.open(str(shared_traces / f"{name}.sktrace"))
    assert recompute_index(trace) == trace.index


def test_the_last_applied_spec_counts() -> None:
    def pod(name: str, spec: Any, **metadata: str) -> Raw:
        return encode_object({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **metadata}, "spec": spec})

    events = [
        Event(1, [pod("a", 1, namespace="n"), pod("b", 2), Raw(b"\x01")], []),
        Event(2, [pod("a", 3, namespace="n")], [pod("b", 9), encode_object({"kind": "Odd"})]),
        Event(3, [encode_object({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "x"}})], []),
    ]
    trace = trace_of(*events)
    assert recompute_index(trace) == {
        "v1.Pod": {"n/a": spec_hash(3), "b": spec_hash(2)},
        "v1.Node": {"x": spec_hash(None)},
    }
    assert count_kinds(trace) == {"v1.Pod": 4, "v1.Node": 1, ".Odd": 1}


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"name": "a", "namespace": "n"}, "n/a"),
        ({"name": "a"}, "a"),
        ({"name": "a", "namespace": None}, "a"),
        ({"name": "a", "namespace": ""}, "a"),
        ({"namespace": "n"}, None),
        ({"name": 5}, None),
        ({"name": "a", "namespace": 5}, None),
        (None, None),
        ([], None),
    ],
)
def test_identity(metadata: Any, name: str | None) -> None:
    manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {}}
    wanted = name and ("apps/v1.Deployment", name)
    assert identity_of(manifest) == wanted
    sighting = sight(encode_object(manifest))
    assert (sighting and sighting.identity) == wanted


def test_no_identity_without_kind() -> None:
    assert identity_of({"apiVersion": "v1", "metadata": {"name": "a"}}) is None
    assert identity(None, "Pod", None, "a") is None
    assert identity("v1", "Pod", None, "a") == ("v1.Pod", "a")


@given(st.text())
def test_any_key(key: str) -> None:
    assert hashed_bytes({key: key}) == 2 * (key.encode() + b"\xff")


def test_it_is_not_slow() -> None:
    spec = {
        "containers": [{"name": f"c{n}", "image": "a/b:1", "ports": [{"containerPort": 80 + n}]} for n in range(20)]
    }
    assert timeit.timeit(lambda: spec_hash(spec), number=100) < 0.5
