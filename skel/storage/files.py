"""Files of this machine: read at once, written whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from skel.storage.errors import TraceError
from skel.storage.place import shown

Writer = Callable[[BinaryIO], None]
"""Writes everything into the open file that it is given."""


def write_file(path: Path, writer: Writer) -> None:
    """Write a file so that it is there whole or not at all.

    The content goes to a temporary file beside the target, which is renamed when all is on the disk. The mode of an
    existing target is kept. Whatever goes wrong, a KeyboardInterrupt too, the target is untouched and no temporary file
    stays. Raises OSError.
    """
    if _is_special(path):
        with path.open("wb") as file:
            writer(file)
    else:
        _replace(path, writer)


def try_file(path: Path) -> None:
    """Raise the OSError that `write_file` would begin with; nothing stays. Devices and pipes are not tried."""
    if not _is_special(path):
        descriptor, temporary = _begin(path.resolve())
        os.close(descriptor)
        temporary.unlink()


def _is_special(path: Path) -> bool:
    """`/dev/null`, `/dev/stdout` or a named pipe: these are written to, never replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _replace(path: Path, writer: Writer) -> None:
    target = path.resolve()  # a symbolic link stays one
    descriptor, temporary = _begin(target)
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            writer(_Whole(file))  # type: ignore[arg-type]
            os.fchmod(file.fileno(), _mode_for(target))
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _begin(target: Path) -> tuple[int, Path]:
    """A temporary file beside the target, open for writing."""
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a directory")
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
    return descriptor, Path(name)


class _Whole:
    """An unbuffered file whose `write` takes everything: the system may accept less than 2 GiB at a time."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        view = memoryview(data)
        done = 0
        while done < len(view):
            done += self._file.write(view[done:])
        return done

    def writelines(self, parts: Iterable[bytes]) -> None:
        for part in parts:
            self.write(part)


def _mode_for(target: Path) -> int:
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


_REASONS = {
    errno.ENOENT: ("does not exist", "check the path"),
    errno.EISDIR: ("is a directory", "give the path of a file"),
    errno.ENOTDIR: ("does not exist: a part of the path is a file", "check the path"),
    errno.EACCES: ("may not be {verb}: permission denied", "check the permissions of the file and its directory"),
    errno.EPERM: ("may not be {verb}: permission denied", "check the permissions of the file and its directory"),
    errno.EROFS: ("may not be {verb}: the disk is read-only", "write to another place"),
    errno.ENOSPC: ("could not be {verb}: the disk is full", "make room, or write to another place"),
    errno.EDQUOT: ("could not be {verb}: the quota is used up", "make room, or write to another place"),
    errno.EPIPE: ("could not be {verb}: the reader is gone", ""),
    errno.ENAMETOOLONG: ("has too long a name", "give a shorter one"),
}


def explained(error: OSError, path: str, verb: str) -> TraceError:
    """What the system says, in our words; `verb` is "read" or "written"."""
    unknown = ("could not be {verb}: " + (error.strerror or str(error)).lower(), "")
    reason, hint = _REASONS.get(error.errno or 0, unknown)
    if error.errno == errno.ENOENT and verb == "written":
        reason, hint = "can't be written: the directory does not exist", "make the directory first"
    name = shown(path, "standard output" if verb == "written" else "standard input")
    return TraceError(f"{name} {reason.format(verb=verb)}", hint)
