"""Where traces lie: files and the standard streams. A path is any text, so that `s3://...` can be added here alone."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from skel.trace.errors import TraceError

STANDARD_STREAM = "-"
Writer = Callable[[BinaryIO], None]
"""Writes everything into the open file that it is given."""


def read_bytes(path: str) -> bytes:
    """The whole file, or standard input for `-`. Raises TraceError with the path and a way out."""
    try:
        if path == STANDARD_STREAM:
            return sys.stdin.buffer.read()
        return _local(path).read_bytes()
    except OSError as error:
        raise _explained(error, path, "read") from None
    except MemoryError:
        raise TraceError(f"{shown(path)} does not fit into memory") from None


def write_atomically(path: str, writer: Writer) -> None:
    """Write a file so that it is there whole or not at all; `-` is standard output.

    The content goes to a temporary file beside the target, which is renamed when all is on the disk. The mode of an
    existing target is kept. Whatever goes wrong, a KeyboardInterrupt too, the target is untouched and no temporary file
    stays.
    """
    try:
        if path == STANDARD_STREAM:
            _write_to_stdout(writer)
        elif _is_special(_local(path)):
            with _local(path).open("wb") as file:
                writer(file)
        else:
            _replace(_local(path), writer)
    except OSError as error:
        raise _explained(error, path, "written") from None


def shown(path: str, stream: str = "standard input") -> str:
    """The path as messages name it; `stream` is what `-` stands for."""
    return stream if path == STANDARD_STREAM else path


def is_same_file(one: str, other: str) -> bool:
    """Whether both are there and are one file, by whatever name or link."""
    try:
        return Path(one).samefile(other)
    except (OSError, ValueError):
        return False


def _write_to_stdout(writer: Writer) -> None:
    if sys.stdout.isatty():
        raise TraceError("a trace is binary and would garble the terminal", "write to a file, or pipe it on")
    writer(sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _is_special(path: Path) -> bool:
    """`/dev/null`, `/dev/stdout` or a named pipe: these are written to, never replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _replace(path: Path, writer: Writer) -> None:
    target = path.resolve()  # a symbolic link stays one
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a directory")
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
    temporary = Path(name)
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


def _local(path: str) -> Path:
    scheme, found, rest = path.partition("://")
    if found and scheme == "file":
        return Path(rest)
    if found and scheme.isalnum():
        raise TraceError(f"{path}: there is no storage for `{scheme}://` here", "copy the trace to a file first")
    if not path or "\0" in path:
        raise TraceError(f"{path!r} is not the name of a file")
    return Path(path)


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


def _explained(error: OSError, path: str, verb: str) -> TraceError:
    unknown = ("could not be {verb}: " + (error.strerror or str(error)).lower(), "")
    reason, hint = _REASONS.get(error.errno or 0, unknown)
    if error.errno == errno.ENOENT and verb == "written":
        reason, hint = "can't be written: the directory does not exist", "make the directory first"
    name = shown(path, "standard output" if verb == "written" else "standard input")
    return TraceError(f"{name} {reason.format(verb=verb)}", hint)
