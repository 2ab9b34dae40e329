"""Processes that are split off."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time

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
