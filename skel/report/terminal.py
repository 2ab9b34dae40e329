"""Colour for a terminal, and when not to use it."""

from __future__ import annotations

import os
from typing import TextIO

_CODES = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "cyan": 36, "bold": 1, "dim": 2}


def wants_color(stream: TextIO, choice: str = "auto") -> bool:
    """Whether to colour what goes there: `choice` is always, never or auto; NO_COLOR and FORCE_COLOR are honoured."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")


class Paint:
    """Colours texts, or leaves them as they are."""

    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, text: str, *styles: str) -> str:
        if not self.color or not text:
            return text
        return f"\x1b[{';'.join(str(_CODES[style]) for style in styles)}m{text}\x1b[0m"


def printable(text: str) -> str:
    """Without control characters, so that a trace from a stranger can't speak to the terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\t" else f"\\x{ord(char):02x}" for char in text)
