"""What a plain YAML scalar is for kubectl: the rules of go-yaml v2, by which sigs.k8s.io/yaml makes JSON of YAML.

They are those of YAML 1.1 with exceptions: `y` and `on` are booleans, `014` and `0o14` are 12, `1_000` is 1000; but
times (`12:30:45`) and dates stay text. The numbers are then those of Kubernetes' JSON: an integer of 64 bits, or a
float; `1.0` and `1e3` are integers.
Source: resolve.go of go-yaml v2.4 and yaml.go of sigs.k8s.io/yaml v1.6, checked with kubectl 1.32.
"""

from __future__ import annotations

import math
import re
import struct
from decimal import Decimal
from functools import lru_cache

from skel.patch.values import Json

FIRST = frozenset((*"0123456789+-.yYnNtTfFoO~", ""))
"""How a plain scalar begins that may be no text; the empty one is null."""

_TRUE = ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")
_FALSE = ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")
_NULL = ("", "~", "null", "Null", "NULL")
_WORDS: dict[str, Json] = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False) | dict.fromkeys(_NULL)

_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|0[oO]?(?P<oct>[0-7]+)|(?P<dec>0|[1-9][0-9]*))"
)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_POINT_FIRST = re.compile(r"\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?")
_BASES = {"hex": 16, "bin": 2, "oct": 8, "dec": 10}

_LARGEST = 2**63
_LARGEST_SINGLE = 3.4028234663852886e38
_LONGEST = 400
"""Digits beyond which no number of 64 bits is meant."""


class NotJsonError(ValueError):
    """Infinity, or not a number: YAML has it, JSON has no word for it."""


@lru_cache(maxsize=8192)
def resolve(text: str) -> Json:
    """The value of a plain scalar. Raises NotJsonError."""
    if text[:1] not in FIRST:
        return text
    if text in _WORDS:
        return _WORDS[text]
    number = _number(text)
    return text if number is None else json_number(number)


def json_number(number: float) -> float:
    """The number as Kubernetes reads it from JSON: an integer if it is written without a fraction and fits."""
    if isinstance(number, int):
        return number if _fits(number) else float(number)
    if not number.is_integer():
        return number
    # By its shortest digits, as Go writes it: 9.007199254740993e17 ends in zeros.
    integer = int(Decimal(repr(number)))
    return integer if _fits(integer) else number


def _fits(integer: int) -> bool:
    return -_LARGEST <= integer < _LARGEST


def key_text(text: str) -> str | None:
    """The text of a key that stands there plain, None if such a key is not possible (null)."""
    if text[:1] not in FIRST:
        return text
    if text in _WORDS:
        value = _WORDS[text]
        return None if value is None else str(value).lower()
    if _NOT_FINITE.fullmatch(text):
        return text.lower().removeprefix("+")
    number = _number(text)
    match number:
        case None:
            return text
        case int():
            return str(number) if number < _LARGEST else None
        case _:
            return _short(number)


def _number(text: str) -> float | None:
    """An integer of at most 64 bits, or a float; None if it is text."""
    if _NOT_FINITE.fullmatch(text):
        raise NotJsonError(text)
    if len(text) > _LONGEST:
        return None
    if text.startswith("."):
        return _finite(text.replace("_", "")) if _POINT_FIRST.fullmatch(text) else None
    if text[0] not in "+-0123456789":
        return None
    plain = text.replace("_", "")
    integer = _integer(plain)
    if integer is not None:
        return integer
    return _finite(plain) if _FLOAT.fullmatch(plain) else None


def _integer(plain: str) -> int | None:
    found = _INTEGER.fullmatch(plain)
    if not found:
        return None
    kind, digits = next((kind, found[kind]) for kind in _BASES if found[kind])
    value = int(digits, _BASES[kind])
    limit = _LARGEST + 1 if found["sign"] == "-" else _LARGEST if found["sign"] else 2 * _LARGEST
    if value >= limit:
        return None
    return -value if found["sign"] == "-" else value


def _finite(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def _short(number: float) -> str:
    """A float as a key: the shortest text for 32 bits, in the manner of Go's `%g`."""
    if abs(number) > _LARGEST_SINGLE:
        return ".inf" if number > 0 else "-.inf"
    single = _as_single(number)
    digits = next(count for count in range(17) if _as_single(float(f"{single:.{count}e}")) == single)
    text = f"{single:.{digits}e}"
    exponent = int(text.partition("e")[2])
    return text if exponent < -4 or exponent >= 6 else f"{single:.{max(digits - exponent, 0)}f}"


def _as_single(number: float) -> float:
    value: float = struct.unpack("f", struct.pack("f", number))[0]
    return value
