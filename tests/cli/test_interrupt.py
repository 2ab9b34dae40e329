"""Ctrl-C and SIGTERM: one line, the right exit code, the old output intact, no file and no process left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Run, command_line, environment, leftovers
from tests.cli.small import big_trace

SLOW = "".join(
    f'replace(spec.template.spec.containers[*].image, "^(.*)[{number % 10}]$", "$1{number % 10}");'
    for number in range(300)
)
ENDS = [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """A process in a group of its own, as a shell starts it."""
    return subprocess.Popen(
        command_line(*arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        start_new_session=True,
    )


def children(process: int) -> list[str]:
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for workers in /proc")
@pytest.mark.parametrize(("number", "code", "word"), ENDS)
def test_in_the_middle_of_a_run(work: Path, number: signal.Signals, code: int, word: str) -> None:
    big_trace(20_000).save("big.sktrace")
    Path("out.sktrace").write_bytes(b"old")
    process = start("transform", "big.sktrace", "-e", SLOW, "-o", "out.sktrace", "--workers", "2")
    while not (workers := children(process.pid)):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    time.sleep(0.2)
    if number is signal.SIGINT:
        os.killpg(process.pid, number)  # Ctrl-C goes to all of them
    else:
        process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (code, b"")
    assert err.decode().strip() == f"{word}; nothing is half written"
    assert Path("out.sktrace").read_bytes() == b"old"
    assert leftovers(work) == []
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


@pytest.mark.parametrize(("number", "code", "word"), ENDS)
def test_while_reading(work: Path, number: signal.Signals, code: int, word: str) -> None:
    Path("out.sktrace").write_bytes(b"old")
    process = start("transform", "-", "-e", "remove(status);", "-o", "out.sktrace")
    assert process.stdin is not None
    process.stdin.write(b"\x85" * 100_000)  # more than a pipe holds: when this returns, it is being read
    process.stdin.flush()
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err.decode().strip()) == (code, f"{word}; nothing is half written")
    assert Path("out.sktrace").read_bytes() == b"old"


@pytest.mark.parametrize("options", [["-o", "out.sktrace"], ["--in-place"]])
def test_while_writing(skel: Run, work: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]) -> None:
    Path("out.sktrace").write_bytes(b"old")
    before = Path("t.sktrace").read_bytes()

    def interrupt(_: int) -> None:
        assert leftovers(work), "the temporary file is there by now"
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    result = skel("transform", "t.sktrace", "-e", "remove(status);", *options)
    assert (result.code, result.err.strip()) == (130, "interrupted; nothing is half written")
    assert Path("out.sktrace").read_bytes() == b"old"
    assert Path("t.sktrace").read_bytes() == before
    assert leftovers(work) == []
