"""Processes that are split off."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from skel.processes import can_split, end, processors, split


def waited(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def test_a_process_that_is_done_is_gone() -> None:
    assert waited(split(lambda: None)) == 0


def test_what_goes_wrong_there_stays_there(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ValueError

    assert waited(split(fail)) == 1
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_signals_for_the_parent_do_not_end_it(number: signal.Signals) -> None:
    process = split(lambda: time.sleep(60))
    os.kill(process, number)
    time.sleep(0.05)
    assert os.waitpid(process, os.WNOHANG) == (0, 0)
    os.kill(process, signal.SIGTERM)
    assert waited(process) == -signal.SIGTERM


def test_signals_are_heard_here_as_before() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    end(split(lambda: time.sleep(60)))
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_an_event_loop_does_not_hear_of_its_signals() -> None:
    here, there = socket.socketpair()
    here.setblocking(False)
    there.setblocking(False)
    handler = signal.signal(signal.SIGUSR2, lambda *_: None)
    before = signal.set_wakeup_fd(there.fileno())
    try:
        process = split(lambda: time.sleep(60))
        time.sleep(0.05)
        os.kill(process, signal.SIGUSR2)
        time.sleep(0.05)
        end(process)
        with pytest.raises(BlockingIOError):
            here.recv(1)
    finally:
        signal.set_wakeup_fd(before)
        signal.signal(signal.SIGUSR2, handler)
        here.close()
        there.close()


def test_an_end_is_final_and_may_come_twice() -> None:
    process = split(lambda: time.sleep(60))
    end(process)
    end(process)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_process_with_threads_is_not_split() -> None:
    release = threading.Event()
    other = threading.Thread(target=release.wait)
    other.start()
    try:
        assert not can_split()
    finally:
        release.set()
        other.join()


def test_there_is_a_processor() -> None:
    assert processors() >= 1


@pytest.mark.parametrize(
    ("own", "limits", "wanted"),
    [
        ("0::/\n", {"": "200000 100000"}, 2),
        ("0::/\n", {"": "max 100000"}, 8),
        ("0::/\n", {"": "50000 100000"}, 1),
        ("0::/\n", {"": "250000 100000"}, 3),
        ("0::/\n", {}, 8),
        ("0::/a/b\n", {"a": "300000 100000", "a/b": "max 100000"}, 3),
        ("0::/a/b\n", {"": "100000 100000", "a/b": "400000 100000"}, 1),
        ("12:cpu:/x\n0::/a\n", {"a": "400000 100000"}, 4),
        ("12:cpu:/x\n", {"": "what is this"}, 8),
    ],
)
def test_a_quota_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own: str, limits: dict[str, str], wanted: int
) -> None:
    """Of a container, or of a service that the process belongs to."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(own, "utf-8")
    for group, text in limits.items():
        folder = tmp_path / "sys/fs/cgroup" / group
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cpu.max").write_text(f"{text}\n", "ascii")
    assert processors(tmp_path) == wanted


def test_systems_without_control_groups_have_what_they_have(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 5})
    assert processors(tmp_path) == 2
