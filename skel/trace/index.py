"""The hash of a spec, as the index of a trace holds it: SipHash-1-3 with both keys zero.

The bytes under the hash: a string is its UTF-8 bytes and 0xff; a boolean one byte; an integer 8 bytes, little endian;
a float the 8 bytes of its bits, 0.0 for -0.0; null eight zero bytes; an array its items; a map key and value in the
order of the keys.
"""

from __future__ import annotations

from math import isfinite
from struct import Struct as Packer

import msgspec
from siphash24 import siphash13

from skel.patch.values import Json

_KEY = bytes(16)
_NULL = bytes(8)
_MASK = (1 << 64) - 1
_pack_float = Packer("<d").pack
_sorted_json = msgspec.json.Encoder(order="deterministic").encode


def spec_hash(spec: Json) -> int:
    """The unsigned 64 bit hash of a spec; a missing spec is hashed as None."""
    return int.from_bytes(siphash13(hashed_bytes(spec), key=_KEY).digest(), "little")


def hashed_bytes(spec: Json) -> bytes:
    """The bytes under the hash.

    Sorted JSON comes from C and has the order right. Split at the quotes, every second part is a string as it is, the
    others are punctuation and numbers, of which there are few different ones: a memo turns them into bytes. This takes
    two thirds of the time of a walk over the values, which is the way for what JSON writes with a backslash.
    """
    try:
        text = _sorted_json(spec)
    except (TypeError, ValueError):
        return _walked(spec)
    if b"\\" in text:
        return _walked(spec)
    parts = text.split(b'"')
    parts[::2] = map(_between.__getitem__, parts[::2])
    return b"".join(parts)[1:]


class _Between(dict[bytes, bytes]):
    """What stands between two strings of JSON -> the end of the string before it and the bytes of its scalars."""

    def __missing__(self, text: bytes) -> bytes:
        words = text.translate(None, b"{}[]:").split(b",")
        result = b"\xff" + b"".join(_scalar(word) for word in words if word)
        if len(self) < 20_000 and len(text) < 64:
            self[text] = result
        return result


_between = _Between()
_WORDS = {b"null": _NULL, b"true": b"\x01", b"false": b"\x00"}


def _scalar(word: bytes) -> bytes:
    known = _WORDS.get(word)
    if known is not None:
        return known
    return _integer(int(word)) if word.lstrip(b"-").isdigit() else _float(float(word))


def _integer(value: int) -> bytes:
    return (value & _MASK).to_bytes(8, "little")


def _float(value: float) -> bytes:
    # JSON, and so the reference, knows no NaN and no infinity: it reads them as null.
    return _pack_float(value + 0.0) if isfinite(value) else _NULL


def _walked(value: Json) -> bytes:
    parts: list[bytes] = []
    _walk(value, parts)
    return b"".join(parts)


def _walk(value: Json, parts: list[bytes]) -> None:
    kind = type(value)
    if kind is str:
        parts.append(value.encode("utf-8", "surrogatepass") + b"\xff")
    elif kind is dict:
        for key in sorted(value, key=str):
            parts.append(str(key).encode("utf-8", "surrogatepass") + b"\xff")
            _walk(value[key], parts)
    elif kind is list or kind is tuple:
        for item in value:
            _walk(item, parts)
    else:
        parts.append(_other(value))


def _other(value: Json) -> bytes:
    match value:
        case None:
            return _NULL
        case bool():
            return b"\x01" if value else b"\x00"
        case int():
            return _integer(value)
        case float():
            return _float(value)
        case _:
            # No JSON value: binary data and times, which msgspec writes as text.
            return str(msgspec.to_builtins(value)).encode() + b"\xff"
