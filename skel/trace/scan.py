"""The bounds of MessagePack values, found without decoding them (the MessagePack specification, "Formats")."""

from __future__ import annotations

from enum import Enum
from itertools import pairwise
from typing import NamedTuple


class Shape(Enum):
    ARRAY = "array"
    MAP = "map"
    SCALAR = "scalar"


class Head(NamedTuple):
    """The beginning of a value: its shape, how many bytes it has without its children, how many children follow."""

    shape: Shape
    size: int
    children: int


# Sizes of scalars without a length, by their first byte.
_FIXED = {
    **dict.fromkeys((*range(0x80), *range(0xE0, 0x100), 0xC0, 0xC2, 0xC3), 1),
    **{0xA0 + length: 1 + length for length in range(32)},
    **dict(zip(range(0xCA, 0xD4), (5, 9, 2, 3, 5, 9, 2, 3, 5, 9), strict=True)),
    **dict(zip(range(0xD4, 0xD9), (3, 4, 6, 10, 18), strict=True)),
}
# Binary data, extensions and texts: how many bytes the length has, and how many bytes stand between it and the data.
_MEASURED = {0xC4: (1, 0), 0xC5: (2, 0), 0xC6: (4, 0), 0xC7: (1, 1), 0xC8: (2, 1), 0xC9: (4, 1)}
_MEASURED |= {0xD9: (1, 0), 0xDA: (2, 0), 0xDB: (4, 0)}


def head_at(data: bytes, at: int) -> Head:
    """The head of the value that begins at `at`. Raises ValueError if there is none."""
    if at >= len(data):
        raise ValueError("the data ends in the middle of a value")
    tag = data[at]
    if tag in _FIXED:
        return Head(Shape.SCALAR, _FIXED[tag], 0)
    if tag in _MEASURED:
        width, more = _MEASURED[tag]
        return Head(Shape.SCALAR, 1 + width + more + _number(data, at + 1, width), 0)
    if tag in (0xDC, 0xDD, 0xDE, 0xDF):
        width = 4 if tag & 1 else 2
        return _container(tag < 0xDE, 1 + width, _number(data, at + 1, width))
    if 0x80 <= tag < 0xA0:
        return _container(tag >= 0x90, 1, tag & 15)
    raise ValueError(f"0x{tag:02x} begins no value")


def end_of(data: bytes, at: int) -> int:
    """The offset behind the value that begins at `at`, however deep it is. Raises ValueError if it is not whole."""
    left = 1
    while left:
        head = head_at(data, at)
        at += head.size
        left += head.children - 1
    if at > len(data):
        raise ValueError("the data ends in the middle of a value")
    return at


def children(data: bytes) -> list[bytes]:
    """The values in an array; of a map each key and its value in turn."""
    head = head_at(data, 0)
    bounds = [head.size]
    for _ in range(head.children):
        bounds.append(end_of(data, bounds[-1]))
    return [data[start:end] for start, end in pairwise(bounds)]


def _container(is_array: bool, size: int, count: int) -> Head:
    return Head(Shape.ARRAY, size, count) if is_array else Head(Shape.MAP, size, 2 * count)


def _number(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "big")
