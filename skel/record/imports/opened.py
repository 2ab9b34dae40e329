"""Bytes of files, of standard input and of URLs, block by block, unpacked by what they hold."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from skel.record.imports.losses import Losses, Reason
from skel.storage.files import explained
from skel.storage.packing import GZIP, ZSTD
from skel.storage.store import STANDARD_STREAM, is_remote, read_bytes, shown
from skel.trace.errors import TraceError

BLOCK = 1 << 20
_BITE = 4096
"""Bytes of zstd that are unpacked at once: a block of 128 KiB may hide in four of them."""

BROKEN = Reason("packed file", "cut off or damaged; what stands before that place is used")


def blocks(path: str, losses: Losses) -> Iterator[bytes]:
    """The content of a file or URL, or of standard input for `-`. Raises TraceError for one that can't be opened."""
    if is_remote(path):
        yield read_bytes(path)
        return
    try:
        if path == STANDARD_STREAM:
            yield from _unpacked(sys.stdin.buffer, path, losses)
        else:
            with Path(path).open("rb", buffering=0) as file:
                yield from _unpacked(file, path, losses)
    except OSError as error:
        raise explained(error, path, "read") from None


def _unpacked(file: BinaryIO, path: str, losses: Losses) -> Iterator[bytes]:
    first = _at_least(file, len(ZSTD))
    if first.startswith(GZIP):
        yield from _gzip(file, first, path, losses)
    elif first.startswith(ZSTD):
        yield from _zstd(file, first, path, losses)
    else:
        yield from _plain(file, first, losses)


def _at_least(file: BinaryIO, size: int) -> bytes:
    """The beginning: a pipe may give less at once."""
    data = b""
    while len(data) < size and (more := file.read(BLOCK)):
        data += more
    return data


def _plain(file: BinaryIO, first: bytes, losses: Losses) -> Iterator[bytes]:
    while first:
        losses.heard(len(first))
        yield first
        first = file.read(BLOCK) or b""


def _gzip(file: BinaryIO, first: bytes, path: str, losses: Losses) -> Iterator[bytes]:
    """Members one behind the other, as `cat a.gz b.gz` makes them."""
    member = zlib.decompressobj(wbits=31)
    try:
        for packed in _plain(file, first, losses):
            while packed:
                yield member.decompress(packed, 4 * BLOCK)
                packed = member.unconsumed_tail
                # Some tools fill up with zeros behind the last one.
                if member.eof and (packed := member.unused_data.lstrip(b"\0")):
                    member = zlib.decompressobj(wbits=31)
        is_whole = member.eof
    except zlib.error:
        is_whole = False
    if not is_whole:
        losses.add(BROKEN, shown(path))


def _zstd(file: BinaryIO, first: bytes, path: str, losses: Losses) -> Iterator[bytes]:
    """Frames one behind the other."""
    try:
        import zstandard
    except ImportError:
        hint = "pip install 'skel-lang[cloud]' brings what reads it, or `unzstd` it first"
        raise TraceError(f"{shown(path)} is packed with zstd", hint) from None
    unpacker = zstandard.ZstdDecompressor()
    frame = unpacker.decompressobj()
    try:
        for block in _plain(file, first, losses):
            for at in range(0, len(block), _BITE):
                packed = block[at : at + _BITE]
                while packed:
                    if frame.eof:
                        frame = unpacker.decompressobj()
                    yield frame.decompress(packed)
                    packed = frame.unused_data
        is_whole = frame.eof
    except zstandard.ZstdError:
        is_whole = False
    if not is_whole:
        losses.add(BROKEN, shown(path))
