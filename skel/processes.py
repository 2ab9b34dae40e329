"""More processes on this machine: how many there may be, and one that is split off from this."""

from __future__ import annotations

import math
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

_OF_PARENT = (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)
"""Signals that go to a whole group, or are of no use to a child: whoever split it off ends it."""


def processors(system: Path = Path("/")) -> int:
    """How many this process may use: of those it may run on, as many as the quota of a container, or of a service, is
    worth. `system` is the root of the files that say so.
    """
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    return max(1, min([found, *(math.ceil(quota) for quota in _quotas(system))]))


def _quotas(system: Path) -> Iterator[float]:
    """Processors by each quota that is set: of the control group (version 2) of this process, and of those above it."""
    groups = system / "sys/fs/cgroup"
    try:
        own = (system / "proc/self/cgroup").read_text("utf-8").partition("0::/")[2].split("\n")[0]
    except OSError:
        return
    for group in (own, *map(str, PurePosixPath(own).parents)):
        try:
            quota, period = (groups / group / "cpu.max").read_text("ascii").split()
            yield int(quota) / int(period)
        except (OSError, ValueError, ZeroDivisionError):
            continue  # there is none, or it is "max"


def can_split() -> bool:
    """Whether another process can be split off. One with threads may inherit a lock that nobody will ever release."""
    return hasattr(os, "fork") and threading.active_count() == 1


def split(work: Callable[[], None]) -> int:
    """The number of a new process, a fork of this one, that does `work` and goes without the clean-up of this one."""
    # An event loop hears of signals through a descriptor that both have: nothing may come before it is let go.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*_OF_PARENT, signal.SIGTERM})
    try:
        process = os.fork()
        if process == 0:
            _live(work, before)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return process


def end(process: int) -> None:
    """Make sure that a process that was split off is gone."""
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _live(work: Callable[[], None], mask: set[int | signal.Signals]) -> None:
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in _OF_PARENT:
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        work()
        status = 0
    finally:
        os._exit(status)
