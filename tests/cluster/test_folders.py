from __future__ import annotations

import threading
from pathlib import Path

import pytest

from skel.cluster.folders import cache_folder, clusters_folder, turn
from skel.cluster.progress import Silent


def test_the_cache_lies_where_the_setting_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SKEL_CACHE", str(tmp_path / "elsewhere"))
    assert cache_folder() == tmp_path / "elsewhere"
    monkeypatch.delenv("SKEL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder().name == "skel"


def test_clusters_are_state(clusters: Path) -> None:
    assert clusters_folder() == clusters


def test_one_after_the_other(tmp_path: Path) -> None:
    inside = 0
    most = 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(20):
            with turn(tmp_path / "lock", Silent()):
                inside += 1
                most = max(most, inside)
                inside -= 1

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert most == 1


def test_a_folder_that_is_removed_by_the_one_before(tmp_path: Path) -> None:
    """Who waited for a folder that is gone must not believe to hold the one that was made in its place."""
    folder = tmp_path / "it"
    folder.mkdir()
    order: list[str] = []
    waiting = Waiting()

    def wait() -> None:
        with turn(folder, waiting):
            order.append("second")
            assert (folder / "new").exists()

    with turn(folder, Silent()):
        second = threading.Thread(target=wait)
        second.start()
        assert waiting.began.wait(10)
        folder.rmdir()
        folder.mkdir()
        (folder / "new").touch()
        order.append("first")
    second.join()
    assert order == ["first", "second"]


class Waiting(Silent):
    def __init__(self) -> None:
        self.began = threading.Event()

    def say(self, text: str) -> None:
        self.began.set()
