"""Packed files: gzip and zstd, known by their content when they are read, by the name when they are written."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO, Protocol

from skel.storage.errors import TraceError
from skel.storage.limits import largest, show_size, too_large
from skel.storage.place import path_of

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = tuple(bytes((0x50 + number, 0x2A, 0x4D, 0x18)) for number in range(16))
SUFFIXES = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}
_PIECE = 4 << 20
"""Bytes that are packed at once."""
_GZIP_BITE = 1 << 16
"""Bytes of gzip that are unpacked at once; each may hide a thousand."""
_BITE = 4096
"""Bytes of zstd that are unpacked at once: a block of 128 KiB may hide in four of them."""
_WINDOW = 1 << 27
_LONGEST_HEADER = 18
"""Bytes of the head of a zstd frame."""
_ZSTD_LEVEL = 3
_GZIP_LEVEL = 6
_CUT_OFF = "it was cut off: copy it again"


def is_packed(data: bytes) -> bool:
    """Whether these first bytes are those of a gzip or zstd file."""
    return data.startswith((GZIP, ZSTD, *_SKIPPABLE))


def plain_name(path: str) -> str:
    """The name without what says how it is packed: `t.json` for `t.json.gz`, the query of a URL left out."""
    name = path_of(path)
    return next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)


def unpacked(data: bytes, name: str) -> bytes:
    """What is in a packed file, or the data themselves if they are none. `name` is how messages call it.

    Raises TraceError for what is damaged, cut off, or more than `limits.largest` when it is unpacked.
    """
    if not is_packed(data):
        return data
    content = _gunzip(data, name) if data.startswith(GZIP) else _unzstd(data, name)
    if is_packed(content[:4]):
        raise TraceError(f"{name} is packed twice", "unpack it once with gunzip or unzstd")
    return content


class _Kept:
    """Pieces as they come, never more of them than is taken."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pieces: list[bytes] = []
        self.size = 0
        self.most = largest()

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > self.most:
            raise too_large(f"{self.name}, unpacked,")
        self.pieces.append(piece)

    def whole(self) -> bytes:
        return self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)


def _gunzip(data: bytes, name: str) -> bytes:
    """All members of the file, one behind the other."""
    kept = _Kept(name)
    view = memoryview(data)
    at = 0
    while at < len(view):
        member = zlib.decompressobj(wbits=31)
        try:
            while not member.eof:
                if at >= len(view):
                    raise TraceError(f"{name} ends in the middle of its gzip data, after {len(data)} bytes", _CUT_OFF)
                kept.add(member.decompress(view[at : at + _GZIP_BITE]))
                at += _GZIP_BITE
        except zlib.error as error:
            raise _damaged(name, "gzip", str(error).rpartition(": ")[2]) from None
        at = _next_member(view, min(at, len(view)) - len(member.unused_data), name)
    return kept.whole()


def _next_member(view: memoryview, at: int, name: str) -> int:
    """Where the next member begins; some tools fill up with zeros behind the last one."""
    rest = bytes(view[at:]).lstrip(b"\0") if at < len(view) and view[at] == 0 else view[at:]
    if len(rest) and not bytes(rest[:2]) == GZIP:
        raise _damaged(name, "gzip", "something else follows its end")
    return len(view) - len(rest)


def _unzstd(data: bytes, name: str) -> bytes:
    """All frames of the file, one behind the other."""
    zstandard = _zstandard(name)
    kept = _Kept(name)
    unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    view = memoryview(data)
    at = 0
    try:
        if len(data) > _LONGEST_HEADER:
            _refuse_declared(zstandard.frame_content_size(data), kept)
        while at < len(view):
            frame = unpacker.decompressobj()
            while not frame.eof:
                if at >= len(view):
                    raise TraceError(f"{name} ends in the middle of its zstd data, after {len(data)} bytes", _CUT_OFF)
                kept.add(frame.decompress(view[at : at + _BITE]))
                at += _BITE
            at = min(at, len(view)) - len(frame.unused_data)
    except zstandard.ZstdError as error:
        if "memory" in str(error):
            raise TraceError(
                f"{name} needs more than {show_size(_WINDOW)} of memory to be unpacked", "pack it without --long"
            ) from None
        raise _damaged(name, "zstd", str(error).rpartition(": ")[2]) from None
    return kept.whole()


def _refuse_declared(size: int, kept: _Kept) -> None:
    """Most zstd files say how much is in them."""
    if size > kept.most:
        raise too_large(f"{kept.name}, unpacked,", size)


def _damaged(name: str, form: str, reason: str) -> TraceError:
    return TraceError(f"{name} is damaged: it begins as {form}, but {reason}", "copy it again")


def _zstandard(name: str) -> Any:
    try:
        import zstandard
    except ImportError:
        raise TraceError(f"{name} is packed with zstd", "pip install 'skel-lang[cloud]' brings what reads it") from None
    return zstandard


class _Compressor(Protocol):
    def compress(self, data: Any, /) -> bytes: ...
    def flush(self) -> bytes: ...


class Packer:
    """A file that packs what is written to it, into another; `finish` writes the end."""

    def __init__(self, file: BinaryIO, compressor: _Compressor) -> None:
        self._file = file
        self._compressor = compressor

    def write(self, data: bytes) -> int:
        view = memoryview(data)
        for start in range(0, len(view), _PIECE):
            self._file.write(self._compressor.compress(view[start : start + _PIECE]))
        return len(view)

    def writelines(self, parts: Iterable[bytes]) -> None:
        for part in parts:
            self.write(part)

    def finish(self) -> None:
        self._file.write(self._compressor.flush())


def packing(path: str, writer: Callable[[BinaryIO], None]) -> Callable[[BinaryIO], None]:
    """A writer that packs what another one writes, if the name says so by its suffix; else that one itself.

    The same content makes the same bytes: no time and no name goes into the file. Raises TraceError.
    """
    form = next((form for suffix, form in SUFFIXES.items() if path_of(path).endswith(suffix)), "")
    if not form:
        return writer
    compressor = _compressor(form, path)

    def write(file: BinaryIO) -> None:
        packer = Packer(file, compressor)
        writer(packer)  # type: ignore[arg-type]
        packer.finish()

    return write


def _compressor(form: str, path: str) -> _Compressor:
    if form == "gzip":
        return zlib.compressobj(_GZIP_LEVEL, wbits=31)
    try:
        import zstandard
    except ImportError:
        raise TraceError(
            f"{path} asks for zstd", "pip install 'skel-lang[cloud]' brings it, or write to a name with .gz"
        ) from None
    compressor: _Compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True).compressobj()
    return compressor
