"""Bytes -> the parts of a trace, with one clear sentence for everything that can be wrong with them.

The usual trace is read in one pass into typed structs. What has other fields or another order takes a slower way, which
keeps them.
"""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct
from msgspec.msgpack import Decoder

from skel.patch.values import Json
from skel.trace.codec import TOO_DEEP, Event, OddEvent, without_gc
from skel.trace.errors import TraceError

T = TypeVar("T")
Owner = tuple[str, str]
"""Group, version and kind (`apps/v1.Deployment`), and `namespace/name`."""
Index = dict[str, dict[str, int]]
Lifecycles = dict[Owner, dict[int, list[Json]]]
Parts = dict[str, Raw]
"""The top-level values by key, in order; `events` holds its place with an empty value."""

VERSION = 2
PLACEHOLDER = Raw(b"\xc0")
_JSON_HINT = "`skel trace convert` reads a trace in JSON; `skel import` makes one of an audit log or manifests"
_TEXT_HINT = "`skel import manifests` makes a trace of manifests"


class _Usual(Struct, gc=False, forbid_unknown_fields=True):
    version: int
    config: Raw
    events: list[Event]
    index: Raw
    pod_lifecycles: Raw


_usual = Decoder(_Usual)
_REQUIRED = ("version", "config", "events", "index", "pod_lifecycles")
_EVENT_FIELDS = ("ts", "applied_objs", "deleted_objs")


def decode_trace(data: bytes, name: str) -> tuple[Parts, list[Event]]:
    """Split a trace; objects stay raw. `name` is how messages call it. Raises TraceError and nothing else."""
    _refuse_other_formats(data, name)
    with without_gc():
        try:
            return _decode_usual(data)
        except (msgspec.MsgspecError, ValueError, RecursionError, _UnusualError):
            return _decode_unusual(data, name)


def decode_part(raw: Raw | bytes, kind: type[T], place: str) -> T:
    """One value of the trace as `kind`; `place` begins the message of a TraceError."""
    try:
        return msgspec.msgpack.decode(raw, type=kind)
    except RecursionError:
        raise TraceError(f"{place} {TOO_DEEP}") from None
    except MemoryError:
        raise TraceError(f"{place} does not fit into memory") from None
    except msgspec.ValidationError as error:
        raise TraceError(_validation(str(error), place)) from None
    except UnicodeDecodeError:
        raise TraceError(f"{place}: a text is not valid UTF-8") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise _malformed(str(error), place, len(memoryview(raw))) from None


def _malformed(text: str, place: str, size: int) -> TraceError:
    byte = re.search(r"\(byte (\d+)\)", text)
    if "truncated" in text:
        return TraceError(f"{place} ends in the middle of a value, after {size} bytes", "it was cut off: copy it again")
    if "trailing" in text and byte:
        return TraceError(f"{place} goes on after its end, with {size - int(byte[1])} bytes from byte {byte[1]}")
    return TraceError(f"{place} is damaged: {text.removeprefix('MessagePack data is malformed: ')}")


class _UnusualError(Exception):
    """Readable, but not written as the reference writes."""


def _decode_usual(data: bytes) -> tuple[Parts, list[Event]]:
    usual = _usual.decode(data)
    head = b"\x85\xa7version\x02\xa6config" + memoryview(usual.config) + b"\xa6events"
    tail = b"\xa5index" + memoryview(usual.index) + b"\xaepod_lifecycles" + memoryview(usual.pod_lifecycles)
    if not (data.startswith(head) and data.endswith(tail)):
        raise _UnusualError
    parts = {
        "version": Raw(b"\x02"),
        "config": usual.config,
        "events": PLACEHOLDER,
        "index": usual.index,
        "pod_lifecycles": usual.pod_lifecycles,
    }
    return parts, usual.events


def _decode_unusual(data: bytes, name: str) -> tuple[Parts, list[Event]]:
    parts = decode_part(data, dict[str, Raw], name)
    _refuse_other_versions(parts, name)
    _refuse_twins(data, parts, name)
    for key in _REQUIRED:
        if key not in parts:
            raise TraceError(f"{name} has no `{key}`", "a trace has " + ", ".join(_REQUIRED))
    events = _decode_events(parts["events"], f"{name}: events")
    return {**parts, "events": PLACEHOLDER}, events


