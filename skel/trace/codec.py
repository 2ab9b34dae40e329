"""MessagePack in and out: objects stay raw bytes until somebody needs to look inside."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, TypeVar

import msgspec
from msgspec import Raw, Struct
from msgspec.msgpack import Decoder, Encoder

from skel.patch.values import Json
from skel.trace.errors import TraceError

T = TypeVar("T")
TOO_DEEP = "is nested too deeply"
_EVENTS_AT_ONCE = 256


class Event(Struct, gc=False, forbid_unknown_fields=True):
    """What happened at one second: `ts` in Unix seconds, manifests as MessagePack bytes."""

    ts: int
    applied_objs: list[Raw]
    deleted_objs: list[Raw]

    def copy_with(self, ts: int, applied: list[Raw], deleted: list[Raw]) -> Event:
        """The same event with other contents; fields that this version does not know are kept."""
        return Event(ts, applied, deleted)


class OddEvent(Event, gc=False):
    """An event with more fields than we know. `fields` has all in order; the known ones are up to date only above."""

    fields: dict[str, Raw]

    def copy_with(self, ts: int, applied: list[Raw], deleted: list[Raw]) -> Event:
        return OddEvent(ts, applied, deleted, self.fields)


EventMap = dict[str, int | list[Raw] | Raw]
"""An event with its fields in the order in which they were read."""


class HeaderProbe(Struct, gc=False):
    """The two words that decide which rules can match. Empty if the object has none."""

    apiVersion: str = ""  # noqa: N815  (the name in the manifest)
    kind: str = ""


_encoder = Encoder()
_object_decoder = Decoder(dict[str, Json])
_shallow_decoder = Decoder(dict[str, Raw])
_value_decoder = Decoder()
_header_decoder = Decoder(HeaderProbe)


@contextmanager
def without_gc() -> Iterator[None]:
    """No garbage collection inside: it would walk all the objects made so far again and again, and find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def probe(raw: Raw) -> HeaderProbe | None:
    """`apiVersion` and `kind` without decoding the rest; None if the object is no map or they are no text."""
    try:
        return _header_decoder.decode(raw)
    except (msgspec.MsgspecError, ValueError):
        return None
    except RecursionError:
        raise TraceError(f"an object {TOO_DEEP}") from None


def decode_object(raw: Raw, where: str = "an object") -> dict[str, Json]:
    """The manifest as plain values. Raises TraceError with `where` if it is no map with text keys."""
    try:
        return _object_decoder.decode(raw)
    except RecursionError:
        raise TraceError(f"{where} {TOO_DEEP}") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise TraceError(f"{where} can't be read: {_first_lower(error)}") from None


def decode_shallow(raw: Raw, keys: Collection[str]) -> dict[str, Json]:
    """The manifest with only the values at these keys decoded; the others are still Raw, and are written as they are.
    `thaw` decodes them as well. Raises TraceError.
    """
    try:
        manifest: dict[str, Json] = _shallow_decoder.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return decode_object(raw)  # which says what is wrong
    for key in keys:
        if key in manifest:
            manifest[key] = _decode_value(manifest[key])
    return manifest


def thaw(manifest: Json) -> None:
    """Decode what is still Raw in a manifest. Raises TraceError."""
    if type(manifest) is dict:
        for key, value in manifest.items():
            if type(value) is Raw:
                manifest[key] = _decode_value(value)


def _decode_value(raw: Raw) -> Json:
    try:
        return _value_decoder.decode(raw)
    except RecursionError:
        raise TraceError(f"an object {TOO_DEEP}") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise TraceError(f"an object can't be read: {_first_lower(error)}") from None


def encode_object(value: Json, where: str = "an object") -> Raw:
    """The bytes of a manifest, as the reference writes them. Raises TraceError for what MessagePack has no form for."""
    try:
        return Raw(_encoder.encode(value))
    except RecursionError:
        raise TraceError(f"{where} {TOO_DEEP}") from None
    except OverflowError:
        raise TraceError(f"{where} holds an integer of more than 64 bits") from None
    except (msgspec.MsgspecError, ValueError, TypeError) as error:
        raise TraceError(f"{where} can't be written: {_first_lower(error)}") from None


def write_events(file: BinaryIO, events: Sequence[Event]) -> None:
    """Write the array of events, some hundred at a time into one buffer that is used again."""
    file.write(array_header(len(events)))
    buffer = bytearray()
    for start in range(0, len(events), _EVENTS_AT_ONCE):
        chunk = [e if type(e) is Event else event_map(e) for e in events[start : start + _EVENTS_AT_ONCE]]
        _encoder.encode_into(chunk, buffer)
        with memoryview(buffer) as view:
            file.write(view[len(array_header(len(chunk))) :])


def event_map(event: Event) -> Event | EventMap:
    """What is written for the event: itself, or all the fields of an odd one."""
    if not isinstance(event, OddEvent):
        return event
    known: EventMap = {"ts": event.ts, "applied_objs": event.applied_objs, "deleted_objs": event.deleted_objs}
    return {key: known.get(key, raw) for key, raw in event.fields.items()}


def array_header(length: int) -> bytes:
    """The shortest head of an array of so many items."""
    return _header(length, 0x90, 0xDC)


def map_header(length: int) -> bytes:
    """The shortest head of a map of so many entries."""
    return _header(length, 0x80, 0xDE)


def _header(length: int, short: int, long: int) -> bytes:
    if length < 16:
        return bytes((short | length,))
    if length < 1 << 16:
        return bytes((long,)) + length.to_bytes(2, "big")
    return bytes((long + 1,)) + length.to_bytes(4, "big")


def _first_lower(error: Exception) -> str:
    text = str(error)
    return text[:1].lower() + text[1:]
