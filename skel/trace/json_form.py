"""A trace as JSON, to read, to compare and to edit: every trace gives the same bytes when it comes back.

The keys stand in the order of the file. `pod_lifecycles`, a map with pairs as keys, is a list of
`{"owner_gvk": ..., "owner": "namespace/name", "lifecycles": {"<hash>": [...]}}`. For what JSON has no word for see
`exact.py`. A trace whose frame is not written as the reference writes (longer heads, other order of event fields) is
turned into JSON as one value, with marks where they are needed.

The second form has a line for the head of the trace, in which `events` is the number of events, and a line for each
event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import BinaryIO

import msgspec
from msgspec import Raw

from skel.patch.values import Json
from skel.trace.codec import Event, encode_object, event_map, without_gc
from skel.trace.errors import TraceError
from skel.trace.exact import MAP, RAW, raw_json, revive, to_exact_json
from skel.trace.model import Trace
from skel.trace.reading import Lifecycles, decode_part

_LIFECYCLES = "pod_lifecycles"
_RECORD_KEYS = {"owner_gvk", "owner", "lifecycles"}


def to_json(trace: Trace) -> str:
    """The trace as indented JSON."""
    return b"".join(_json_chunks(trace)).decode()


def write_json(trace: Trace, file: BinaryIO) -> None:
    """Write the trace as indented JSON, event by event."""
    file.writelines(_json_chunks(trace))


def to_jsonl(trace: Trace) -> str:
    """The trace as a line for its head and a line for each event."""
    return b"".join(_lines(trace)).decode()


def write_jsonl(trace: Trace, file: BinaryIO) -> None:
    """Write the trace as lines, event by event."""
    file.writelines(_lines(trace))


def from_json(text: str | bytes, name: str = "the JSON trace") -> Trace:
    """Read what `to_json` wrote, or a person. Raises TraceError with the place of what is wrong."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    with without_gc():
        return _trace(_read(data, name), name, marked=_may_be_marked(data))


