"""Scalars as YAML text, readable by every YAML parser as what they are: in doubt they stand in quotes."""

from __future__ import annotations

import re

from skel.manifests.scalars import NotJsonError, resolve
from skel.patch.values import Json

_INDICATORS = frozenset("?:,[]{}#&*!|>'\"%@`")
# Numbers, dates and times of any version of YAML, and what reads like them.
_NUMERIC = re.compile(r"[-+.]?[0-9][0-9a-fA-FxXoO_.,:eE+\-]*(?:[tT ][0-9:.]+.*)?|[-+]?\.(?:inf|nan).*", re.IGNORECASE)
_SPECIAL = frozenset({"=", "<<", "-", "---", "..."})
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def word(value: Json, *, style: str = "", flow: bool = False) -> str:
    """The scalar on one line, in the quotes of `style` if these are possible."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return _text(value, style, flow=flow)
        case float():
            return repr(value)
        case _:
            return str(value)


def literal(text: str) -> tuple[str, list[str]] | None:
    """Header and lines of a text of several lines in block style; None if that can't hold it exactly."""
    body = text.removesuffix("\n")
    lines = body.split("\n")
    is_simple = all(line.isprintable() and line.strip(" ") for line in lines if line)
    if len(lines) < 2 or not is_simple or not lines[0] or lines[0][0] == " " or not lines[-1]:
        return None
    return ("|" if text.endswith("\n") else "|-"), lines


def _text(text: str, style: str, *, flow: bool) -> str:
    if style == "'" and text.isprintable():
        return _single(text)
    if style == '"' or not text.isprintable():
        return _double(text)
    return text if _is_plain(text, flow=flow) else _double(text)


def _is_plain(text: str, *, flow: bool) -> bool:
    if (
        not text
        or text != text.strip()
        or text[0] in _INDICATORS
        or text in _SPECIAL
        or text.startswith(("- ", "--- ", "... "))
    ):
        return False
    if ": " in text or " #" in text or text.endswith(":") or _NUMERIC.fullmatch(text):
        return False
    if flow and not frozenset(",[]{}").isdisjoint(text):
        return False
    try:
        return isinstance(resolve(text), str)
    except NotJsonError:
        return False


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _double(text: str) -> str:
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
