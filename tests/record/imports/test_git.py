"""Each commit is an event; objects are told apart by what they are, not by where they stand."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from skel.record.imports.git import Choice, git_changes
from skel.record.imports.losses import Losses
from skel.trace.codec import decode_object
from skel.trace.errors import TraceError
from skel.trace.model import Trace
from tests.record.imports.server import SECONDS, deployment
from tests.record.imports.story import named, steps, traced


class Repo:
    """A repository whose clock the test sets, in seconds from SECONDS."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, at: int = 0, authored: int | None = None) -> str:
        person = {"NAME": "n", "EMAIL": "e@x"}
        who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in person.items()}
        when = {"GIT_COMMITTER_DATE": f"@{SECONDS + at} +0000"}
        when["GIT_AUTHOR_DATE"] = f"@{SECONDS + (at if authored is None else authored)} +0000"
        nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            env={**os.environ, **who, **when, **nobody},
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout.strip()

    def put(self, name: str, *documents: Any) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(documents[0] if isinstance(documents[0], str) else yaml.safe_dump_all(documents))

    def commit(self, at: int, authored: int | None = None) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "commit 1 2 3", at=at, authored=authored)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def read(folder: Path, choice: Choice | None = None) -> tuple[Trace, Losses]:
    losses = Losses()
    return traced(git_changes(str(folder), losses, choice or Choice()), folder.parent), losses


def times(trace: Trace) -> list[tuple[int, int, int]]:
    """Seconds from the beginning, how many objects were applied, and deleted."""
    return [(event.ts - SECONDS, len(event.applied_objs), len(event.deleted_objs)) for event in trace.events]


def test_commits_are_events(repo: Repo) -> None:
    repo.put("a.yaml", deployment("a"), deployment("b"))
    repo.commit(0)
    repo.put("a.yaml", deployment("a", 2))
    repo.put("deeper/ü b.yaml", deployment("c"))
    repo.commit(60)
    repo.put("README.md", "nothing")
    repo.commit(120)
    (repo.folder / "deeper" / "ü b.yaml").unlink()
    repo.commit(180)
    trace, losses = read(repo.folder)
    assert times(trace) == [(0, 2, 0), (60, 2, 1), (180, 0, 1)]
    assert named(steps(trace), "b") == [deployment("b")["spec"], None]
    assert not losses


def test_what_moves_to_another_file_is_no_change(repo: Repo) -> None:
    repo.put("a.yaml", deployment("a"), deployment("b"))
    repo.commit(0)
    repo.put("a.yaml", deployment("a"))
    repo.put("b.yaml", deployment("b"))
    repo.commit(60)
    repo.git("mv", "b.yaml", "c.yaml")
    repo.commit(120)
    trace, _ = read(repo.folder)
    assert times(trace) == [(0, 2, 0)]


def test_merges_count_against_their_first_parent(repo: Repo) -> None:
    repo.put("a.yaml", deployment("a"))
    repo.commit(0)
    repo.git("checkout", "-q", "-b", "side")
    repo.put("b.yaml", deployment("b"))
    repo.commit(10)
    repo.put("b.yaml", deployment("b", 9))
    repo.commit(20)
    repo.git("checkout", "-q", "main")
    repo.put("a.yaml", deployment("a", 5))
    repo.commit(30)
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side", at=40)
    trace, _ = read(repo.folder)
    assert times(trace) == [(0, 1, 0), (30, 1, 0), (40, 1, 0)]
    trace, _ = read(repo.folder, Choice(branch="side"))
    assert times(trace) == [(0, 1, 0), (10, 1, 0), (20, 1, 0)]


def test_clocks_that_go_back(repo: Repo) -> None:
    for number, (at, authored) in enumerate(((0, 500), (100, 300), (50, 50), (200, 900))):
        repo.put("a.yaml", deployment("a", number))
        repo.commit(at, authored)
    assert [time for time, *_ in times(read(repo.folder)[0])] == [0, 100, 100, 200]
    assert [time for time, *_ in times(read(repo.folder, Choice(by_author=True))[0])] == [500, 500, 500, 900]


def test_a_folder_a_time_a_shallow_bare_clone(repo: Repo, tmp_path: Path) -> None:
    repo.put("k8s/a.yaml", deployment("a"))
    repo.put("k8s/old.yaml", deployment("old"))
    repo.put("other/x.yaml", deployment("x"))
    repo.commit(0)
    repo.put("k8s/a.yaml", deployment("a", 2))
    repo.commit(100)
    repo.put("k8s/a.yaml", deployment("a", 3))
    repo.put("other/x.yaml", deployment("x", 3))
    repo.commit(200)
    trace, _ = read(repo.folder, Choice(path="./k8s/"))
    assert times(trace) == [(0, 2, 0), (100, 1, 0), (200, 1, 0)]
    for choice, folder in (
        (Choice(since=f"@{SECONDS + 50}", path="k8s"), repo.folder),
        (Choice(path="k8s"), clone(repo, tmp_path, "--depth", "2")),
    ):
        trace, losses = read(folder, choice)
        assert times(trace) == [(100, 2, 0), (200, 1, 0)]
        assert not losses


