"""Which files are read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from skel.manifests import limits, parallel
from skel.manifests.discover import discover
from skel.manifests.reading import read_inputs
from tests.manifests.reading import names, pod, said


def shown(folder: Path, *paths: str) -> list[str]:
    found = discover([str(folder / path) for path in paths])
    assert not found.problems
    return [os.path.relpath(str(file.source), folder) for file in found.files]


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pod(path.stem))


def test_folders_are_walked_in_the_order_of_names(tmp_path: Path) -> None:
    make(tmp_path, "b.yaml", "a.yml", "c/d.json", "c/a.yaml", "README.md", "e.yaml.bak")
    assert shown(tmp_path, ".") == ["a.yml", "b.yaml", "c/a.yaml", "c/d.json"]


def test_hidden_and_foreign_folders_are_left_out(tmp_path: Path) -> None:
    make(tmp_path, ".git/a.yaml", ".hidden.yaml", "node_modules/x/a.yaml", "a.yaml")
    assert shown(tmp_path, ".") == ["a.yaml"]


def test_a_file_that_is_named_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    make(tmp_path, ".hidden.yaml", "manifest.txt")
    assert shown(tmp_path, "manifest.txt", ".hidden.yaml") == ["manifest.txt", ".hidden.yaml"]


def test_each_file_is_read_once(tmp_path: Path) -> None:
    make(tmp_path, "a.yaml", "b/c.yaml")
    (tmp_path / "link.yaml").symlink_to("a.yaml")
    (tmp_path / "b" / "up").symlink_to("..", target_is_directory=True)
    assert shown(tmp_path, "a.yaml", ".", "b") == ["a.yaml", "b/c.yaml"]


def test_a_link_to_nowhere_and_a_pipe_in_a_folder(tmp_path: Path) -> None:
    make(tmp_path, "a.yaml")
    (tmp_path / "gone.yaml").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.yaml")
    found = read_inputs([str(tmp_path)])
    assert names(found) == ["a"]
    assert said(found) == [f"{tmp_path}/gone.yaml: error: does not exist: check the path"]


def test_paths_that_are_wrong_are_problems_and_the_rest_is_read(tmp_path: Path) -> None:
    make(tmp_path, "a.yaml")
    found = read_inputs([str(tmp_path / "no.yaml"), "a\0b", str(tmp_path / "a.yaml" / "x"), str(tmp_path / "a.yaml")])
    assert names(found) == ["a"]
    assert [problem.message for problem in found.problems] == [
        "does not exist: check the path",
        "is not the name of a file",
        "can't be read: not a directory",
    ]


def test_folders_nested_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FOLDERS", 3)
    make(tmp_path, "1/2/3/4/a.yaml", "b.yaml")
    found = discover([str(tmp_path)])
    assert [Path(str(file.source)).name for file in found.files] == ["b.yaml"]
    assert [problem.message for problem in found.problems] == ["is left out: more than 3 folders in one another"]


def test_too_many_files_and_too_big_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.yaml", "b.yaml", "c.yaml", "d.yaml")
    monkeypatch.setattr(limits, "FILES", 2)
    found = discover([str(tmp_path)])
    assert len(found.files) == 2
    assert len(found.problems) == 1
    monkeypatch.setattr(limits, "FILE_BYTES", 10)
    assert "split it" in discover([str(tmp_path)]).problems[0].message


def test_a_broken_file_of_something_else_is_said_quietly(tmp_path: Path) -> None:
    (tmp_path / "tsconfig.json").write_text('{\n  // comment\n  "a": 1,}\n')
    (tmp_path / "broken.yaml").write_text("a: b: c\n")
    found = read_inputs([str(tmp_path)])
    assert not found.problems
    assert [(it.what, it.count) for it in found.not_checked] == [("other files", 2)]
    assert len(read_inputs([str(tmp_path / "tsconfig.json")]).problems) == 1


def test_yaml_in_a_file_named_json(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(pod("a"))
    assert names(read_inputs([str(tmp_path)])) == ["a"]


def test_the_same_comes_out_whatever_the_number_of_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        (tmp_path / f"{number:02}.yaml").write_text(pod(f"p{number}") + "---\na: b: c\n" * (number % 3))
    paths = [str(tmp_path), str(tmp_path / "no")]
    alone = read_inputs(paths)
    monkeypatch.setattr(parallel, "_workers", lambda _files: 4)
    together = read_inputs(paths)
    assert names(alone) == names(together) == [f"p{number}" for number in range(30)]
    assert together.trace.to_bytes() == alone.trace.to_bytes()
    assert together.documents == alone.documents
    assert together.problems == alone.problems
    assert together.not_checked == alone.not_checked


def test_a_worker_that_dies_costs_only_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, *(f"p{number}.yaml" for number in range(9)))
    monkeypatch.setattr(parallel, "_workers", lambda _files: 3)
    monkeypatch.setattr("skel.manifests.parallel.pickle.dumps", lambda *_: 1 / 0)
    assert names(read_inputs([str(tmp_path)])) == [f"p{number}" for number in range(9)]
