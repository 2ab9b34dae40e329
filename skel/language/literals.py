"""What literals stand for: strings with and without escapes, numbers, times."""

from __future__ import annotations

import math
import re
from types import MappingProxyType

from skel.kube.duration import parse_duration

SMALLEST, LARGEST = -(2**63), 2**64 - 1

_PAIR = re.compile(r"\\([\s\S])")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|([\s\S]?))")
_SIMPLE = MappingProxyType(
    {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\\": "\\", "/": "/", '"': '"', "'": "'"}
)
_TIME = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?[smh])+")


class BadLiteral(Exception):
    """A literal without a value. `start` and `end` are offsets into its text."""

    def __init__(self, message: str, hint: str = "", start: int = 0, end: int | None = None) -> None:
        self.message = message
        self.hint = hint
        self.start = start
        self.end = end
        super().__init__(message)


def string_value(text: str) -> str:
    """The string behind its spelling, quotes and all. Raises BadLiteral for an unknown escape or half a character."""
    inner = text[1:-1]
    if "\\" in inner:
        # In double quotes a backslash stands for itself, except before a quote.
        inner = _PAIR.sub(_raw_pair, inner) if text[0] == '"' else _unescape(inner)
    if any("\ud800" <= character <= "\udfff" for character in inner):
        raise BadLiteral("the string holds half of a character", "a surrogate (U+D800 to U+DFFF) must stand in a pair")
    return inner


def _raw_pair(pair: re.Match[str]) -> str:
    return '"' if pair[1] == '"' else pair[0]


def _unescape(inner: str) -> str:
    def meaning(escape: re.Match[str]) -> str:
        if escape[1]:
            return chr(int(escape[1], 16))
        if escape[2] not in _SIMPLE:
            hint = "known are \\n \\t \\r \\b \\f \\\\ \\/ \\' \\\" and \\u with four hexadecimal digits"
            # The text has its quote before the inner part.
            raise BadLiteral(f"`{escape[0]}` is no escape", hint, escape.start() + 1, escape.end() + 1)
        return _SIMPLE[escape[2]]

    plain = _ESCAPE.sub(meaning, inner)
    # Two escapes may make one character beyond U+FFFF, as in JSON.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass") if "\\u" in inner else plain


def number_value(text: str) -> int | float:
    """An integer of 64 bits, signed or not, or a finite decimal. Raises BadLiteral beyond that."""
    if any(character in text for character in ".eE"):
        value = float(text)
        if math.isinf(value):
            raise BadLiteral(f"`{text}` is too large for a number")
        return value
    # Python refuses to convert very long texts.
    whole = int(text) if len(text) <= 400 else LARGEST + 1
    if not SMALLEST <= whole <= LARGEST:
        raise BadLiteral(f"`{text}` is too large", f"integers go from {SMALLEST} to {LARGEST}")
    return whole


def seconds_value(text: str) -> float | None:
    """The seconds of `10m`, `1h30m` or `-5s`, None if the text is no time in hours, minutes and seconds."""
    if not _TIME.fullmatch(text.removeprefix("-")):
        return None
    return parse_duration(text)
