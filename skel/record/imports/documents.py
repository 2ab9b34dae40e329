"""A stream of YAML documents, some at a time, so that a file of any size takes little memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from msgspec import Raw

from skel.manifests.objects import FileRead
from skel.manifests.reading import read_data
from skel.patch.values import Json
from skel.record.imports.losses import Losses
from skel.record.imports.reading import Found, tell
from skel.trace.codec import decode_object, without_gc

_AT_ONCE = 1 << 18
_SEPARATOR = re.compile(rb"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)


def objects_of(blocks: Iterable[bytes], name: str, losses: Losses) -> Iterator[Found]:
    """The objects with their places, as `reading.objects` gives them for a text."""
    line = 0
    for text in texts(blocks):
        with without_gc():
            read = _moved(read_data(text, name, is_named=True), line)
        tell(read, losses)
        for raw, document in zip(read.objects, read.documents, strict=True):
            thing: dict[str, Json] = decode_object(Raw(raw))
            yield thing, f"{name}:{document.line + line}"
        line += text.count(b"\n")


def texts(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Stretches of whole documents."""
    rest = b""
    for block in blocks:
        rest += block
        if len(rest) < _AT_ONCE:
            continue
        # The last line may go on.
        cuts = list(_SEPARATOR.finditer(rest, 0, rest.rfind(b"\n") + 1))
        if cuts and cuts[-1].start():
            yield rest[: cuts[-1].start()]
            rest = rest[cuts[-1].start() :]
    if rest:
        yield rest


def _moved(read: FileRead, lines: int) -> FileRead:
    """With the lines of problems counted from the beginning of the stream."""
    read.problems = [
        replace(problem, location=replace(problem.location, line=problem.location.line + lines))
        if problem.location.line is not None
        else problem
        for problem in read.problems
    ]
    return read
