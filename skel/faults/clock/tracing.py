"""Starts a program and changes its vDSO before its first instruction, by ptrace (Linux)."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from skel.faults.clock.elf import NoVdso, parse
from skel.faults.clock.stub import Patch, patch_for
from skel.faults.errors import FaultError

_PTRACE_DETACH = 17
# A child of its own between us and the program: what it does before the program begins needs no fork of this process,
# which may have threads. PR_SET_PDEATHSIG (1): it ends with us, however we end. PTRACE_TRACEME (0).
_LAUNCH = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(1, 9, 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    os._exit(125)
if sys.argv[2] == "traced" and libc.ptrace(0, 0, None, None):
    os._exit(126)
try:
    os.execv(sys.argv[3], sys.argv[3:])
except OSError:
    os._exit(127)
"""
_FORBIDDEN = 126


@dataclass(frozen=True, slots=True)
class Start:
    """A program to start: its command line, where it runs, and the file that gets what it prints."""

    command: Sequence[str]
    folder: Path
    log: Path
    environment: Mapping[str, str]


class Memory:
    """The patched vDSO of a running process."""

    def __init__(self, pid: int, base: int, patch: Patch) -> None:
        self._file = os.open(f"/proc/{pid}/mem", os.O_RDWR | os.O_CLOEXEC)
        self._base = base
        self.numbers = patch.numbers

    def write(self, offset: int, data: bytes) -> None:
        """Raises OSError."""
        if os.pwrite(self._file, data, self._base + offset) != len(data):
            raise OSError(f"only a part of {len(data)} bytes could be written")

    def close(self) -> None:
        os.close(self._file)


def launch(start: Start, *, traced: bool) -> subprocess.Popen[bytes]:
    """Start it; it is killed when the thread that called this ends. `traced`: it stops before it begins."""
    mode = "traced" if traced else "free"
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCH, str(os.getpid()), mode, *start.command]
    with start.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603  (our own launcher; the command is an argument, not text)
            launcher,
            cwd=start.folder,
            env=dict(start.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def launch_patched(start: Start, first: bytes) -> tuple[subprocess.Popen[bytes], Memory]:
    """Start it with a clock of ours; `first` are the numbers that it begins with, the sequence in front.

    Raises FaultError where that can't be done; the program never ran then.
    """
    process = launch(start, traced=True)
    try:
        _wait_for_exec(process, start)
        memory = _patched(process.pid, first)
        _detach(process.pid)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return process, memory


def _wait_for_exec(process: subprocess.Popen[bytes], start: Start) -> None:
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    if os.WIFSTOPPED(status) and os.WSTOPSIG(status) == signal.SIGTRAP:
        return
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode == _FORBIDDEN:
        raise FaultError("this system forbids ptrace of a child process", "see /proc/sys/kernel/yama/ptrace_scope")
    raise FaultError(f"{start.command[0]} can't be started (exit code {process.returncode})")


def _detach(pid: int) -> None:
    if ctypes.CDLL(None, use_errno=True).ptrace(_PTRACE_DETACH, pid, None, None):
        raise FaultError(f"a traced process can't be let go: {os.strerror(ctypes.get_errno())}")


def _patched(pid: int, first: bytes) -> Memory:
    base, end = _range(pid)
    try:
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as file:
            file.seek(base)
            patch = patch_for(parse(file.read(end - base)))
        memory = Memory(pid, base, patch)
        for offset, data in ((patch.numbers, first), *patch.writes):
            memory.write(offset, data)
    except OSError as error:
        raise FaultError(f"the memory of a traced process can't be written: {error.strerror or error}") from None
    except NoVdso as error:
        raise FaultError(f"the vDSO of this kernel can't be changed: {error}") from None
    return memory


def _range(pid: int) -> tuple[int, int]:
    for line in Path(f"/proc/{pid}/maps").read_text("utf-8").splitlines():
        if line.endswith("[vdso]"):
            first, _, last = line.split()[0].partition("-")
            return int(first, 16), int(last, 16)
    raise FaultError("this kernel gives processes no vDSO", "it may have been started with vdso=0")