def _refuse_other_versions(parts: Parts, name: str) -> None:
    if "version" in parts:
        version = decode_part(parts["version"], int, f"{name}: version")
        if version != VERSION:
            raise TraceError(f"{name} has version {version}; only version {VERSION} is known", "export the trace again")


def _refuse_twins(raw: Raw | bytes, decoded: dict[str, Raw], place: str) -> None:
    """Of two entries with one key only one would survive."""
    if map_length(raw) != len(decoded):
        raise TraceError(f"{place} has a key twice")


def map_length(raw: Raw | bytes) -> int:
    """The declared number of entries of a map."""
    head = bytes(memoryview(raw)[:5])
    if head[0] < 0xDE:
        return head[0] & 15
    return int.from_bytes(head[1 : 3 if head[0] == 0xDE else 5], "big")


def _decode_events(raw: Raw, place: str) -> list[Event]:
    try:
        return decode_part(raw, list[Event], place)
    except TraceError as error:
        if "unknown field" not in error.message:
            raise
    maps = decode_part(raw, list[Raw], place)
    return [_decode_event(item, f"{place}[{number}]") for number, item in enumerate(maps)]


def _decode_event(raw: Raw, place: str) -> Event:
    fields = decode_part(raw, dict[str, Raw], place)
    _refuse_twins(raw, fields, place)
    for key in _EVENT_FIELDS:
        if key not in fields:
            raise TraceError(f"{place} has no `{key}`")
    seconds = decode_part(fields["ts"], int, f"{place}.ts")
    applied = decode_part(fields["applied_objs"], list[Raw], f"{place}.applied_objs")
    deleted = decode_part(fields["deleted_objs"], list[Raw], f"{place}.deleted_objs")
    if len(fields) == len(_EVENT_FIELDS):
        return Event(seconds, applied, deleted)
    return OddEvent(seconds, applied, deleted, {**fields, **dict.fromkeys(_EVENT_FIELDS, PLACEHOLDER)})


_EXPECTED = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<found>[^`]+)`")
_LACKS = re.compile(r"Object missing required field (?P<field>`[^`]+`)")
_WORDS = {
    "object": "a map",
    "array": "an array",
    "str": "a text",
    "int": "an integer",
    "float": "a decimal number",
    "bool": "a boolean",
    "null": "null",
    "None": "null",
    "bytes": "binary data",
    "ext": "an extension value",
}


def _validation(text: str, place: str) -> str:
    """`Expected ..., got ... - at $.events[3]` in our words and with the place in front."""
    what, _, path = text.partition(" - at ")
    _, is_key, rest = path.rpartition("`key` in ")
    where = f"{'a key of ' if is_key else ''}{place}{rest.strip('`').removeprefix('$')}"
    if match := _EXPECTED.fullmatch(what):
        wanted, found = (" or ".join(_WORDS.get(w, w) for w in match[g].split(" | ")) for g in ("wanted", "found"))
        return f"{where} must be {wanted}, not {found}"
    if match := _LACKS.fullmatch(what):
        return f"{where} has no {match['field']}"
    return f"{where}: {what}"


def _refuse_other_formats(data: bytes, name: str) -> None:
    """Say what it is when it is no MessagePack map at all."""
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not data:
        raise TraceError(f"{name} is empty")
    if data[0] >> 4 == 8 or data[0] in (0xDE, 0xDF):
        return
    if data.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        raise TraceError(f"{name} is compressed", "unpack it first with gunzip or unzstd")
    if start.startswith((b"{", b"[")):
        raise TraceError(f"{name} is JSON, not a MessagePack trace", _JSON_HINT)
    if _is_text(start):
        raise TraceError(f"{name} is text, perhaps YAML, not a MessagePack trace", _TEXT_HINT)
    raise TraceError(f"{name} is not a trace: byte 0 is 0x{data[0]:02x}, where a MessagePack map must begin")


def _is_text(start: bytes) -> bool:
    # A character may be cut at the end of the sample.
    text = start.decode("utf-8", "ignore")
    return len(text.encode()) > max(0, len(start) - 4) and all(char.isprintable() or char.isspace() for char in text)
