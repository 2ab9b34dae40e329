"""Entries in a file that only grows: with their length and a checksum, so that a torn end shows.

A frame holds entries that belong together: the number of its bytes and their CRC-32, both as 32 bits in little endian,
and the bytes.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator, Sequence
from struct import Struct as Packer
from typing import BinaryIO, cast

import msgspec

from skel.record.entries import Entry, decode_entries, encode_entries

_HEAD = Packer("<II")
_LARGEST = 64 << 20
"""An API server takes objects of up to 3 MiB; what claims to be this large is no frame."""


def frame(entries: Sequence[Entry]) -> bytes:
    """The bytes that stand for entries in a file."""
    data = encode_entries(entries)
    return _HEAD.pack(len(data), zlib.crc32(data)) + data


def read_frames(file: BinaryIO) -> Iterator[tuple[list[Entry], int]]:
    """The entries from where the file stands, and how many bytes they take. Ends at the first that are not whole."""
    while True:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return
        size, checksum = _HEAD.unpack(head)
        data = file.read(size) if size <= _LARGEST else b""
        if len(data) < size or zlib.crc32(data) != checksum:
            return
        try:
            entries = decode_entries(data)
        except msgspec.MsgspecError:
            return
        yield entries, _HEAD.size + size


class Spool:
    """Entries in a file that has no name and is gone with it: for recordings that are read from somewhere."""

    def __init__(self, folder: str | None = None) -> None:
        """`folder`: where the file is to lie, by default where temporary files lie."""
        # It is closed by `close`.
        self._file = cast("BinaryIO", tempfile.TemporaryFile(dir=folder, buffering=1 << 20))  # noqa: SIM115

    def put(self, entry: Entry) -> None:
        self._file.write(frame((entry,)))

    def __call__(self) -> Iterator[Entry]:
        """The entries from the beginning. One pass at a time, and nothing is put meanwhile."""
        self._file.seek(0)
        for entries, _ in read_frames(self._file):
            yield from entries
        self._file.seek(0, 2)

    def close(self) -> None:
        self._file.close()
