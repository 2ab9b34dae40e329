"""Run directories as `skel replay` writes them, read tolerantly: a run may have been killed while it wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from skel.replay.errors import ReplayError
from skel.replay.run_lines import SCHEMA_VERSION, EventLine, PodLine, RequestLine, RunHeader

HEADER, REQUESTS, EVENTS, PODS = "run.json", "requests.jsonl", "events.jsonl", "pods.jsonl"

Line = TypeVar("Line")


class BadRunError(ReplayError):
    """A folder that can't be read as a run."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run on disk. Its files are read line by line, each time anew.

    `unread` counts the lines of each file that were no lines of it when it was read last.
    """

    folder: Path
    name: str
    header: RunHeader
    unread: Counter[str] = field(default_factory=Counter, compare=False)

    def requests(self) -> Iterator[RequestLine]:
        return self._lines(REQUESTS, RequestLine)

    def pods(self) -> Iterator[PodLine]:
        return self._lines(PODS, PodLine)

    def events(self) -> Iterator[EventLine]:
        return self._lines(EVENTS, EventLine)

    def has(self, file: str) -> bool:
        """Whether that was observed at all; a dry run has requests alone."""
        return (self.folder / file).is_file()

    def _lines(self, file: str, kind: type[Line]) -> Iterator[Line]:
        decode = msgspec.json.Decoder(kind).decode
        self.unread[file] = 0
        if not self.has(file):
            return
        with (self.folder / file).open("rb") as lines:
            for line in lines:
                try:
                    yield decode(line)
                except (msgspec.MsgspecError, ValueError):
                    self.unread[file] += bool(line.strip())


def open_run(folder: str | Path, name: str = "") -> Run:
    """Open what a replay wrote; `name` is how reports call it. Raises BadRunError."""
    path = Path(folder)
    if not path.exists():
        raise BadRunError(f"{path}: there is no such folder", "`skel replay TRACE --run-dir FOLDER` writes one")
    if not path.is_dir():
        raise BadRunError(f"{path} is a file, not the folder of a run", "name the folder that `skel replay` wrote")
    has_header = (path / HEADER).is_file()
    if not has_header and not (path / REQUESTS).is_file():
        raise BadRunError(
            f"{path} is not the folder of a run: it has neither {HEADER} nor {REQUESTS}",
            "name the folder that `skel replay` wrote",
        )
    # A run that was killed before it could say how it ended still has its requests.
    header = _header(path / HEADER) if has_header else RunHeader(ended="interrupted")
    return Run(path, name or path.name or str(path), header)


def _header(file: Path) -> RunHeader:
    try:
        header = msgspec.json.decode(file.read_bytes(), type=RunHeader)
    except (msgspec.MsgspecError, ValueError) as error:
        raise BadRunError(f"{file} can't be read: {error}", "was it written by `skel replay`?") from None
    except OSError as error:
        raise BadRunError(f"{file} can't be read: {(error.strerror or str(error)).lower()}") from None
    if header.schema_version > SCHEMA_VERSION:
        raise BadRunError(
            f"{file} has schema version {header.schema_version}; this skel knows {SCHEMA_VERSION}",
            "read it with the skel that wrote it, or a newer one",
        )
    return header
