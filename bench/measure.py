"""What a command costs, start-up and all its worker processes included."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_EVERY = 0.05
"""Seconds between two looks at the memory of a running command."""

AS_INSTALLED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""An installed command finds its modules compiled, whatever the developer's own shell says."""


@dataclass(frozen=True, slots=True)
class Cost:
    """`cpu` (user and system, children included) and `wall` in seconds, `peak` resident memory in bytes."""

    cpu: float
    wall: float
    peak: int


class CommandError(Exception):
    """The measured command did not end with 0; the message holds its standard error."""


def run_once(command: Sequence[str]) -> Cost:
    """Runs a command to its end. `peak` is that of its largest process."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=AS_INSTALLED, start_new_session=True
    )
    assert process.stderr
    complaint = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandError(f"{' '.join(command)}\nexit {process.returncode}: {complaint.decode(errors='replace')}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024)


def median_cost(command: Sequence[str], repeat: int) -> Cost:
    """The median of each figure over `repeat` runs."""
    return median_of([run_once(command) for _ in range(repeat)])


def median_of(costs: Sequence[Cost]) -> Cost:
    """The median of each figure, and the highest memory."""
    return Cost(
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.wall for cost in costs),
        max(cost.peak for cost in costs),
    )


def peak_of_all(command: Sequence[str]) -> int:
    """Bytes that a command and its workers hold together at their highest; shared pages count once."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=AS_INSTALLED, start_new_session=True
    )
    highest = 0
    while process.poll() is None:
        highest = max(highest, session_memory(process.pid))
        time.sleep(SAMPLE_EVERY)
    return highest


def session_memory(session: int) -> int:
    """Bytes of all processes of a session, by proportional share (`Pss` of Linux)."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            if os.getsid(int(folder.name)) == session:
                total += proportional_share(folder)
        except OSError:
            continue  # it ended between two looks
    return total


def proportional_share(folder: Path) -> int:
    for line in (folder / "smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
