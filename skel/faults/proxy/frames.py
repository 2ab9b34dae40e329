"""The frames of a watch: lines of JSON, or messages of protobuf behind their length (4 bytes, the highest first)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from skel.faults.proxy.wire import NotProtobuf, watch_event

BOOKMARK = "BOOKMARK"
ERROR = "ERROR"
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Frame:
    """One event of a watch, as it came. `revision` and `generation` are 0 where none stands in it."""

    raw: bytes
    event: str = ""
    name: str = ""
    namespace: str = ""
    revision: int = 0
    generation: int = 0

    @property
    def is_bookmark(self) -> bool:
        return self.event == BOOKMARK

    def wants_same(self, other: Frame) -> bool:
        """Whether both are about one object, and nobody has changed meanwhile what is wanted of it."""
        mine, theirs = (self.namespace, self.name, self.generation), (other.namespace, other.name, other.generation)
        return self.generation > 0 and mine == theirs


class _Meta(msgspec.Struct):
    name: str = ""
    namespace: str = ""
    resourceVersion: str = ""  # noqa: N815  (as Kubernetes writes it)
    generation: int = 0


class _Object(msgspec.Struct):
    metadata: _Meta = msgspec.field(default_factory=_Meta)


class _Event(msgspec.Struct):
    type: str = ""
    object: _Object = msgspec.field(default_factory=_Object)


_decode = msgspec.json.Decoder(_Event).decode


class Splitter:
    """Cuts one stream into frames."""

    def __init__(self, content_type: str) -> None:
        self._is_protobuf = "protobuf" in content_type
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete with it."""
        rest = self._rest + data
        at = 0
        while (end := self._end(rest, at)) is not None:
            raw, at = rest[at:end], end
            yield self._read(raw)
        self._rest = rest[at:]

    def _end(self, data: bytes, at: int) -> int | None:
        if not self._is_protobuf:
            end = data.find(b"\n", at)
            return None if end < 0 else end + 1
        if len(data) < at + _LENGTH.size:
            return None
        end = at + _LENGTH.size + _LENGTH.unpack_from(data, at)[0]
        return None if len(data) < end else end

    def _read(self, raw: bytes) -> Frame:
        """What can't be read passes like anything else."""
        try:
            if self._is_protobuf:
                kind, name, namespace, version, generation = watch_event(raw[_LENGTH.size :])
            else:
                event = _decode(raw)
                meta = event.object.metadata
                kind, name, namespace, version = event.type, meta.name, meta.namespace, meta.resourceVersion
                generation = meta.generation
        except (NotProtobuf, msgspec.MsgspecError, UnicodeDecodeError):
            return Frame(raw)
        return Frame(raw, kind, name, namespace, int(version) if version.isdecimal() else 0, generation)
