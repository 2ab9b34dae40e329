"""A place in an object as the language writes it: `spec.containers[0].image`, ready to be put into a rule."""

from __future__ import annotations

import re

from skel.patch.pointer import Pointer

_FIRST = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LATER = re.compile(r"[A-Za-z0-9_-]*[A-Za-z_-][A-Za-z0-9_-]*")
ANY_ITEM = "[*]"


def path_text(pointer: Pointer) -> str:
    """The path of a place; `$` for the object itself."""
    text = ""
    for token in pointer:
        text += item_text(token) if isinstance(token, int) else key_text(token, first=not text)
    return text or "$"


def item_text(index: int) -> str:
    return f"[{index}]"


def key_text(key: str, *, first: bool = False) -> str:
    """One key, with its dot unless it is the first, and quoted unless it is a plain word."""
    if (_FIRST if first else _LATER).fullmatch(key):
        return key if first else f".{key}"
    return f'["{quoted(key)}"]' if first else f'."{quoted(key)}"'


def quoted(key: str) -> str:
    return key.replace('"', '\\"')
