from __future__ import annotations

import errno
import io
import os
import stat
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from skel.storage.errors import TraceError
from skel.storage.store import read_bytes, try_to_write, write_atomically
from skel.trace.model import Trace
from tests.trace.making import packed, trace_map

DATA = packed(trace_map())


class Stream:
    """A standard stream with bytes below."""

    def __init__(self, data: bytes = b"", *, terminal: bool = False) -> None:
        self.buffer = io.BytesIO(data)
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def test_a_file(tmp_path: Path) -> None:
    path = str(tmp_path / "a.sktrace")
    Trace.from_bytes(DATA).save(path)
    assert Trace.open(path).to_bytes() == read_bytes(f"file://{path}") == DATA
    assert [path.name for path in tmp_path.iterdir()] == ["a.sktrace"]


def test_standard_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Stream()
    monkeypatch.setattr(sys, "stdin", Stream(DATA))
    monkeypatch.setattr(sys, "stdout", out)
    Trace.open("-").save("-")
    assert out.buffer.getvalue() == DATA


def test_no_binary_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Stream(terminal=True)
    monkeypatch.setattr(sys, "stdout", out)
    with pytest.raises(TraceError, match=r"garble the terminal \(write to a file"):
        Trace.from_bytes(DATA).save("-")
    assert out.buffer.getvalue() == b""


def test_the_mode_of_the_target_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o640)
    Trace.from_bytes(DATA).save(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    mask = os.umask(0o027)
    try:
        Trace.from_bytes(DATA).save(str(tmp_path / "b"))
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    Trace.from_bytes(DATA).save(str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == DATA


def test_a_trace_may_be_saved_over_itself(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(DATA)
    trace = Trace.open(str(path))
    trace.with_events(config={"a": 1}).save(str(path))
    assert Trace.open(str(path)).config == {"a": 1}
    assert trace.to_bytes() == DATA


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ZeroDivisionError(), OSError(errno.ENOSPC, "No space left")])
def test_nothing_is_left_when_it_goes_wrong(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail(file: BinaryIO) -> None:
        file.write(b"half")
        raise error

    with pytest.raises(TraceError if isinstance(error, OSError) else type(error)):
        write_atomically(str(path), fail)
    assert path.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def failing(code: int) -> Any:
    def write(_: BinaryIO) -> None:
        raise OSError(code, os.strerror(code))

    return write


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, r"a could not be written: the disk is full \(make room"),
        (errno.EROFS, "a may not be written: the disk is read-only"),
        (errno.EPIPE, "a could not be written: the reader is gone"),
        (errno.EIO, "a could not be written: input/output error"),
    ],
)
def test_what_the_system_says(tmp_path: Path, code: int, message: str) -> None:
    with pytest.raises(TraceError, match=message):
        write_atomically(str(tmp_path / "a"), failing(code))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none", r"none does not exist \(check the path\)"),
        ("", r"is a directory \(give the path of a file\)"),
        ("file/x", "does not exist: a part of the path is a file"),
        ("x" * 300, "has too long a name"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / "file").write_bytes(DATA)
    with pytest.raises(TraceError, match=message):
        Trace.open(f"{tmp_path}/{path}")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none/a", "the directory does not exist"),
        ("", "is a directory"),
        ("file/x", "a part of the path is a file"),
        ("x" * 300, "has too long a name"),
    ],
)
def test_what_cannot_be_written(tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / "file").write_bytes(DATA)
    with pytest.raises(TraceError, match=message):
        Trace.from_bytes(DATA).save(f"{tmp_path}/{path}")
    with pytest.raises(TraceError, match=message):
        try_to_write(f"{tmp_path}/{path}")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("path", ["new", "file", "link"])
def test_trying_to_write_leaves_nothing(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_bytes(DATA)
    (tmp_path / "link").symlink_to("file")
    try_to_write(str(tmp_path / path))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": DATA, "link": DATA}


def test_trying_to_write_opens_no_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    try_to_write(str(tmp_path / "pipe"))
    try_to_write("https://nowhere.invalid/a")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_permissions(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(DATA)
    (tmp_path / "a").chmod(0)
    with pytest.raises(TraceError, match="permission denied"):
        Trace.open(str(tmp_path / "a"))


@pytest.mark.parametrize("path", ["s3://bucket/a", "a\0b", ""])
def test_names_that_are_none(path: str) -> None:
    for use in (Trace.open, Trace.from_bytes(DATA).save):
        with pytest.raises(TraceError):
            use(path)


def test_devices_and_pipes_are_written_to(tmp_path: Path) -> None:
    Trace.from_bytes(DATA).save("/dev/null")
    assert not Path("/dev/null").is_file()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    Trace.from_bytes(DATA).save(str(pipe))
    reader.join(10)
    assert found == [DATA]
