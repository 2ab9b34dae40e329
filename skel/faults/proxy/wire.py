r"""The few fields of a watch event in protobuf that are of use here; everything else of it stays unread.

Messages are those of k8s.io/apimachinery: WatchEvent{1: type, 2: RawExtension{1: raw}}, where raw is `k8s\0` and
Unknown{2: the object}; the first field of each object is its ObjectMeta{1: name, 3: namespace, 6: resourceVersion}.
"""

from __future__ import annotations

from collections.abc import Iterator

_MAGIC = b"k8s\0"


class NotProtobuf(ValueError):
    """The bytes are not such a message."""


def watch_event(message: bytes) -> tuple[str, str, str, str]:
    """Type, name, namespace and resource version; empty where there is none. Raises NotProtobuf."""
    try:
        event = _texts(message)
        raw = _texts(event.get(2, b"")).get(1, b"")
        unknown = _texts(raw.removeprefix(_MAGIC)).get(2, b"")
        meta = _texts(_texts(unknown).get(1, b""))
        parts = (event.get(1), meta.get(1), meta.get(3), meta.get(6))
        kind, name, namespace, version = ((part or b"").decode() for part in parts)
    except (IndexError, UnicodeDecodeError) as error:
        raise NotProtobuf(str(error)) from None
    return kind, name, namespace, version


def _texts(message: bytes) -> dict[int, bytes]:
    """The first of each field that is bytes, a text or a message."""
    found: dict[int, bytes] = {}
    for number, value in _fields(message):
        found.setdefault(number, value)
    return found


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    at, end = 0, len(message)
    while at < end:
        tag, at = _varint(message, at)
        match tag & 7:
            case 0:
                _, at = _varint(message, at)
            case 1:
                at += 8
            case 2:
                size, at = _varint(message, at)
                if at + size > end:
                    raise IndexError("a field is longer than its message")
                yield tag >> 3, message[at : at + size]
                at += size
            case 5:
                at += 4
            case kind:
                raise IndexError(f"a field of the kind {kind}")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise IndexError("a number of more than 64 bits")
