"""Whatever is wrong: exit code 2, one clear message, nothing half written, the old output intact."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run, assert_refused, leftovers
from tests.cli.small import big_trace

PROGRAM = ("-e", "remove(status);")


@pytest.fixture(autouse=True)
def nothing_half_written(work: Path) -> Iterator[None]:
    """Holds for every test here: the input and the old output are as before, no temporary file is left."""
    Path("out.sktrace").write_bytes(b"the old output")
    before = Path("t.sktrace").read_bytes()
    yield
    assert Path("out.sktrace").read_bytes() == b"the old output"
    assert Path("t.sktrace").read_bytes() == before
    assert leftovers(work) == []


@pytest.mark.parametrize(
    ("trace", "words"),
    [
        ("none.sktrace", ["none.sktrace does not exist", "check the path"]),
        (".", [". is a directory"]),
        ("t.sktrace/x", ["a part of the path is a file"]),
        ("ftp://host/t", ["no storage for `ftp://`"]),
        ("", ["is not the name of a file"]),
        ("n" * 300, ["too long a name"]),
    ],
)
def test_no_such_trace(skel: Run, trace: str, words: list[str]) -> None:
    assert_refused(skel("transform", trace, *PROGRAM, "-o", "out.sktrace"), *words)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ["bad is empty"]),
        (b'{"version": 2}', ["bad is JSON", "skel trace convert"]),
        (b"kind: Pod\n", ["bad is text, perhaps YAML"]),
        (b"\x1f\x8b\x08rest", ["bad is damaged: it begins as gzip"]),
        (b"\xc0", ["bad is not a trace: byte 0"]),
        (b"\x80", ["bad has no `version`"]),
        (b"\x81\xa7version\x01", ["has version 1"]),
    ],
)
def test_no_trace(skel: Run, data: bytes, words: list[str]) -> None:
    Path("bad").write_bytes(data)
    assert_refused(skel("transform", "bad", *PROGRAM, "-o", "out.sktrace"), *words)


@pytest.mark.parametrize("missing", [1, 20, 300])
def test_truncated_trace(skel: Run, missing: int) -> None:
    Path("bad").write_bytes(Path("t.sktrace").read_bytes()[:-missing])
    assert_refused(skel("transform", "bad", *PROGRAM, "-o", "out.sktrace"), "bad", "cut off")


def test_standard_input_is_named(skel: Run) -> None:
    assert_refused(skel("transform", "-", *PROGRAM, "-o", "out.sktrace", stdin=b"{}"), "standard input is JSON")


@pytest.mark.parametrize("output", ["t.sktrace", "./t.sktrace", "link", "hard"])
def test_the_input_is_not_overwritten(skel: Run, output: str) -> None:
    Path("link").symlink_to("t.sktrace")
    Path("hard").hardlink_to("t.sktrace")
    assert_refused(skel("transform", "t.sktrace", *PROGRAM, "-o", output), "is the input", "--in-place")
    assert_refused(skel("transform", "t.sktrace", *PROGRAM, "--patches", output), "is the input")


def test_the_program_is_not_overwritten(skel: Run) -> None:
    Path("a.skel").write_text("remove(status);")
    assert_refused(skel("transform", "t.sktrace", "a.skel", "-o", "a.skel"), "is the input")
    assert Path("a.skel").read_text() == "remove(status);"


@pytest.mark.parametrize(
    ("target", "word"),
    [
        ("t.sktrace/x", "a part of the path is a file"),
        ("none/x", "the directory does not exist"),
        (".", "is a directory"),
        ("/proc/skel-test", "/proc/skel-test"),
        ("/dev/full", "the disk is full"),
    ],
)
def test_unwritable_target(skel: Run, target: str, word: str) -> None:
    assert_refused(skel("transform", "t.sktrace", *PROGRAM, "-o", target), word)
    assert_refused(skel("transform", "t.sktrace", *PROGRAM, "--patches", target), word)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_write_protected_folder(skel: Run, work: Path) -> None:
    Path("shut").mkdir(mode=0o500)
    assert_refused(skel("transform", "t.sktrace", *PROGRAM, "-o", "shut/x"), "permission denied")


def test_standard_output_on_a_full_disk(process: Run) -> None:
    with Path("/dev/full").open("wb") as full:
        for options in (["-o", "-"], ["--diff"], ["--patches", "-"]):
            result = process("transform", "t.sktrace", *PROGRAM, *options, capture_output=False, stdout=full,
                             stderr=subprocess.PIPE)  # fmt: skip
            assert_refused(result, "standard output")


def test_a_file_that_may_not_grow(process: Run, work: Path) -> None:
    """As a full disk, in the middle of the file."""
    big_trace(400).save("big.sktrace")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))

    result = process("transform", "big.sktrace", *PROGRAM, "-o", "out.sktrace", preexec_fn=limit)
    assert_refused(result, "out.sktrace could not be written: " + os.strerror(errno.EFBIG).lower())


def test_a_full_disk_in_the_middle(process: Run, work: Path) -> None:
    disk = work / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        big_trace(400).save("big.sktrace")
        (disk / "out.sktrace").write_bytes(b"old")
        result = process("transform", "big.sktrace", *PROGRAM, "-o", str(disk / "out.sktrace"))
        assert_refused(result, "the disk is full", "make room")
        assert (disk / "out.sktrace").read_bytes() == b"old"
        assert leftovers(disk) == []
    finally:
        subprocess.run(["umount", disk], check=True)


# ---- programs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"remove(status);\nremove(\xff);", ["p.skel:2:8", "0xff is not valid UTF-8"]),
        (b"remove(sta\x00tus);", ["p.skel:1:11"]),
        (b"remove(status)", ["p.skel:1:15", "SK011"]),
        (b"remov(status);", ["p.skel:1:1", "remove"]),
        (b"\xff\xfer\x00e\x00m\x00", ["p.skel:1:1", "0xff is not valid UTF-8"]),
    ],
)
def test_wrong_program(skel: Run, data: bytes, words: list[str]) -> None:
    Path("p.skel").write_bytes(data)
    assert_refused(skel("transform", "t.sktrace", "p.skel", "-o", "out.sktrace"), *words)


@pytest.mark.parametrize(
    "data",
    [b"\xef\xbb\xbfremove(status);", b"# a\r\nremove(\r\n  status\r\n);\r\n", b"remove(status);\t", b""],
    ids=["byte order mark", "CRLF", "blanks", "empty"],
)
def test_odd_but_right_programs(skel: Run, data: bytes) -> None:
    Path("p.skel").write_bytes(data)
    result = skel("transform", "t.sktrace", "p.skel", "--diff")
    assert (result.code, b"-status:" in result.out) == (0, bool(data))


@pytest.mark.parametrize(
    ("program", "word"),
    [("none.skel", "none.skel: no such file"), (".", "directory"), ("remove(status);", "stands behind -e")],
)
def test_no_such_program(skel: Run, program: str, word: str) -> None:
    assert_refused(skel("transform", "t.sktrace", program, "-o", "out.sktrace"), word)


def test_errors_of_all_programs_at_once(skel: Run) -> None:
    Path("a.skel").write_text("remov(status);")
    Path("b.skel").write_text("remove($x);")
    assert_refused(skel("transform", "t.sktrace", "a.skel", "b.skel", "-o", "out.sktrace"), "a.skel:1:1", "b.skel:1:8")


# ---- the command line ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trnsform"], ["no `skel trnsform`", "did you mean `transform`?"]),
        (["xyzzy"], ["no `skel xyzzy`", "skel --help"]),
        (["trace", "convrt"], ["no `skel trace convrt`", "did you mean `convert`?"]),
        (["transform"], ["TRACE", "skel transform --help"]),
        (["transform", "t.sktrace"], ["name a program"]),
        (["transform", "t.sktrace", *PROGRAM, "--dif"], ["--dif"]),
        (["transform", "t.sktrace", *PROGRAM, "--in-place", "-o", "x"], ["exclude each other"]),
        (["transform", "t.sktrace", *PROGRAM, "--diff", "-o", "x"], ["--diff writes nothing"]),
        (["transform", "-", "-"], ["only once"]),
        (["transform", "-", *PROGRAM, "--in-place"], ["can't be changed in place"]),
        (["transform", "t.sktrace", *PROGRAM, "-o", "x", "--patches", "x"], ["the same file"]),
        (["transform", "t.sktrace", *PROGRAM, "--workers", "0"], ["--workers"]),
        (["transform", "t.sktrace", *PROGRAM, "--key-file", "none"], ["none"]),
        (["repl", "-"], ["standard input"]),
        (["repl", "none.sktrace"], ["does not exist"]),
        (["query", "none.sktrace", "$"], ["does not exist"]),
    ],
)
def test_wrong_usage(skel: Run, arguments: list[str], words: list[str]) -> None:
    result = skel(*arguments)
    assert_refused(result, *words)
    assert result.out == b""
    assert not Path("x").exists()
