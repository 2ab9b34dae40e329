"""Where imported files come from: beside the importing file, or the standard library."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Protocol

from skel import resources
from skel.language.text import Source


class ImportFailure(Exception):
    """The file can't be imported; the message says why."""


class Loader(Protocol):
    def locate(self, path: str, importer: Source) -> str:
        """The name of the file, the same whatever way the import was written. Raises ImportFailure."""

    def read(self, name: str) -> Source:
        """The text of a file that was located. Raises ImportFailure."""


LIBRARY_PATH = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*")
LARGEST = 4_000_000


class FileLoader:
    """`./x` and `../x` are files beside the importing one, everything else is in the standard library; `.skel` only."""

    def __init__(self, library: Path | None = None) -> None:
        self._library = library

    @property
    def library(self) -> Path:
        return self._library if self._library is not None else resources.stdlib()

    def locate(self, path: str, importer: Source) -> str:
        name = path.removesuffix(".skel")
        if name.startswith(("./", "../")):
            return str(_beside(name, importer))
        if not LIBRARY_PATH.fullmatch(name):
            raise ImportFailure("a path begins with `./` or `../`, or names a file of the standard library")
        return str(self.library / f"{name}.skel")

    def read(self, name: str) -> Source:
        try:
            file = Path(name)
            if file.stat().st_size > LARGEST:
                raise ImportFailure(f"`{name}` is larger than {LARGEST} bytes")
            return Source(name, file.read_bytes().decode("utf-8"))
        except UnicodeDecodeError as error:
            raise ImportFailure(f"`{name}` is not UTF-8 (at byte {error.start})") from None
        except (OSError, ValueError):
            raise ImportFailure(f"there is no file `{name}`") from None


def _beside(name: str, importer: Source) -> Path:
    """The file as one would name it from here: without `.` and `..` in the middle, so that each has one name."""
    parts: list[str] = []
    for part in (*Path(importer.name).parent.parts, *name.split("/")):
        if part == ".." and parts and parts[-1] not in ("..", "/"):
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return Path(*parts[:-1], f"{parts[-1]}.skel") if parts else Path(".skel")
