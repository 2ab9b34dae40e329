"""The explorer in a real terminal."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from tests.tui.shop import ROOT, SHOP

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed, and a terminal is needed"),
]


class Terminal:
    """A session of tmux, 80 columns and 24 lines."""

    def __init__(self, *environment: str) -> None:
        self.name = f"skel-{uuid4().hex[:8]}"
        skel = [sys.executable, "-m", "skel", "explore", SHOP, "--to", "1.25"]
        command = ["env", "-u", "COLUMNS", "-u", "LINES", *environment, *skel]
        self._tmux("new-session", "-d", "-s", self.name, "-x", "80", "-y", "24", "-c", str(ROOT), *command)

    def wait_for(self, text: str) -> None:
        self._wait(lambda screen: text in screen, text)

    def wait_for_the_prompt_to_close(self) -> None:
        self._wait(lambda screen: "\nfilter:" not in screen, "the end of the prompt")

    def _wait(self, is_there: Callable[[str], bool], words: str) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            screen = self._tmux("capture-pane", "-p", "-t", self.name)
            if is_there(screen):
                return
            time.sleep(0.1)
        pytest.fail(f"{words!r} did not come:\n{screen}")

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", "-t", self.name, *keys)

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-t", self.name, "-l", text)

    def is_over(self) -> bool:
        return (
            subprocess.run(["tmux", "has-session", "-t", self.name], capture_output=True, check=False).returncode != 0
        )

    def end(self) -> None:
        subprocess.run(["tmux", "kill-session", "-t", self.name], capture_output=True, check=False)

    @staticmethod
    def _tmux(*arguments: str) -> str:
        return subprocess.run(["tmux", *arguments], capture_output=True, check=True, text=True).stdout


@pytest.fixture(params=["TERM=xterm-256color", "NO_COLOR=1"])
def terminal(request: pytest.FixtureRequest) -> Iterator[Terminal]:
    found = Terminal(request.param)
    yield found
    found.end()


def test_a_whole_visit(terminal: Terminal) -> None:
    terminal.wait_for("! CronJob")  # the check is done
    terminal.press("/")
    terminal.type("kind:cronjob")
    terminal.press("Enter")
    terminal.wait_for("1/3 of 31 changes")
    terminal.wait_for_the_prompt_to_close()
    terminal.press("5")
    terminal.wait_for("KU112")
    terminal.press("e")
    terminal.type('modify(kind == "CronJob", apiVersion = "batch/v1")')
    terminal.wait_for("3 would be changed")
    terminal.press("Escape")
    terminal.wait_for("[5 findings]")
    terminal.press("q")
    end = time.monotonic() + 30
    while not terminal.is_over():
        assert time.monotonic() < end
        time.sleep(0.1)
