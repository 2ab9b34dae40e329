"""Paths -> the files to read, in an order that does not depend on the machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from skel.findings.model import Location, Problem
from skel.manifests import limits
from skel.manifests.document import Source
from skel.storage.store import STANDARD_STREAM

ENDINGS = (".yaml", ".yml", ".json")
SKIPPED = frozenset({"node_modules"})
"""Folders that hold no manifests; hidden ones (`.git`) are skipped as well."""

TOO_BIG = f"has more than {limits.FILE_BYTES >> 20} MiB: split it"

_Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FoundFile:
    """`is_named`: the user asked for this very file, so it is an error if it can't be read."""

    source: Source
    size: int
    is_named: bool


@dataclass(slots=True)
class Discovery:
    """Files by the paths given, each once, under the first name by which it was found."""

    files: list[FoundFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _seen: set[_Key] = field(default_factory=set)
    _is_full: bool = False

    def add(self, path: str) -> None:
        """Take a file, a folder or `-`."""
        if path == STANDARD_STREAM:
            if not any(file.source.is_stream for file in self.files):
                self.files.append(FoundFile(Source(path), 0, is_named=True))
            return
        try:
            status = Path(path).stat()
        except (OSError, ValueError) as error:
            self._complain(path, reason(error))
            return
        if S_ISDIR(status.st_mode):
            self._folder(path, status, 0)
        else:
            self._file(path, status, is_named=True)

    def _folder(self, path: str, status: os.stat_result, depth: int) -> None:
        # A link that leads back to a folder above it would never end.
        if not self._is_new(status):
            return
        if depth == limits.FOLDERS:
            self._complain(path, f"is left out: more than {limits.FOLDERS} folders in one another")
            return
        try:
            entries = sorted(os.scandir(path), key=lambda entry: entry.name)
        except OSError as error:
            self._complain(path, reason(error))
            return
        for entry in entries:
            if not entry.name.startswith("."):
                self._entry(entry, depth + 1)

    def _entry(self, entry: os.DirEntry[str], depth: int) -> None:
        is_wanted = entry.name.endswith(ENDINGS)
        try:
            if entry.is_dir():
                if entry.name not in SKIPPED:
                    self._folder(entry.path, entry.stat(), depth)
            elif is_wanted:
                self._file(entry.path, entry.stat(), is_named=False)
        except OSError as error:
            if is_wanted:
                self._complain(entry.path, reason(error))

    def _file(self, path: str, status: os.stat_result, *, is_named: bool) -> None:
        if not is_named and not S_ISREG(status.st_mode):
            return
        if status.st_size > limits.FILE_BYTES:
            self._complain(path, TOO_BIG)
        elif self._is_new(status):
            self._take(FoundFile(Source(path), status.st_size, is_named))

    def _take(self, file: FoundFile) -> None:
        if len(self.files) < limits.FILES:
            self.files.append(file)
        elif not self._is_full:
            self._is_full = True
            self._complain(
                str(file.source), f"and what follows is left out: more than {limits.FILES} files; check parts"
            )

    def _is_new(self, status: os.stat_result) -> bool:
        key = (status.st_dev, status.st_ino)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _complain(self, path: str, reason: str) -> None:
        self.problems.append(Problem(Location(file=path), reason))


def discover(paths: Sequence[str]) -> Discovery:
    """All the files that these paths stand for."""
    discovery = Discovery()
    for path in paths:
        discovery.add(path)
    return discovery


def reason(error: OSError | ValueError) -> str:
    """Why a path can't be read, and what to do."""
    match error:
        case FileNotFoundError():
            return "does not exist: check the path"
        case PermissionError():
            return "may not be read: permission denied"
        case OSError():
            return f"can't be read: {(error.strerror or str(error)).lower()}"
        case _:
            return "is not the name of a file"
