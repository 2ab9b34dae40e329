"""Logs as they grow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from skel.cluster.health import last_lines

_PAUSE = 0.2
_AT_ONCE = 1 << 20
"""Bytes of a log that are read at a time."""


@dataclass(slots=True)
class _Log:
    """A log and how far it was read; a last line that is not whole waits."""

    path: Path
    at: int
    rest: bytes = b""

    def new_lines(self) -> list[str]:
        try:
            with self.path.open("rb") as file:
                file.seek(self.at)
                piece = file.read(_AT_ONCE)
        except FileNotFoundError:
            return []
        self.at += len(piece)
        *whole, self.rest = (self.rest + piece).split(b"\n")
        return [line.decode("utf-8", "replace") for line in whole]


def follow(
    logs: Mapping[str, Path], tail: int, sleep: Callable[[float], object] = time.sleep
) -> Iterator[tuple[str, str]]:
    """The last lines of each log, then what comes, each with the name of its log. Ends when their folder is gone."""
    growing = {name: _Log(path, path.stat().st_size if path.exists() else 0) for name, path in logs.items()}
    for name, path in logs.items():
        yield from ((name, line) for line in last_lines(path, tail))
    while any(path.parent.is_dir() for path in logs.values()):
        found = [(name, line) for name, log in growing.items() for line in log.new_lines()]
        yield from found
        if not found:
            sleep(_PAUSE)