def test_a_time_that_git_takes_for_now_is_none(repo: Repo) -> None:
    repo.put("a.yaml", deployment("a"))
    repo.commit(0)
    for text in ("garbage", "@99999999999"):
        with pytest.raises(TraceError, match="is no time before now"):
            read(repo.folder, Choice(since=text))


def clone(repo: Repo, tmp_path: Path, *how: str) -> Path:
    folder = tmp_path / "clone.git"
    subprocess.run(
        ["git", "clone", "-q", "--bare", *how, repo.folder.as_uri(), str(folder)], check=True, capture_output=True
    )
    return folder


def test_a_broken_file_deletes_nothing(repo: Repo) -> None:
    repo.put("a.yaml", deployment("a"), deployment("b"))
    repo.commit(0)
    repo.put("a.yaml", yaml.safe_dump(deployment("a", 2)) + "---\napiVersion: v1\nkind: [\n")
    broken = repo.commit(60)
    repo.put("a.yaml", deployment("a", 2))
    repo.commit(120)
    trace, losses = read(repo.folder)
    assert times(trace) == [(0, 2, 0), (60, 1, 0), (120, 0, 1)]
    assert f"{broken[:12]}:a.yaml:" in losses.lines()[0]


def test_one_object_in_two_files(repo: Repo) -> None:
    repo.put("base/a.yaml", deployment("a", 1))
    repo.put("prod/a.yaml", deployment("a", 7))
    repo.commit(0)
    (repo.folder / "prod" / "a.yaml").unlink()
    repo.commit(60)
    trace, losses = read(repo.folder)
    assert [spec["replicas"] for spec in named(steps(trace), "a")] == [7, 1]
    assert "stands in several files" in losses.lines()[0]


def test_links_and_hidden_folders_are_left_alone(repo: Repo) -> None:
    repo.put("a.yaml", deployment("a"))
    repo.put(".github/w.yaml", deployment("hidden"))
    (repo.folder / "link.yaml").symlink_to("a.yaml")
    repo.commit(0)
    trace, _ = read(repo.folder)
    assert times(trace) == [(0, 1, 0)]


def test_the_settings_of_a_repository_start_nothing(repo: Repo, tmp_path: Path) -> None:
    repo.put("a.yaml", deployment("a"))
    repo.commit(0)
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for setting in ("core.fsmonitor", "diff.external", "gpg.program", "core.pager", "diff.x.textconv"):
        repo.git("config", setting, str(trap))
    repo.git("config", "log.showSignature", "true")
    repo.put(".gitattributes", "*.yaml diff=x\n")
    repo.commit(10)
    (tmp_path / "sprung").unlink(missing_ok=True)
    read(repo.folder)
    assert not (tmp_path / "sprung").exists()


def test_what_is_no_repository(tmp_path: Path, repo: Repo) -> None:
    for folder, words in (
        (tmp_path, "not a git repository"),
        (tmp_path / "none", "No such file"),
        (repo.folder, "no commits"),
    ):
        with pytest.raises(TraceError, match=words):
            list(git_changes(str(folder), Losses(), Choice()))
    repo.put("a.yaml", deployment("a"))
    repo.commit(0)
    for branch in ("none", "--output=/tmp/x"):
        with pytest.raises(TraceError, match="has no branch"):
            list(git_changes(str(repo.folder), Losses(), Choice(branch=branch)))


trees = st.dictionaries(
    st.sampled_from(["a.yaml", "b/c.yaml", "d.json"]),
    st.lists(st.tuples(st.sampled_from("pqr"), st.integers(0, 2)), max_size=3, unique_by=lambda pair: pair[0]),
)


@given(st.lists(trees, min_size=1, max_size=4))
def test_the_last_state_is_that_of_the_files(tmp_path_factory: pytest.TempPathFactory, history: list[Any]) -> None:
    repo = Repo(tmp_path_factory.mktemp("git") / "repo")
    repo.put("first.yaml", deployment("first"))
    for at, tree in enumerate(history):
        for name in ("a.yaml", "b/c.yaml", "d.json"):
            (repo.folder / name).unlink(missing_ok=True)
            if tree.get(name):
                repo.put(name, *(deployment(thing, replicas) for thing, replicas in tree[name]))
        repo.commit(at)
    there: dict[str, Any] = {}
    for event in read(repo.folder)[0].events:
        there |= {
            thing["metadata"]["name"]: thing["spec"]["replicas"] for thing in map(decode_object, event.applied_objs)
        }
        for thing in map(decode_object, event.deleted_objs):
            del there[thing["metadata"]["name"]]
    final = {thing: replicas for name in sorted(history[-1]) for thing, replicas in history[-1][name]}
    assert there == {**final, "first": 1}
