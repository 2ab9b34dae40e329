"""Paths -> the texts of manifests behind them: files, folders, archives, standard input, one in memory at a time."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, cast

from skel.manifests import limits
from skel.manifests.discover import ENDINGS, TOO_BIG, discover
from skel.record.imports.losses import Losses, Reason
from skel.record.imports.opened import BROKEN, blocks
from skel.storage.store import is_remote, shown

UNREADABLE = Reason("file", "can't be read")
_MAGIC, _AT = b"ustar", 257


@dataclass(frozen=True, slots=True)
class Text:
    """What messages call it, and what it holds. `is_named`: the user asked for it, and did not just name its folder."""

    name: str
    data: bytes
    is_named: bool = False


def texts(paths: Iterable[str], losses: Losses, skip: Callable[[str], bool] = lambda _: False) -> Iterator[Text]:
    """What may hold manifests, by the names of files; `skip` leaves out names, of files in archives as well."""
    local = [path for path in paths if not is_remote(path)]
    found = discover(local)
    for problem in found.problems:
        losses.add(UNREADABLE, f"{problem.location}: {problem.message}")
    files = [(file.source.path, file.is_named) for file in found.files]
    for path, is_named in [*files, *((path, True) for path in paths if is_remote(path))]:
        if is_named or not skip(path):
            yield from _of_one(path, is_named, losses, skip)


def _of_one(path: str, is_named: bool, losses: Losses, skip: Callable[[str], bool]) -> Iterator[Text]:
    stream = _Stream(blocks(path, losses))
    name = shown(path)
    if stream.peek(_AT + len(_MAGIC))[_AT:] == _MAGIC:
        yield from _of_archive(stream, name, losses, skip)
        return
    data = stream.read(limits.FILE_BYTES + 1)
    if len(data) > limits.FILE_BYTES:
        losses.add(UNREADABLE, f"{name}: {TOO_BIG}")
    elif data:
        yield Text(name, data, is_named)


def _of_archive(stream: _Stream, name: str, losses: Losses, skip: Callable[[str], bool]) -> Iterator[Text]:
    """The files in it; nothing is unpacked onto the disk."""
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|") as archive:
            for member in archive:
                if not member.isfile() or not member.name.endswith(ENDINGS) or skip(member.name):
                    continue
                place = f"{name}:{member.name}"
                file = archive.extractfile(member) if member.size <= limits.FILE_BYTES else None
                if file is None:
                    losses.add(UNREADABLE, f"{place}: {TOO_BIG}")
                else:
                    yield Text(place, file.read())
    except (tarfile.TarError, EOFError):
        losses.add(BROKEN, name)


@dataclass(slots=True)
class _Stream:
    """A file to read from, made of blocks."""

    blocks: Iterator[bytes]
    kept: bytearray = field(default_factory=bytearray)

    def peek(self, size: int) -> bytes:
        """The next bytes, which stay; fewer at the end."""
        while len(self.kept) < size and (block := next(self.blocks, None)) is not None:
            self.kept += block
        return bytes(self.kept[:size])

    def read(self, size: int) -> bytes:
        data = self.peek(size)
        del self.kept[:size]
        return data
