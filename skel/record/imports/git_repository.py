"""A repository, read with `git`: no checkout, nothing is written, nothing is fetched. Bare and shallow ones will do."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Self, cast

from skel.trace.errors import TraceError

_BLOCK = 1 << 16
_OURS = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
# The repository is the one that was named, whatever a hook of another one says around us.
_THEIRS = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"})
# Settings of a repository from a stranger start no program.
_SETTINGS = ("-c", "log.showSignature=false", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
_LOG = ("--first-parent", "--reverse", "-m", "--root", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff")
_FILES = frozenset({b"100644", b"100755"})


@dataclass(slots=True)
class Commit:
    """`files`: what it changed against its first parent, as path -> blob, None for what went. Times in Unix seconds."""

    id: str
    authored: int
    committed: int
    files: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository in a folder."""

    folder: str

    def head(self, branch: str) -> str:
        """The commit that a branch, a tag or an id names. Raises TraceError."""
        done = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{branch}^{{commit}}")
        if done.returncode == 0:
            return done.stdout.decode().strip()
        if done.stderr:
            raise _explained(self.folder, done.stderr)
        if branch == "HEAD":
            raise TraceError(f"{self.folder} has no commits")
        raise TraceError(f"{self.folder} has no branch `{branch}`", f"`git -C {self.folder} branch -a` lists them")

    def commits(self, head: str, path: str, since: str | None) -> Iterator[Commit]:
        """The commits up to `head` that changed something below `path`, the oldest first, by first parents.

        The first one has all the files that were there. `since` is a time as git takes it. Raises TraceError.
        """
        limits = [f"--since={self._time(since)}"] if since else []
        below = ["--", path] if path else ["--"]
        with tempfile.TemporaryFile() as said:
            log = self._start("log", *_LOG, "--format=commit %H %at %ct", *limits, head, *below, stderr=said.fileno())
            assert log.stdout is not None
            try:
                for number, commit in enumerate(_commits(_tokens(cast("BinaryIO", log.stdout)))):
                    if not number:
                        commit.files = dict(self._tree(commit.id, path))
                    yield commit
                if log.wait():
                    said.seek(0)
                    raise _explained(self.folder, said.read())
            finally:
                _end(log)

    def _time(self, text: str) -> str:
        """A time as Unix seconds. Git takes words that it does not know for this very moment, which is no beginning."""
        now = int(time.time())
        said = self._run("rev-parse", f"--since={text}").stdout.decode().strip().removeprefix("--max-age=")
        if not said.isdigit() or int(said) >= now:
            raise TraceError(f"`{text}` is no time before now", "write for example --since '2 weeks ago' or 2026-01-31")
        return said

    def _tree(self, commit: str, path: str) -> Iterator[tuple[str, str | None]]:
        """All files of a commit below a path."""
        done = self._run("ls-tree", "-r", "-z", "--full-tree", commit, *(["--", path] if path else []))
        if done.returncode:
            raise _explained(self.folder, done.stderr)
        for row in done.stdout.split(b"\0"):
            facts, _, name = row.partition(b"\t")
            if facts[:6] in _FILES:
                yield os.fsdecode(name), facts.split(b" ")[2].decode()

    def blobs(self) -> Blobs:
        """A reader of the contents of files; use it as a context."""
        return Blobs(self._start("cat-file", "--batch", stdin=subprocess.PIPE))

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(  # noqa: S603  (git, with what the user named behind --end-of-options or --)
                self._command(arguments), capture_output=True, env=_environment(), check=False
            )
        except OSError as error:
            raise _no_git(error) from None

    def _start(
        self, *arguments: str, stdin: int = subprocess.DEVNULL, stderr: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603  (the same)
                self._command(arguments),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=_environment(),
            )
        except OSError as error:
            raise _no_git(error) from None

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return ["git", "-C", self.folder, *_SETTINGS, *arguments]


@dataclass(slots=True)
class Blobs:
    """`git cat-file --batch`: an id goes in, the content comes out."""

    process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _end(self.process)

    def read(self, blob: str) -> bytes | None:
        """The content; None if the repository does not have it, as a partial clone."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{blob}\n".encode())
        self.process.stdin.flush()
        head = self.process.stdout.readline().split()
        if len(head) != 3:
            return None
        data = self.process.stdout.read(int(head[2]) + 1)
        return data[:-1]


def _commits(tokens: Iterator[bytes]) -> Iterator[Commit]:
    """`commit ID TIME TIME`, and for each file `:MODE MODE BLOB BLOB LETTER` and its path."""
    commit: Commit | None = None
    for token in tokens:
        word = token.lstrip(b"\n")
        if word.startswith(b":"):
            assert commit is not None
            _, mode, _, blob, _ = word.split(b" ")
            path = os.fsdecode(next(tokens))
            commit.files[path] = blob.decode() if mode in _FILES else None
        elif word:
            if commit is not None:
                yield commit
            _, name, authored, committed = word.decode().split(" ")
            commit = Commit(name, int(authored), int(committed))
    if commit is not None:
        yield commit


def _tokens(file: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while block := file.read(_BLOCK):
        *whole, rest = (rest + block).split(b"\0")
        yield from whole
    if rest:
        yield rest


def _environment() -> Mapping[str, str]:
    return {**{key: value for key, value in os.environ.items() if key not in _THEIRS}, **_OURS}


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    if process.poll() is None:
        process.kill()
    process.wait()


def _explained(folder: str, stderr: bytes) -> TraceError:
    """What git says, in one sentence."""
    said = stderr.decode("utf-8", "replace").strip().splitlines() or ["git gave no reason"]
    first = said[0].removeprefix("fatal: ").removeprefix("error: ")
    return TraceError(f"{folder} can't be read as a git repository: {first}", "give the folder of a repository")


def _no_git(error: OSError) -> TraceError:
    return TraceError(f"git can't be started: {(error.strerror or str(error)).lower()}", "install git")
