"""What the laws need around a run: traces from plain data and back, programs from text, exact equality."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import msgpack
from hypothesis import HealthCheck, reject, settings

import skel
from skel.language.analyse import analyse
from skel.language.ast import ResolvedModule
from skel.language.text import Source
from skel.trace.census import recompute_index
from tests.oracle_functions import Json
from tests.strategies import EVERYTHING_TRACKED, TRACKED

TARGETS = {"kubernetes": "1.25"}


def examples(count: int) -> settings:
    """So many examples in a usual run; fifty times as many with `HYPOTHESIS_PROFILE=search`."""
    factor = 50 if os.environ.get("HYPOTHESIS_PROFILE") == "search" else 1
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    return settings(max_examples=count * factor, deadline=None, suppress_health_check=slow)


def pack(events: Sequence[Json], tracked: Json = None, index: Json = None, lifecycles: Json = None) -> bytes:
    """The bytes of a trace, by a codec that is not ours."""
    trace = {
        "version": 2,
        "config": {"trackedObjects": TRACKED if tracked is None else tracked},
        "events": list(events),
        "index": index or {},
        "pod_lifecycles": lifecycles or {},
    }
    packed = msgpack.packb(trace)
    assert isinstance(packed, bytes)
    return packed


def pack_indexed(events: Sequence[Json]) -> bytes:
    """The bytes of a trace in which each kind is tracked and the index is right."""
    bare = skel.Trace.from_bytes(pack(events, EVERYTHING_TRACKED))
    return pack(events, EVERYTHING_TRACKED, recompute_index(bare))


def unpack(data: bytes) -> dict[str, Any]:
    """A trace as plain data, by a codec that is not ours."""
    trace = msgpack.unpackb(data, strict_map_key=False, use_list=True, object_pairs_hook=_pairs)
    assert isinstance(trace, dict)
    return trace


def _pairs(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    return {tuple(key) if isinstance(key, list) else key: value for key, value in pairs}


def exact(value: Json) -> str:
    """Text that is equal for equal values: 1 differs from 1.0 and true, the order of a map does not count."""
    match value:
        case dict():
            return "{" + ",".join(sorted(f"{key!r}:{exact(item)}" for key, item in value.items())) + "}"
        case list() | tuple():
            return "[" + ",".join(map(exact, value)) + "]"
        case _:
            return repr(value)


def resolved(text: str) -> ResolvedModule:
    return analyse(Source("<program>", text))


def compiled(text: str, **options: Any) -> skel.Program:
    return skel.compile(text, targets=TARGETS, **options)


def apply(text: str, trace: bytes | skel.Trace, workers: int = 1) -> tuple[skel.Trace, skel.Changes]:
    """Run a program. Examples that end with an error (an ambiguous value) say nothing about a law and do not count."""
    if isinstance(trace, bytes):
        trace = skel.Trace.from_bytes(trace)
    try:
        return compiled(text).apply(trace, workers=workers)
    except skel.TraceError:
        reject()
