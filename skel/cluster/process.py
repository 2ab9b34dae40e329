"""Processes that outlive whoever started them, and how to know them again: a number may be somebody else's now."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_BOOT = _PROC / "sys/kernel/random/boot_id"
# The shell between us and the program writes the pid file. So the file is there even if we are killed right after the
# fork; and the program is nobody's child, so it never waits for us to collect it. A program whose pid file can't be
# written must not run on unknown.
_LAUNCH = """
umask 077; log=$1; pid=$2; shift 2
"$@" </dev/null >>"$log" 2>&1 &
{ cat "/proc/$!/stat" /proc/sys/kernel/random/boot_id 2>/dev/null || ps -o pid=,lstart= -p "$!"; } >"$pid" ||
    kill -9 "$!" 2>/dev/null
"""
_TICK = 0.02
"""Seconds between two looks at processes that should end."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process: its number, and what tells it from a later one of the same number."""

    pid: int
    started: str


def launch(command: Sequence[str | Path], *, folder: Path, log: Path, pid_file: Path) -> Process | None:
    """Start a program in a session of its own; what it prints is added to `log`. None if it ended at once."""
    environment = {"HOME": str(folder), "PATH": os.defpath}
    shell = ["/bin/sh", "-c", _LAUNCH, "sh", str(log), str(pid_file), *map(str, command)]
    subprocess.run(  # noqa: S603  (our own script; the command is an argument, not text)
        shell,
        cwd=folder,
        env=environment,
        start_new_session=True,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return read(pid_file)


def read(pid_file: Path) -> Process | None:
    """What a pid file says, None if there is none or it says nothing."""
    try:
        return _parsed(pid_file.read_text("utf-8", "replace"))
    except FileNotFoundError:
        return None


def record(pid: int, pid_file: Path) -> Process | None:
    """Write the pid file of a process that was not launched here; None if it has ended already."""
    facts = _facts(pid)
    if facts is not None:
        pid_file.write_text(facts, "utf-8")
    return _parsed(facts or "")


def is_running(process: Process | None) -> bool:
    """Whether that very process runs: not one that took over its number, not one that only waits to be collected."""
    return process is not None and _now(process.pid) == process


def _now(pid: int) -> Process | None:
    facts = _facts(pid)
    return None if facts is None or _is_over(facts) else _parsed(facts)


def _facts(pid: int) -> str | None:
    """What tells a process from others, as the launcher writes it as well."""
    if _BOOT.exists():
        try:
            return (_PROC / str(pid) / "stat").read_text("utf-8", "replace") + _BOOT.read_text("utf-8")
        except (FileNotFoundError, ProcessLookupError):
            return None
    done = subprocess.run(  # noqa: S603
        ["ps", "-o", "pid=,lstart=", "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def _is_over(facts: str) -> bool:
    """Whether it only waits to be collected."""
    return "(" in facts and facts.rpartition(")")[2].split()[0] in {"Z", "X"}


def _parsed(text: str) -> Process | None:
    """A process from a line of /proc/PID/stat and the number of the boot, or from `ps -o pid=,lstart=`."""
    number, _, rest = text.strip().partition(" ")
    if not number.isdigit() or not rest.strip():
        return None
    if "(" not in rest:
        return Process(int(number), " ".join(rest.split()))
    # The name in brackets may hold spaces and brackets. Field 22 is the start in ticks since the boot.
    fields = rest.rpartition(")")[2].split()
    return Process(int(number), f"{fields[19]} {fields[-1]}") if len(fields) > 20 else None


def end(processes: Iterable[Process | None], grace: float) -> None:
    """Ask processes to end, and end those that are still there after `grace` seconds."""
    there = [process for process in processes if process is not None and is_running(process)]
    _signal(there, signal.SIGTERM)
    left = _wait(there, grace)
    _signal(left, signal.SIGKILL)
    _wait(left, grace=10.0)


def _signal(processes: Iterable[Process], number: signal.Signals) -> None:
    for process in processes:
        if is_running(process):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)


def _wait(processes: Sequence[Process], grace: float) -> list[Process]:
    """Those that are still there after `grace` seconds."""
    until = time.monotonic() + grace
    left = list(processes)
    while left and time.monotonic() < until:
        time.sleep(_TICK)
        left = [process for process in left if is_running(process)]
    return left
