"""Traces and MessagePack values for the tests of this folder."""

from __future__ import annotations

from typing import Any

import msgpack
from hypothesis import strategies as st
from msgspec import Raw

from skel.trace.codec import Event
from skel.trace.model import Trace

FIELDS = ("version", "config", "events", "index", "pod_lifecycles")

texts = st.text(max_size=6)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(),
    texts,
    st.binary(max_size=4),
    st.builds(msgpack.ExtType, st.integers(0, 127), st.binary(max_size=17)),
)
keys = st.one_of(texts, st.integers(-5, 300), st.sampled_from(["$raw", "$map"]), st.tuples(texts, texts))
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=10,
)
json_scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False), texts
)
json_values: st.SearchStrategy[Any] = st.recursive(
    json_scalars, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4))
)


def packed(value: Any, **options: Any) -> bytes:
    """The value as the msgpack library writes it."""
    return bytes(msgpack.packb(value, **options))


def unpacked(data: bytes | Raw) -> Any:
    """The value as the msgpack library reads it."""
    return msgpack.unpackb(bytes(data), use_list=False, strict_map_key=False)


def event(ts: Any = 0, applied: Any = (), deleted: Any = (), **more: Any) -> dict[str, Any]:
    return {"ts": ts, "applied_objs": list(applied), "deleted_objs": list(deleted), **more}


def trace_map(events: Any = (), **other: Any) -> dict[str, Any]:
    """A trace as a map, with other values for some of its fields."""
    usual = {"version": 2, "config": {"trackedObjects": {}}, "events": list(events), "index": {}, "pod_lifecycles": {}}
    return {**usual, **other}


def trace_of(*events: Event, **parts: Any) -> Trace:
    """A trace of events with other config, index or pod lifecycles."""
    usual: dict[str, Any] = {"config": {}, "index": {}, "pod_lifecycles": {}}
    return Trace.make(list(events), **{**usual, **parts})


events = st.lists(
    st.builds(event, st.integers(-(2**63), 2**64 - 1), st.lists(values, max_size=3), st.lists(values, max_size=2)),
    max_size=4,
)
lifetimes = st.one_of(
    st.just("Empty"),
    st.builds(lambda start: {"Running": start}, st.integers(0, 2**40)),
    st.builds(lambda start, length: {"Finished": [start, start + length]}, st.integers(0, 2**40), st.integers(0, 99)),
)
hashes = st.integers(0, 2**64 - 1)
indexes = st.dictionaries(texts, st.dictionaries(texts, hashes, max_size=3), max_size=3)
lifecycles = st.dictionaries(
    st.tuples(texts, texts), st.dictionaries(hashes, st.lists(lifetimes, max_size=3), max_size=2), max_size=3
)
traces = st.builds(
    lambda found, config, index, cycles: trace_map(found, config=config, index=index, pod_lifecycles=cycles),
    events,
    st.dictionaries(texts, json_values, max_size=2),
    indexes,
    lifecycles,
)
