"""`1-500`, `7`, `1-3,9`: the seeds that an exploration tries."""

from __future__ import annotations

import re
from itertools import chain

_RANGE = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", re.ASCII)
MOST = 1_000_000


def parse_seeds(text: str) -> tuple[int, ...]:
    """The numbers, in the order in which they are tried. Raises ValueError with what is wrong."""
    found = [_range(part.strip()) for part in text.split(",")]
    if sum(map(len, found)) > MOST:
        raise ValueError(f"`{text}` are more than {MOST} seeds")
    return tuple(dict.fromkeys(chain.from_iterable(found)))


def _range(text: str) -> range:
    match = _RANGE.fullmatch(text)
    if match is None:
        raise ValueError(f"`{text}` is no seed and no range of seeds: `7`, `1-500` or `1-3,9`")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise ValueError(f"`{text}` ends before it begins")
    return range(first, last + 1)
