from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from skel.cluster import process as module
from skel.cluster.process import Process, end, is_running, launch, read

SLEEP = ("/bin/sleep", "60")


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Process]:
    process = launch(SLEEP, folder=tmp_path, log=tmp_path / "log", pid_file=tmp_path / "pid")
    assert process is not None
    yield process
    end([process], grace=0)


def test_a_process_is_known_by_its_pid_file(sleeper: Process, tmp_path: Path) -> None:
    assert read(tmp_path / "pid") == sleeper
    assert is_running(sleeper)
    assert (tmp_path / "pid").stat().st_mode & 0o777 == 0o600


def test_it_is_in_a_session_of_its_own_and_nobodys_child(sleeper: Process) -> None:
    assert os.getsid(sleeper.pid) != os.getsid(0)
    with pytest.raises(ChildProcessError):
        os.waitpid(sleeper.pid, os.WNOHANG)


def test_what_it_prints_is_added_to_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for word in ("one", "two"):
        launch(("/bin/echo", word), folder=tmp_path, log=log, pid_file=tmp_path / "pid")
        wait_until(lambda: log.exists() and log.read_text().endswith(f"{word}\n"))  # noqa: B023  (called at once)
    assert log.read_text() == "one\ntwo\n"
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_program_that_is_not_there_says_so_in_its_log(tmp_path: Path) -> None:
    process = launch((str(tmp_path / "none"),), folder=tmp_path, log=tmp_path / "log", pid_file=tmp_path / "pid")
    wait_for_end(process)
    log = tmp_path / "log"
    wait_until(lambda: log.exists() and "not found" in log.read_text())


def test_another_process_with_its_number_is_not_it(sleeper: Process) -> None:
    other = Process(sleeper.pid, "1 some-other-boot")
    assert not is_running(other)
    end([other], grace=0)
    assert is_running(sleeper)


def test_it_is_asked_to_end(sleeper: Process) -> None:
    began = time.monotonic()
    end([sleeper, None], grace=10)
    assert not is_running(sleeper)
    assert time.monotonic() - began < 5


def test_one_that_does_not_listen_is_ended(tmp_path: Path) -> None:
    deaf = ("/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done")
    process = launch(deaf, folder=tmp_path, log=tmp_path / "log", pid_file=tmp_path / "pid")
    log = tmp_path / "log"
    wait_until(lambda: log.exists() and "ready" in log.read_text())
    end([process], grace=0.1)
    assert process is not None
    assert not is_running(process)


def test_one_that_only_waits_to_be_collected_does_not_run() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    try:
        zombie = None
        while zombie is None or is_running(zombie):
            stat = Path(f"/proc/{child.pid}/stat")
            if not stat.exists():
                pytest.skip("there is no /proc here")
            zombie = module._parsed(stat.read_text() + Path("/proc/sys/kernel/random/boot_id").read_text())
        assert child.returncode is None
        assert not is_running(zombie)
    finally:
        child.wait()


@pytest.mark.parametrize("text", ["", "garbage", "12", "12 ", "12 (sh) S 1"])
def test_a_pid_file_that_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "pid").write_text(text)
    assert not is_running(read(tmp_path / "pid"))


def test_no_pid_file(tmp_path: Path) -> None:
    assert read(tmp_path / "pid") is None
    assert not is_running(None)


def test_a_name_with_brackets_and_blanks_does_not_confuse() -> None:
    fields = " ".join(str(number) for number in range(4, 53))
    assert module._parsed(f"77 (a) b) (c) S {fields}\nboot\n") == Process(77, "22 boot")


def test_without_proc_the_start_is_that_of_ps(
    sleeper: Process, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "_BOOT", tmp_path / "none")
    seen = module._now(sleeper.pid)
    assert seen is not None
    assert is_running(seen)
    os.kill(sleeper.pid, signal.SIGKILL)
    wait_for_end(seen)


def test_one_whose_pid_file_cant_be_written_is_not_left_running(tmp_path: Path) -> None:
    marked = ("/bin/sh", "-c", f"echo $$ > {tmp_path}/number; exec sleep 60")
    assert launch(marked, folder=tmp_path, log=tmp_path / "log", pid_file=tmp_path / "none" / "pid") is None
    time.sleep(0.2)
    number = tmp_path / "number"
    assert not number.exists() or not module._now(int(number.read_text()))


def wait_for_end(process: Process | None) -> None:
    wait_until(lambda: not is_running(process))


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)
    assert holds()
