"""Each verb imports what it needs and nothing else, so that all of them start at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import environment

HEAVY = ("lark", "msgspec", "yaml", "rich", "jinja2", "jsonpath_ng", "jsonpatch", "re2", "prompt_toolkit", "msgpack")
WATCH = """
import sys
from skel.cli.main import run
code = run(sys.argv[2:])
print(sorted(set(sys.argv[1].split(",")) & set(sys.modules)), code, file=sys.stderr)
"""


def loaded(*arguments: str, code: int = 0) -> set[str]:
    """The heavy libraries that a command imports."""
    done = subprocess.run(
        [sys.executable, "-c", WATCH, ",".join(HEAVY), *arguments],
        capture_output=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    names, _, seen = done.stderr.decode().splitlines()[-1].rpartition(" ")
    assert int(seen) == code, done.stderr
    return set(eval(names))


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["transform", "--help"], ["query", "--help"], ["repl", "--help"], []]
)
def test_version_and_help_need_nothing(work: Path, arguments: list[str]) -> None:
    assert loaded(*arguments) == set()


def test_transform(work: Path) -> None:
    assert loaded("transform", "t.sktrace", "-e", "remove(status);", "-o", "out.sktrace") == {"msgspec"}


def test_transform_with_patches(work: Path) -> None:
    assert loaded("transform", "t.sktrace", "-e", "remove(status);", "--patches", "-") == {"msgspec"}


def test_diff_writes_yaml(work: Path) -> None:
    assert loaded("transform", "t.sktrace", "-e", "remove(status);", "--diff") == {"msgspec", "yaml"}


def test_query(work: Path) -> None:
    assert loaded("query", "t.sktrace", "$.spec") == {"msgspec", "jsonpath_ng"}


def test_convert(work: Path) -> None:
    assert loaded("trace", "convert", "t.sktrace", "-o", "t.json") == {"msgspec"}


def test_wrong_usage(work: Path) -> None:
    assert loaded("trnsform", code=2) == set()


LEAVE = """
import atexit, sys, types
from skel.cli.main import main
sys.modules.update(dict.fromkeys(filter(None, sys.argv.pop().split()), types.ModuleType("stub")))
atexit.register(print, "the end of the interpreter")
main()
"""


@pytest.mark.parametrize(("library", "ends"), [("obstore", False), (" ", True)])
def test_threads_of_the_storage_library_do_not_see_the_end(library: str, ends: bool) -> None:
    for arguments, code in ((["--version"], 0), (["nosuch"], 2)):
        command = [sys.executable, "-c", LEAVE, *arguments, library]
        done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=60, check=False)
        assert done.returncode == code
        assert ("skel" in done.stdout) == (code == 0)
        assert ("the end of the interpreter" in done.stdout) == ends
