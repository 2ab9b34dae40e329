r"""The few fields of a watch event in protobuf that are of use here; everything else of it stays unread.

Messages are those of k8s.io/apimachinery: WatchEvent{1: type, 2: RawExtension{1: raw}}, where raw is `k8s\0` and
Unknown{2: the object}; the first field of each object is its ObjectMeta{1: name, 3: namespace, 6: resourceVersion,
7: generation, 12: annotations}.
"""

from __future__ import annotations

from collections.abc import Iterator

MAGIC = b"k8s\0"
_ANNOTATIONS = 12


class NotProtobuf(ValueError):
    """The bytes are not such a message."""


def watch_event(message: bytes) -> tuple[str, str, str, str, int]:
    """Type, name, namespace, resource version and generation; empty where there is none. Raises NotProtobuf."""
    try:
        kind, extension = _first(message, (1, 2))
        (raw,) = _first(extension, (1,))
        (thing,) = _first(raw.removeprefix(MAGIC), (2,))
        (meta,) = _first(thing, (1,))
        name, namespace, version, generation = _first(meta, (1, 3, 6, 7))
        number = _varint(generation, 0)[0] if generation else 0
        return kind.decode(), name.decode(), namespace.decode(), version.decode(), number
    except (IndexError, UnicodeDecodeError) as error:
        raise NotProtobuf(str(error)) from None


def with_annotation(message: bytes, key: str, value: str) -> bytes:
    """An object, as it is sent, with one more annotation. Raises NotProtobuf."""
    entry = _field(1, key.encode()) + _field(2, value.encode())
    try:
        return MAGIC + _extended(message.removeprefix(MAGIC), (2, 1), _field(_ANNOTATIONS, entry))
    except IndexError as error:
        raise NotProtobuf(str(error)) from None


def _extended(message: bytes, path: tuple[int, ...], more: bytes) -> bytes:
    """A message with more fields at the end of the one that the numbers lead to."""
    if not path:
        return message + more
    for number, start, begin, end in _spans(message):
        if number == path[0]:
            return message[:start] + _field(number, _extended(message[begin:end], path[1:], more)) + message[end:]
    raise IndexError(f"no field {path[0]}")


def _first(message: bytes, wanted: tuple[int, ...]) -> list[bytes]:
    """The first of each of these fields, as bytes; empty where there is none.

    What stands behind the last of them stays unread: by far the most of an object.
    """
    found: dict[int, bytes] = {}
    for number, _, begin, end in _spans(message):
        if number in wanted and number not in found:
            found[number] = message[begin:end]
            if len(found) == len(wanted):
                break
    return [found.get(number, b"") for number in wanted]


def _spans(message: bytes) -> Iterator[tuple[int, int, int, int]]:
    """The fields that have bytes, or a varint: number, where it starts, where its value begins and ends."""
    at, end = 0, len(message)
    while at < end:
        start = at
        tag, at = _varint(message, at)
        match tag & 7:
            case 2:
                size, at = _varint(message, at)
                if at + size > end:
                    raise IndexError("a field is longer than its message")
                yield tag >> 3, start, at, at + size
                at += size
            case 0:
                begin = at
                _, at = _varint(message, at)
                yield tag >> 3, start, begin, at
            case 1:
                at += 8
            case 5:
                at += 4
            case kind:
                raise IndexError(f"a field of the kind {kind}")


def _field(number: int, value: bytes) -> bytes:
    return _number(number << 3 | 2) + _number(len(value)) + value


def _number(value: int) -> bytes:
    """A varint."""
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*parts, value))


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