def from_jsonl(text: str | bytes, name: str = "the JSON trace") -> Trace:
    """Read what `to_jsonl` wrote. Raises TraceError with the line of what is wrong."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    with without_gc():
        values = [_read(line, f"{name}, line {number}") for number, line in lines]
        head = values[0] if values else None
        if isinstance(head, dict) and isinstance(head.get("events"), int):
            if head["events"] != len(values) - 1:
                raise TraceError(f"{name} has {len(values) - 1} events, but line 1 says {head['events']}")
            head["events"] = values[1:]
        elif len(values) != 1:
            raise TraceError(
                f"{name}, line 1, must be the head of a trace, with the number of events",
                "`skel import` makes a trace of an audit log or manifests",
            )
        return _trace(head, name, marked=_may_be_marked(data))


# ---- writing ---------------------------------------------------------------------------------------------------------


def _json_chunks(trace: Trace) -> Iterator[bytes]:
    whole = _odd_frame(trace)
    if whole is not None:
        yield _indented(whole, 0) + b"\n"
        return
    separator = b"{\n  "
    for key, raw in trace.parts.items():
        yield separator + msgspec.json.encode(key) + b": "
        if key == "events":
            yield from _event_chunks(trace.events)
        else:
            yield _indented(_part_json(key, raw), 1)
        separator = b",\n  "
    yield b"\n}\n"


def _event_chunks(events: list[Event]) -> Iterator[bytes]:
    separator = b"[\n    "
    for event in events:
        yield separator + _indented(_event_json(event), 2)
        separator = b",\n    "
    yield b"\n  ]" if events else b"[]"


def _lines(trace: Trace) -> Iterator[bytes]:
    whole = _odd_frame(trace)
    if whole is not None:
        yield whole + b"\n"
        return
    head = {key: _part_json(key, raw) for key, raw in trace.parts.items()} | {"events": b"%d" % len(trace.events)}
    yield b"{" + b",".join(msgspec.json.encode(key) + b":" + text for key, text in head.items()) + b"}\n"
    for event in trace.events:
        yield _event_json(event) + b"\n"


def _event_json(event: Event) -> bytes:
    """All objects of the event at once, which is quick, or one by one."""
    return to_exact_json(bytes(encode_object(event_map(event))))


def _part_json(key: str, raw: Raw) -> bytes:
    data = bytes(raw)
    if key != _LIFECYCLES:
        return to_exact_json(data)
    records = _records(raw)
    if records is not None:
        return records
    # A list would be read as records.
    text = to_exact_json(data)
    return raw_json(data) if text.startswith(b"[") else text


def _records(raw: Raw) -> bytes | None:
    """The lifetimes as a list of records, None if they have another shape or would not give the same bytes."""
    try:
        lifecycles = decode_part(raw, Lifecycles, _LIFECYCLES)
        records = [
            {"owner_gvk": gvk, "owner": owner, "lifecycles": {str(key): found for key, found in lifetimes.items()}}
            for (gvk, owner), lifetimes in lifecycles.items()
        ]
        text = msgspec.json.encode(records)
        return text if encode_object(_lifecycles(msgspec.json.decode(text), "")) == raw else None
    except (TraceError, msgspec.MsgspecError, ValueError, TypeError):
        return None


def _odd_frame(trace: Trace) -> bytes | None:
    """The trace as one JSON value if its frame is not the usual one."""
    if trace.source is None:
        return None
    usual = BytesIO()
    trace.write_usual(usual)
    return None if usual.getbuffer() == trace.source else to_exact_json(trace.source)


def _indented(text: bytes, level: int) -> bytes:
    try:
        text = msgspec.json.format(text, indent=2)
    except RecursionError:
        return text
    return text.replace(b"\n", b"\n" + b"  " * level)


# ---- reading ---------------------------------------------------------------------------------------------------------


def _may_be_marked(data: bytes) -> bool:
    return any(f'"{mark}"'.encode() in data for mark in (RAW, MAP))


def _read(text: bytes, name: str) -> Json:
    try:
        return msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError:
        raise TraceError(f"{name} is nested too deeply") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise TraceError(f"{name} is not valid JSON: {str(error).removeprefix('JSON is malformed: ')}") from None


def _trace(value: Json, name: str, *, marked: bool) -> Trace:
    if not isinstance(value, dict):
        raise TraceError(f"{name} must be a map with version, config, events, index and pod_lifecycles")
    if marked:
        value = revive(value, name)
    if isinstance(value, dict) and isinstance(value.get(_LIFECYCLES), list):
        value[_LIFECYCLES] = _lifecycles(value[_LIFECYCLES], f"{name}: {_LIFECYCLES}")
    return Trace.from_bytes(bytes(encode_object(value, name)), name)


def _lifecycles(records: Iterable[Json], place: str) -> Lifecycles:
    result: Lifecycles = {}
    for number, record in enumerate(records):
        where = f"{place}[{number}]"
        if not isinstance(record, dict) or record.keys() != _RECORD_KEYS:
            raise TraceError(f"{where} must be a map with owner_gvk, owner and lifecycles")
        gvk, owner, lifetimes = record["owner_gvk"], record["owner"], record["lifecycles"]
        if not (isinstance(gvk, str) and isinstance(owner, str)):
            raise TraceError(f"{where}: owner_gvk and owner must be texts")
        if (gvk, owner) in result:
            raise TraceError(f"{where} has the same owner as a record before it")
        result[gvk, owner] = _lifetimes(lifetimes, f"{where}.lifecycles")
    return result


def _lifetimes(value: Json, place: str) -> dict[int, list[Json]]:
    if not isinstance(value, dict) or not all(isinstance(found, list) for found in value.values()):
        raise TraceError(f"{place} must be a map of lists")
    try:
        return {int(key): found for key, found in value.items()}
    except ValueError:
        raise TraceError(f"{place}: a key must be a hash in decimal") from None
