"""Reads and writes whatever a text names: a file, `-`, a URL. Packed content is unpacked, a packed name is packed."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from typing import BinaryIO, assert_never

from skel.storage import cloud, web
from skel.storage.errors import TraceError
from skel.storage.files import Writer, explained, try_file, write_file
from skel.storage.limits import SPOOLED
from skel.storage.packing import is_packed, packing, unpacked
from skel.storage.place import STANDARD_STREAM, Bucket, File, Stream, Web, is_remote, place, shown

__all__ = [
    "STANDARD_STREAM",
    "Writer",
    "is_packed",
    "is_remote",
    "is_same_file",
    "lies_in",
    "read_bytes",
    "read_start",
    "shown",
    "try_to_write",
    "write_atomically",
]


def read_bytes(path: str) -> bytes:
    """All that is there, unpacked if it is packed: a file, a URL, or standard input for `-`.

    Raises TraceError with the place and a way out.
    """
    return unpacked(_read(path), shown(path))


def read_start(path: str) -> bytes:
    """The first bytes of a file of this machine; nothing if it can't be read. What is remote is not asked."""
    try:
        found = place(path)
        if not isinstance(found, File) or not found.path.is_file():
            return b""  # what is taken from a pipe is gone
        with found.path.open("rb") as file:
            return file.read(16)
    except (OSError, TraceError):
        return b""


def write_atomically(path: str, writer: Writer) -> None:
    """Write something so that it is there whole or not at all; `-` is standard output.

    Whatever goes wrong, a KeyboardInterrupt too, what was there before is untouched and nothing half written is left: a
    file is renamed when all of it is on the disk, an object appears in its bucket when all of it has arrived. The name
    says whether it is packed: `.gz`, `.zst`. Raises TraceError.
    """
    target = place(path)
    try:
        match target:
            case Stream():
                _write_to_stdout(writer)
            case File(file):
                write_file(file, packing(path, writer))
            case Bucket():
                _refuse_prefix(target)
                _spooled(packing(path, writer), lambda file, size: cloud.write(target, file, size))
            case Web(url):
                _spooled(packing(path, writer), lambda file, size: web.write(url, file, size))
            case _:
                assert_never(target)
    except OSError as error:
        raise explained(error, path, "written") from None


def try_to_write(path: str) -> None:
    """Raise the TraceError that `write_atomically` would begin with, before there is anything to write.

    Nothing stays, and what is remote is not asked.
    """
    try:
        match place(path):
            case Stream():
                _refuse_terminal()
            case File(file):
                try_file(file)
            case Bucket() | Web():
                pass
            case target:
                assert_never(target)
    except OSError as error:
        raise explained(error, path, "written") from None


def is_same_file(one: str, other: str) -> bool:
    """Whether both are there and are one file, by whatever name or link; of what is remote, whether it is one URL."""
    try:
        places = place(one), place(other)
        match places:
            case (File(first), File(second)):
                return first.samefile(second)
            case _:
                return places[0] == places[1] and not isinstance(places[0], Stream)
    except (OSError, ValueError, TraceError):
        return False


def lies_in(path: str, folder: str) -> bool:
    """Whether a file of this machine is there, somewhere below a folder."""
    try:
        inner, outer = place(path), place(folder)
        if not (isinstance(inner, File) and isinstance(outer, File)):
            return False
        return outer.path.is_dir() and inner.path.is_file() and outer.path.resolve() in inner.path.resolve().parents
    except (OSError, ValueError, TraceError):
        return False


def _read(path: str) -> bytes:
    source = place(path)
    try:
        match source:
            case Stream():
                return sys.stdin.buffer.read()
            case File(file):
                return file.read_bytes()
            case Bucket():
                _refuse_prefix(source)
                return cloud.read(source)
            case Web(url):
                return web.read(url)
            case _:
                assert_never(source)
    except OSError as error:
        raise explained(error, path, "read") from None
    except MemoryError:
        raise TraceError(f"{shown(path)} does not fit into memory") from None


def _refuse_prefix(bucket: Bucket) -> None:
    if bucket.is_prefix:
        raise TraceError(f"{bucket} is a folder of a bucket, not one object", "give the whole name of the object")


def _refuse_terminal() -> None:
    if sys.stdout.isatty():
        raise TraceError("a trace is binary and would garble the terminal", "write to a file, or pipe it on")


def _write_to_stdout(writer: Writer) -> None:
    _refuse_terminal()
    writer(sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _spooled(writer: Writer, send: Callable[[BinaryIO, int], None]) -> None:
    """Let the writer end before the first byte is sent: what fails while it is made never gets out."""
    with tempfile.SpooledTemporaryFile(SPOOLED, prefix="skel-") as file:
        writer(file)  # type: ignore[arg-type]
        size = file.tell()
        file.seek(0)
        send(file, size)  # type: ignore[arg-type]
