"""The corpus: recorded runs of the reference tool, and the list of those where SKEL answers differently.

`inputs.jsonl`    each input trace once: as JSON, or in base64 where it is not a well-formed trace
`cases.jsonl`     program, input and outcome; the expected events are a JSON Patch against the events of the input
`deviations.yaml` where we differ, why, and what is right instead
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonpatch
import msgpack
import yaml

HERE = Path(__file__).resolve().parent
CATEGORIES = ("superset", "reference-bug", "time-span", "identity")

Events = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """One run. `outcome` is "ok", "parse_error", "runtime_error" or "panic"; `patch` leads to the events of an "ok"."""

    id: str
    program: str
    input: str
    outcome: str
    stage: str
    patch: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Deviation:
    """What is right where the reference is not followed.

    `outcome` is "ok" or "error". `events` is a JSON Patch against the events of the input and wins over the reference's
    result; `markers` are times of empty events that stay in the trace, added to that result.
    """

    category: str
    why: str
    outcome: str
    events: list[dict[str, Any]] | None
    markers: tuple[int, ...]


@cache
def inputs() -> dict[str, bytes]:
    return {row["name"]: encode(row) for row in read_lines("inputs.jsonl")}


@cache
def cases() -> tuple[Case, ...]:
    return tuple(
        Case(row["id"], row["program"], row["input"], row["outcome"], row.get("stage", ""), row.get("events", []))
        for row in read_lines("cases.jsonl")
    )


@cache
def deviations() -> dict[str, Deviation]:
    rows = yaml.safe_load((HERE / "deviations.yaml").read_text("utf-8"))
    return {
        name: Deviation(
            category=row["category"],
            why=row["why"],
            outcome=row.get("outcome", "ok"),
            events=row.get("events"),
            markers=tuple(row.get("markers", ())),
        )
        for name, row in rows.items()
    }


def read_lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines()]


def encode(row: dict[str, Any]) -> bytes:
    """The bytes of an input, as the recorder would have written them."""
    if "base64" in row:
        return base64.b64decode(row["base64"])
    trace = dict(row["trace"])
    if "pod_lifecycles" in trace:
        trace["pod_lifecycles"] = {
            (entry["owner_gvk"], entry["owner"]): {int(key): value for key, value in entry["lifecycles"].items()}
            for entry in trace["pod_lifecycles"]
        }
    packed = msgpack.packb(trace)
    assert isinstance(packed, bytes)
    return packed


def events_of(raw: bytes) -> Events:
    """The events of a trace in plain JSON, read by a codec that is not ours; bytes behind the trace are ignored."""
    unpacker = msgpack.Unpacker(strict_map_key=False, use_list=False)
    unpacker.feed(raw)
    events = unpacker.unpack()["events"]
    return [plain(event) for event in events]


def plain(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return value


def expected_events(case: Case) -> Events:
    """The events that are right: the reference's, or what the deviation says."""
    deviation = deviations().get(case.id)
    source = events_of(inputs()[case.input])
    patch = deviation.events if deviation and deviation.events is not None else case.patch
    events: Events = jsonpatch.apply_patch(source, patch)
    for ts in deviation.markers if deviation else ():
        events.append({"ts": ts, "applied_objs": [], "deleted_objs": []})
    return sorted(events, key=lambda event: event["ts"]) if deviation and deviation.markers else events


def canonical(events: Events) -> str:
    """Text that is equal for equal events: 1 differs from 1.0 and from true, the order of map keys does not matter."""
    return json.dumps(events, sort_keys=True, ensure_ascii=False, indent=1)
