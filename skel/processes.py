"""More processes on this machine: how many there may be, and one that is split off from this."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

_OF_PARENT = (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)
"""Signals that go to a whole group, or are of no use to a child: whoever split it off ends it."""


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


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
