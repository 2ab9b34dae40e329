"""Any MessagePack value as JSON text that gives the same bytes again.

What JSON can say stands as it is: 1.0 stays a float, an integer an integer. Everything else is marked:

* `{"$raw": "<base64>"}` are the bytes of a value that JSON has no word for: binary data, extensions, 32 bit floats, NaN
  and infinity, and whatever is written longer than needed.
* `{"$map": [[key, value], ...]}` is a map with keys that are no texts, with a key twice, or with `$raw` or `$map` as
  its only key.
"""

from __future__ import annotations

import base64
from itertools import accumulate

import msgspec
from msgspec import Raw

from skel.patch.values import Json
from skel.trace.codec import array_header, encode_object, map_header
from skel.trace.errors import TraceError
from skel.trace.scan import Shape, children, end_of, head_at

RAW, MAP = "$raw", "$map"
_MARKS = (b'{"$raw":', b'{"$map":')

# Far below what Python and other JSON readers can take.
_DEEPEST = 200
_DEEPEST_BY_PARTS = 24


def to_exact_json(data: bytes, depth: int = 0) -> bytes:
    """One MessagePack value as JSON text without blanks; see above for the marks."""
    text = _plain(data)
    if text is not None:
        return text
    if depth < _DEEPEST_BY_PARTS:
        shape, size, count = head_at(data, 0)
        if shape is Shape.ARRAY and data[:size] == array_header(count):
            return b"[" + b",".join(to_exact_json(item, depth + 1) for item in children(data)) + b"]"
        if shape is Shape.MAP and data[:size] == map_header(count // 2):
            return _map([to_exact_json(item, depth + 1) for item in children(data)])
    return raw_json(data)


def raw_json(data: bytes) -> bytes:
    """The bytes of a value as a `$raw` mark."""
    return b'{"$raw":"' + base64.b64encode(data) + b'"}'


def has_marks(text: bytes) -> bool:
    """Whether some map begins with a mark. Inside a text the quotes would have backslashes."""
    return any(mark in text for mark in _MARKS)


def revive(value: Json, place: str) -> Json:
    """The value with its marks replaced by what they stand for, ready to encode.

    Raises TraceError with the place, which begins with `place`, of a mark that means nothing.
    """
    if type(value) is list:
        return [revive(item, f"{place}[{number}]") for number, item in enumerate(value)]
    if type(value) is not dict:
        return value
    if value.keys() == {RAW}:
        return _revived_raw(value[RAW], place)
    if value.keys() == {MAP}:
        return _revived_map(value[MAP], place)
    return {key: revive(item, f"{place}.{key}") for key, item in value.items()}


def _plain(data: bytes) -> bytes | None:
    """The value as plain JSON; None if that would not give the same bytes again. The way there and back is the test."""
    try:
        text = msgspec.json.encode(msgspec.msgpack.decode(data))
        if has_marks(text) or _is_deep(text) or msgspec.msgpack.encode(msgspec.json.decode(text)) != data:
            return None
    except (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError):
        return None
    return text


def _is_deep(text: bytes) -> bool:
    if text.count(b"{") + text.count(b"[") < _DEEPEST:
        return False
    # Brackets inside texts count too; too high a number only leads to a longer way.
    steps = (1 if char in b"{[" else -1 for char in text if char in b"{}[]")
    return max(accumulate(steps)) > _DEEPEST


def _map(parts: list[bytes]) -> bytes:
    keys, values = parts[::2], parts[1::2]
    is_plain = len(set(keys)) == len(keys) and all(key.startswith(b'"') for key in keys)
    if is_plain and keys not in ([b'"$raw"'], [b'"$map"']):
        return b"{" + b",".join(key + b":" + value for key, value in zip(keys, values, strict=True)) + b"}"
    pairs = (b"[" + key + b"," + value + b"]" for key, value in zip(keys, values, strict=True))
    return b'{"$map":[' + b",".join(pairs) + b"]}"


def _revived_raw(text: Json, place: str) -> Raw:
    try:
        data = base64.b64decode(text, validate=True)
        is_one_value = end_of(data, 0) == len(data)
    except (ValueError, TypeError):
        is_one_value = False
    if not is_one_value:
        raise TraceError(f"{place}: `$raw` must be one MessagePack value in base64")
    return Raw(data)


def _revived_map(pairs: Json, place: str) -> Raw:
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise TraceError(f"{place}: `$map` must be a list of pairs of key and value")
    parts = [bytes(encode_object(revive(part, place), place)) for pair in pairs for part in pair]
    return Raw(map_header(len(pairs)) + b"".join(parts))
