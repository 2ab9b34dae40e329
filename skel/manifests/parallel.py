"""More processes where there is much to read: PyYAML needs some 0.2 s for a megabyte."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass

from skel.manifests.discover import FoundFile
from skel.manifests.objects import FileRead
from skel.processes import can_split, end, processors, split

SMALLEST_SHARE = 500_000
"""Bytes below which another process costs more than it saves."""

Read = Callable[[FoundFile], FileRead]


def in_parallel(files: list[FoundFile], read: Read) -> list[FileRead]:
    """What `read` gives for each file, in their order, with as many processes as pay."""
    own, *shares = _shares(files, _workers(files))
    workers = [_Worker.start(share, read) for share in shares]
    try:
        result = [read(file) for file in own]
        for worker in workers:
            result += worker.result()
    finally:
        for worker in workers:
            worker.end()
    return result


def _workers(files: list[FoundFile]) -> int:
    if not can_split():
        return 1
    return max(1, min(processors(), sum(file.size for file in files) // SMALLEST_SHARE))


def _shares(files: list[FoundFile], count: int) -> list[list[FoundFile]]:
    """Runs of about as many bytes each."""
    shares: list[list[FoundFile]] = [[] for _ in range(count)]
    total = sum(file.size for file in files) + 1
    done = 0
    for file in files:
        shares[done * count // total].append(file)
        done += file.size
    return shares


@dataclass(slots=True)
class _Worker:
    """A forked process, which sends what it read through a pipe when it is done."""

    process: int
    pipe: int
    share: list[FoundFile]
    read: Read

    @classmethod
    def start(cls, share: list[FoundFile], read: Read) -> _Worker:
        pipe, other_end = os.pipe()
        process = split(lambda: _work(other_end, share, read))
        os.close(other_end)
        return cls(process, pipe, share, read)

    def result(self) -> list[FileRead]:
        """What the process read; what it could not tell is read here."""
        with os.fdopen(self.pipe, "rb") as pipe:
            self.pipe = -1
            data = pipe.read()
        _, status = os.waitpid(self.process, 0)
        self.process = 0
        if status != 0:
            return [self.read(file) for file in self.share]
        result: list[FileRead] = pickle.loads(data)  # noqa: S301  (our own child wrote it)
        return result

    def end(self) -> None:
        """Make sure that the process is gone."""
        if self.pipe >= 0:
            os.close(self.pipe)
        if self.process:
            end(self.process)


def _work(pipe: int, share: list[FoundFile], read: Read) -> None:
    """The life of a worker: read, and tell."""
    data = pickle.dumps([read(file) for file in share], pickle.HIGHEST_PROTOCOL)
    with os.fdopen(pipe, "wb") as file:
        file.write(data)
