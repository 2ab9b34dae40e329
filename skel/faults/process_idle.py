"""Whether a process has anything left to do but wait: for its timers, or for somebody else.

A thread that runs, or could, is not in the state S; one that was awake between two looks has switched since. So two
looks that show all threads asleep, with the same numbers of switches, have an instant between them at which nothing
ran; and what nobody runs, nobody wakes but the kernel.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

_STATE = re.compile(rb"^State:\t(\S)", re.MULTILINE)
_SWITCHES = re.compile(rb"^(?:non)?voluntary_ctxt_switches:\t(\d+)", re.MULTILINE)
_ASLEEP = b"S"

Look = Mapping[str, tuple[bytes, ...]]


def is_still(pid: int) -> bool | None:
    """None where it can't be told: no Linux, or the process is over."""
    first = _look(pid)
    if not first:
        return None
    if any(state != _ASLEEP for state, *_ in first.values()):
        return False
    return _look(pid) == first


def _look(pid: int) -> Look:
    folder = f"/proc/{pid}/task"
    try:
        # Plain calls: this is done hundreds of times a second.
        return {thread: _thread(f"{folder}/{thread}/status") for thread in os.listdir(folder)}  # noqa: PTH208
    except (FileNotFoundError, ProcessLookupError):
        return {}


def _thread(path: str) -> tuple[bytes, ...]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        text = os.read(descriptor, 4096)
    finally:
        os.close(descriptor)
    state = _STATE.search(text)
    return (state[1] if state else b"?", *_SWITCHES.findall(text))
