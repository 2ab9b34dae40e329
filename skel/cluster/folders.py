"""Where things lie on this machine, and whose turn it is to write there."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from skel.cluster.progress import Progress


def cache_folder() -> Path:
    """What can be had again: the programs. SKEL_CACHE names another place."""
    chosen = os.environ.get("SKEL_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("skel")


def clusters_folder() -> Path:
    """The folder with a folder for each cluster."""
    from platformdirs import user_state_path

    return user_state_path("skel") / "clusters"


@contextmanager
def turn(path: Path, progress: Progress) -> Iterator[None]:
    """Wait for one's turn with a file or an existing folder, across processes.

    The kernel ends a turn with its process, so no lock is ever stale.
    """
    descriptor = _taken(path, progress)
    try:
        yield
    finally:
        os.close(descriptor)


def _taken(path: Path, progress: Progress) -> int:
    """A locked descriptor of what is at the path now: it may be removed and made again while one waits."""
    while True:
        descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor, path, progress)
            if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _lock(descriptor: int, path: Path, progress: Progress) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        progress.say(f"waiting for another run that holds {path}")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
