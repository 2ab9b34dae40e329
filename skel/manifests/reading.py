"""Files, folders and standard input -> one trace of a single moment, and the place of each object."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from msgspec import Raw

from skel.findings.model import Location, Problem
from skel.manifests import json_text, limits
from skel.manifests.complaint import Twice, UnreadableError
from skel.manifests.composed import Composed, compose
from skel.manifests.discover import TOO_BIG, Discovery, FoundFile, discover, reason
from skel.manifests.document import Manifests, Source
from skel.manifests.objects import FileRead, Sorting
from skel.manifests.outside import Outside, count, is_template
from skel.manifests.parallel import in_parallel
from skel.manifests.pieces import Lines, Piece, decode, line_and_column, pieces
from skel.storage.store import STANDARD_STREAM, shown
from skel.trace.codec import Event, without_gc
from skel.trace.model import Trace


def read_inputs(paths: Sequence[str], stdin: BinaryIO | None = None) -> Manifests:
    """Read files, folders (all their *.yaml, *.yml and *.json) and `-`. Whatever is wrong becomes a problem.

    The trace has one event at time 0, to which all objects are applied in the order in which they were read.
    """
    found = discover(paths)
    streamed = _streamed(found, stdin or sys.stdin.buffer)
    with without_gc():
        read = in_parallel(found.files, lambda file: _read_file(file, streamed))
    return _joined(found, read)


def _joined(found: Discovery, read: list[FileRead]) -> Manifests:
    objects = [Raw(data) for file in read for data in file.objects]
    return Manifests(
        trace=Trace.make([Event(0, objects, [])], {"trackedObjects": {}}, {}, {}),
        documents=tuple(document for file in read for document in file.documents),
        problems=(*found.problems, *(problem for file in read for problem in file.problems)),
        not_checked=count(entry for file in read for entry in file.outside),
        files=len(found.files),
    )


def _streamed(found: Discovery, stdin: BinaryIO) -> bytes:
    """All of standard input if it is asked for, read here: another process could not give it back."""
    if not any(file.source.is_stream for file in found.files):
        return b""
    data = stdin.read(limits.FILE_BYTES + 1)
    if len(data) > limits.FILE_BYTES:
        found.problems.append(Problem(Location(file=shown(STANDARD_STREAM)), TOO_BIG))
        return b""
    return data


def _read_file(file: FoundFile, streamed: bytes) -> FileRead:
    """What stands in one file, or in standard input."""
    try:
        data = streamed if file.source.is_stream else Path(file.source.path).read_bytes()
    except OSError as error:
        return FileRead(problems=[Problem(Location(str(file.source)), reason(error))])
    return _read_data(data, file)


def read_data(data: bytes, name: str, *, is_named: bool = False) -> FileRead:
    """What stands in bytes that come from elsewhere: an archive, a repository. `name` is how messages call them.

    `is_named`: the user asked for these very bytes, so it is an error if they can't be read.
    """
    return _read_data(data, FoundFile(Source(name), len(data), is_named))


def _read_data(data: bytes, file: FoundFile) -> FileRead:
    read = FileRead()
    name = str(file.source)
    try:
        text = decode(data)
    except UnreadableError as error:
        place = line_and_column(data.decode("utf-8", "replace"), error.offset)
        read.problems.append(Problem(Location(name, *place), error.message))
    else:
        source = Source(file.source.path, text) if file.source.is_stream else file.source
        _Reading(text.text, file, source, read).all()
    return read


class _Reading:
    """One text on its way into `read`."""

    def __init__(self, text: str, file: FoundFile, source: Source, read: FileRead) -> None:
        self._text = text
        self._file = file
        self._read = read
        self._sorting = Sorting(source, read)
        self._lines = Lines(text)
        self._number = 0

    def all(self) -> None:
        is_json = self._file.source.is_json or json_text.looks_like_json(self._text)
        if not (is_json and self._json()):
            for piece in pieces(self._text):
                self._piece(piece)

    def _json(self) -> bool:
        """Read it as JSON; False if it is none, but perhaps YAML."""
        try:
            for document in json_text.documents(self._text):
                self._json_document(document)
        except UnreadableError as error:
            if not self._number and (not self._file.source.is_json or self._is_yaml()):
                return False
            self._broken(error.offset, error.message, self._text[error.offset :] if self._number else self._text)
        return True

    def _is_yaml(self) -> bool:
        try:
            return bool(compose(self._text))
        except UnreadableError:
            return False

    def _json_document(self, document: json_text.JsonDocument) -> None:
        composed = Composed(document.value, 0)
        if document.is_twice:
            # JSON is YAML but for some escapes.
            with suppress(UnreadableError):
                composed = compose(self._text[document.start : document.end])[0]
        if json_text.is_list(document.value):
            composed.items = dict(enumerate(json_text.item_starts(self._text, document.start)))
            self._take(composed, 0)
        else:
            self._take(composed, document.start)

    def _piece(self, piece: Piece) -> None:
        text = self._text if piece == Piece(0, len(self._text)) else self._text[piece.start : piece.end]
        try:
            for composed in compose(text):
                self._take(composed, piece.start)
        except UnreadableError as error:
            self._number += 1
            self._broken(piece.start + error.offset, error.message, text)

    def _take(self, composed: Composed, base: int) -> None:
        if composed.value is None:
            return
        self._number += 1
        for twice in composed.twice:
            self._warn_of(twice, base)
        start = self._lines.number(base + composed.start)

        def line(item: int | None = None) -> int:
            at = None if item is None else composed.items.get(item)
            return start if at is None else self._lines.number(base + at)

        self._sorting.take(composed.value, self._number, line)

    def _warn_of(self, twice: Twice, base: int) -> None:
        (line, column), (first, _) = (line_and_column(self._text, base + at) for at in (twice.again, twice.first))
        message = f"`{twice.name}` stands twice in one map, first in line {first}; as for kubectl, the last one counts"
        place = Location(str(self._file.source), line, column)
        self._read.problems.append(Problem(place, message, is_error=False))

    def _broken(self, offset: int, message: str, text: str) -> None:
        """Text that can't be read: an error, unless nobody meant it for a cluster as it stands."""
        source = str(self._file.source)
        if is_template(text):
            self._read.outside.append((Outside.TEMPLATE, source))
        elif not self._file.is_named and "apiVersion" not in text:
            self._read.outside.append((Outside.UNREADABLE, source))
        else:
            self._read.problems.append(Problem(Location(source, *line_and_column(self._text, offset)), message))
