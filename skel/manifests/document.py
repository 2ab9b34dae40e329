"""What reading gives: the objects as a trace, and for each of them where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from skel.findings.model import Location, NotChecked, Problem
from skel.manifests.complaint import UnreadableError
from skel.manifests.pieces import Text, decode
from skel.patch.pointer import Pointer
from skel.storage.store import STANDARD_STREAM, shown
from skel.trace.errors import TraceError
from skel.trace.model import Trace


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or standard input, whose text is kept because it can't be read again."""

    path: str
    kept: Text | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return shown(self.path)

    @property
    def is_stream(self) -> bool:
        return self.path == STANDARD_STREAM

    @property
    def is_json(self) -> bool:
        """Whether its name says so."""
        return self.path.endswith(".json")

    def read(self) -> Text:
        """The text as it is now. Raises TraceError."""
        if self.kept is not None:
            return self.kept
        try:
            return decode(Path(self.path).read_bytes())
        except OSError as error:
            raise TraceError(f"{self} can't be read: {(error.strerror or str(error)).lower()}") from None
        except UnreadableError as error:
            raise TraceError(f"{self} can't be read: {error.message}") from None


@dataclass(frozen=True, slots=True)
class Document:
    """Where an object stands. `number` counts the documents of the file from 1, `line` is its first one, from 1.

    `path` leads to it inside of a list (`("items", 3)`) and is empty elsewhere. `implied`: the items of this list take
    `apiVersion` and `kind` from it, so they do not stand in the object itself.
    """

    source: Source
    number: int
    line: int
    path: Pointer = ()
    implied: bool = False

    @property
    def file(self) -> str:
        return str(self.source)

    @property
    def where(self) -> Location:
        return Location(file=self.file, line=self.line)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Manifests:
    """What was read. `documents[i]` is where the i-th applied object of the one event of `trace` stands.

    `not_checked` counts what is no object of a cluster: charts, values, templates. `files` were looked into.
    """

    trace: Trace
    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    not_checked: tuple[NotChecked, ...]
    files: int
