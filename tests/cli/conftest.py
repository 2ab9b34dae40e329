"""Running the command line: inside this process where that is enough, as a process of its own where it is not."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from skel.cli.main import run
from tests.cli.small import small_trace


@dataclass(frozen=True, slots=True)
class Result:
    """What a command left behind: exit code, standard output as bytes, standard error as text."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


Run = Callable[..., Result]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with a trace in it, `t.sktrace`."""
    monkeypatch.chdir(tmp_path)
    small_trace().save("t.sktrace")
    return tmp_path


@pytest.fixture
def skel(work: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run a command in this process; `stdin` are the bytes that it reads."""

    def call(*arguments: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = run(list(arguments))
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Result(code, out, err.decode())

    return call


@pytest.fixture
def process(work: Path) -> Run:
    """Run a command as a process; further settings go to `subprocess.run`."""

    def call(*arguments: str, stdin: bytes = b"", **settings: object) -> Result:
        usual = {"input": stdin, "env": environment(), "timeout": 60, "check": False, "capture_output": True}
        done = subprocess.run(command_line(*arguments), **{**usual, **settings})  # type: ignore[call-overload]
        return Result(done.returncode, done.stdout or b"", (done.stderr or b"").decode())

    return call


def command_line(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "skel", *arguments]


def environment() -> dict[str, str]:
    """The environment of a process, wherever its working directory is."""
    root = str(Path(__file__).resolve().parents[2])
    return {**os.environ, "PYTHONPATH": root}


def assert_refused(result: Result, *words: str) -> None:
    """One clear message, and exit code 2."""
    assert result.code == 2, result
    for word in words:
        assert word in result.err
    assert result.err.count("error") >= 1
    assert "Traceback" not in result.err
    assert "internal error" not in result.err


def leftovers(folder: Path) -> list[str]:
    """Files that should not be there."""
    return sorted(file.name for file in folder.rglob("*") if file.name.endswith(".part"))
