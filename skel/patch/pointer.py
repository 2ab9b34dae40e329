"""Places in a JSON document: tuples inside, RFC 6901 text at the edges."""

from __future__ import annotations

import re

Pointer = tuple[str | int, ...]
"""The way from the root to a place. A number is an array index, a text a key of a map."""

_INDEX = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


class PatchError(ValueError):
    """A pointer that is none, or an operation that does not fit its document."""


def format_pointer(pointer: Pointer) -> str:
    """`("spec", "a/b", 0)` as `/spec/a~1b/0`; the root is the empty text."""
    return "".join("/" + _escape(token) for token in pointer)


def parse_pointer(text: str) -> Pointer:
    """Read RFC 6901 text. Digits become a number, which on a map stands for the key of these digits.

    Raises PatchError if a part does not begin with `/` or `~` is not followed by 0 or 1.
    """
    if not text:
        return ()
    if not text.startswith("/"):
        raise PatchError(f"the JSON pointer {text!r} does not begin with a slash")
    return tuple(_token(part, text) for part in text[1:].split("/"))


def _escape(token: str | int) -> str:
    return str(token) if isinstance(token, int) else token.replace("~", "~0").replace("/", "~1")


def _token(part: str, text: str) -> str | int:
    if _INDEX.fullmatch(part):
        return int(part)
    if "~" not in part:
        return part
    if re.search("~(?![01])", part):
        raise PatchError(f"the JSON pointer {text!r} has a `~` without 0 or 1 behind it")
    return part.replace("~1", "/").replace("~0", "~")
