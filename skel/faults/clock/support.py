"""Whether this machine lets us keep the clock of a process; tried out once, with a real process."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from skel.faults.clock.tracing import Start
from skel.faults.clock.virtual import Clock, RealClock, VirtualClock
from skel.faults.errors import FaultError

_PROGRAM = """
import sys, time
while time.monotonic() < float(sys.argv[1]):
    time.sleep(0.005)
print("moved")
"""
_JUMP = 5000.0
_PATIENCE = 10.0


@cache
def obstacle() -> str:
    """Why a virtual clock can't be had here; empty if it can."""
    if sys.platform != "linux":
        return f"the clock of a process can be moved on Linux only, and this is {platform.system()}"
    if platform.machine() != "x86_64":
        return f"the clock of a process can be moved on x86-64 only, and this is {platform.machine()}"
    with tempfile.TemporaryDirectory(prefix="skel-clock-") as folder:
        try:
            return _tried(Path(folder))
        except FaultError as error:
            return error.message


def _tried(folder: Path) -> str:
    """Move the clock of a process and see whether it notices."""
    log = folder / "log"
    clock = VirtualClock()
    wanted = str(time.monotonic() + _JUMP / 2)
    command = (sys.executable, "-I", "-S", "-c", _PROGRAM, wanted)
    process = clock.start(Start(command, folder, log, dict(os.environ)))
    try:
        clock.jump(_JUMP)
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    finally:
        clock.close()
    return "" if log.read_text("utf-8") == "moved\n" else "a process here does not notice that its clock was moved"


def clock_for(*, real: bool = False, ahead: float = 0.0) -> Clock:
    """A clock for one component, so many seconds before the real one. `real`: that, even if it could be another."""
    return RealClock() if real or obstacle() else VirtualClock(ahead)
