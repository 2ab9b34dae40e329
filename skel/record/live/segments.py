"""The files of a journal: numbered segments, and for each but the first what was there when it began.

recording.json   what is recorded, and of which cluster
00000001.log     what came, in frames (skel/record/frames.py); only the newest one grows
00000002.base    everything that was there when segment 2 began
00000002.log
00000001.sent    the trace of segment 1 is where it belongs
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from skel.record.entries import Applied, Deleted, Entry, Lived, Moment, Place
from skel.record.errors import RecordError
from skel.record.frames import frame, read_frames
from skel.trace.identity import Identity

_BASE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment by its number, counted from 1."""

    folder: Path
    number: int

    @property
    def log(self) -> Path:
        return self.folder / f"{self.number:08}.log"

    @property
    def base(self) -> Path:
        return self.folder / f"{self.number:08}.base"

    @property
    def sent(self) -> Path:
        return self.folder / f"{self.number:08}.sent"

    @property
    def next(self) -> Segment:
        return Segment(self.folder, self.number + 1)

    @property
    def is_first(self) -> bool:
        """Whether a recording began with it: nothing was there before."""
        return self.number == 1

    def start(self) -> int:
        """When it began, in Unix seconds: each log begins with a moment. 0 if it was never written."""
        size = self.log.stat().st_size if self.log.exists() else 0
        return next((entry.at for entry in read_file(self.log, size) if isinstance(entry, Moment)), 0)

    def entries(self) -> Iterator[Entry]:
        """What was there, and what came then."""
        yield from read_file(self.base)
        yield from read_file(self.log)

    def remove(self) -> None:
        for path in (self.log, self.base, self.sent):
            path.unlink(missing_ok=True)


def segments(folder: Path) -> list[Segment]:
    """All that there are, the oldest first."""
    return [Segment(folder, int(path.stem)) for path in sorted(folder.glob("[0-9]*.log"))]


def read_file(path: Path, limit: int | None = None) -> Iterator[Entry]:
    """The entries of a file, none if there is no file. Raises RecordError if it is damaged.

    Of a file that still grows, these are the whole ones of its first `limit` bytes.
    """
    try:
        file = path.open("rb", buffering=_BASE_BYTES)
    except FileNotFoundError:
        return
    end, at = path.stat().st_size if limit is None else limit, 0
    with file:
        for entries, size in read_frames(file):
            at += size
            if at > end:
                return
            yield from entries
    if limit is None and at < end:
        raise RecordError(f"{path} is damaged at byte {at:,} of {end:,}", "what comes before it is whole")


def whole_bytes(path: Path) -> int:
    """How many bytes of a file are whole frames."""
    if not path.exists():
        return 0
    with path.open("rb", buffering=_BASE_BYTES) as file:
        return sum(size for _, size in read_frames(file))


def condense(segment: Segment) -> None:
    """Write the base of the next segment: what is there when this one ends. Does nothing if it is written.

    Read twice, so that no object is kept in memory: first to see which entries count, then to copy them.
    """
    target = segment.next.base
    if target.exists():
        return
    kept = _standing(segment)
    part = target.with_suffix(".part")
    with part.open("wb", buffering=_BASE_BYTES) as file:
        for number, entry in enumerate(segment.entries()):
            if number in kept:
                file.write(frame((entry,)))
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
    sync_folder(segment.folder)


def _standing(segment: Segment) -> set[int]:
    """The numbers of the entries that say what is there at the end."""
    objects: dict[Identity, int] = {}
    pods: dict[str, int] = {}
    places: dict[str, int] = {}
    for number, entry in enumerate(segment.entries()):
        match entry:
            case Applied():
                objects[entry.kind, entry.name] = number
            case Deleted():
                objects.pop((entry.kind, entry.name), None)
            case Lived():
                pods[entry.pod] = number
                if entry.gone:
                    del pods[entry.pod]
            case Place():
                places[entry.feed] = number
            case Moment():
                pass
    return {*objects.values(), *pods.values(), *places.values()}


def sync_folder(folder: Path) -> None:
    """Names of new files are on the disk as well."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
