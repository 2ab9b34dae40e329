"""What a vDSO is made of, read from its image in memory (ELF-64, little endian; System V ABI, chapters 4 and 5)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

_MAGIC = b"\x7fELF\x02\x01"
_X86_64 = 62
_LOAD, _DYNAMIC = 1, 2
_STRTAB, _SYMTAB, _HASH = 5, 6, 4
_SYMBOL = struct.Struct("<IBBHQQ")
_HEADER = struct.Struct("<IIQQQQQQ")


@dataclass(frozen=True, slots=True)
class Symbol:
    """`entry` is the offset of the field that holds `address`; both count from the beginning of the image."""

    name: str
    entry: int
    address: int


@dataclass(frozen=True, slots=True)
class Vdso:
    """`end` is behind the last byte that is not 0, and there is room. Addresses exceed offsets by `bias`."""

    symbols: Mapping[str, Symbol]
    size: int
    end: int
    bias: int


class NoVdso(ValueError):
    """The image is not what we know how to change."""


def parse(image: bytes) -> Vdso:
    """Raises NoVdso."""
    try:
        return _parse(image)
    except (struct.error, KeyError, IndexError) as error:
        raise NoVdso(f"its form is not known ({error!r})") from None


def _parse(image: bytes) -> Vdso:
    if not image.startswith(_MAGIC) or struct.unpack_from("<H", image, 18)[0] != _X86_64:
        raise NoVdso("it is no ELF image for x86-64")
    bias, dynamic = _segments(image)
    tags = dict(struct.iter_unpack("<qQ", image[dynamic[0] : dynamic[0] + dynamic[1]]))
    table, names, hashes = (tags[tag] - bias for tag in (_SYMTAB, _STRTAB, _HASH))
    # The second word of the hash table is the number of symbols.
    count = struct.unpack_from("<II", image, hashes)[1]
    symbols = (_symbol(image, table + _SYMBOL.size * number, names, bias) for number in range(1, count))
    return Vdso({symbol.name: symbol for symbol in symbols}, len(image), len(image.rstrip(b"\0")), bias)


def _segments(image: bytes) -> tuple[int, tuple[int, int]]:
    """The bias of the image that is loaded, and offset and size of its dynamic section."""
    start = struct.unpack_from("<Q", image, 32)[0]
    size, count = struct.unpack_from("<HH", image, 54)
    headers = [_HEADER.unpack_from(image, start + size * number) for number in range(count)]
    bias = next((address for kind, _, offset, address, *_ in headers if kind == _LOAD and offset == 0), 0)
    for kind, _, offset, _, _, length, *_ in headers:
        if kind == _DYNAMIC:
            return bias, (offset, length)
    raise NoVdso("it has no dynamic section")


def _symbol(image: bytes, at: int, names: int, bias: int) -> Symbol:
    name, _, _, _, value, _ = _SYMBOL.unpack_from(image, at)
    end = image.index(b"\0", names + name)
    return Symbol(image[names + name : end].decode("latin-1"), at + 8, value - bias)
