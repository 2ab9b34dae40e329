"""How much is taken from a place that one does not control, and how long one waits for it."""

from __future__ import annotations

import os
import re

from skel.storage.errors import TraceError

MAX_SIZE = "SKEL_MAX_SIZE"
LARGEST = 4 << 30
"""Bytes of a trace that comes from elsewhere or is packed, if MAX_SIZE says nothing else."""
CONNECT = 10.0
"""Seconds until a server must take a connection."""
PATIENCE = 60.0
"""Seconds until it must have answered a request for a part, or sent the next piece of it."""
RETRIES = 6
GIVE_UP = 120.0
"""Seconds after which a failing request is not tried again."""

SPOOLED = 64 << 20
"""Bytes of what is to be sent that are kept in memory; more goes to a temporary file."""

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)


def largest() -> int:
    """How many bytes a trace may have that comes from elsewhere, or out of a packed file."""
    text = os.environ.get(MAX_SIZE, "").strip()
    return parse_size(text) if text else LARGEST


def parse_size(text: str) -> int:
    """Bytes: `500000`, `500MB`, `8GiB`, `8G` (1024). Raises TraceError."""
    found = _SIZE.fullmatch(text)
    if not found:
        raise TraceError(f"{MAX_SIZE} is no size: {text!r}", "write bytes, or something like 500MB or 8GiB")
    base = 1000 if text.lower().endswith("b") and not found[3] else 1024
    return int(float(found[1]) * base ** " kmgt".index(found[2].lower() or " "))


def show_size(size: int) -> str:
    """`4 GiB`, `1.5 MiB`, `12 bytes`."""
    for power, unit in ((3, "GiB"), (2, "MiB"), (1, "KiB")):
        if size >= 1 << (10 * power):
            return f"{size / (1 << (10 * power)):.4g} {unit}"
    return f"{size} bytes"


def too_large(name: str, size: int | None = None) -> TraceError:
    """What to raise for more than is taken; `size` if it is known."""
    has = f"has {show_size(size)}, more" if size is not None else "is more"
    return TraceError(
        f"{name} {has} than the {show_size(largest())} that are taken",
        f"if you trust it, say {MAX_SIZE}={_next(size)}",
    )


def _next(size: int | None) -> str:
    wanted = max(size or 0, 2 * largest())
    return f"{-(-wanted // (1 << 30))}GiB"
