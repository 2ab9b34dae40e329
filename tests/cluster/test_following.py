from __future__ import annotations

import shutil
from pathlib import Path

from skel.cluster.following import follow


def test_the_end_of_each_log_then_what_comes_until_the_cluster_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    logs = {name: folder / f"{name}.log" for name in ("etcd", "kwok", "late")}
    logs["etcd"].write_text("one\ntwo\nthree\n", "utf-8")
    logs["kwok"].write_text("", "utf-8")
    story = iter(range(4))

    def sleep(_: float) -> None:
        match next(story):
            case 0:
                with logs["etcd"].open("a") as file:
                    file.write("four\nfi")
            case 1:
                with logs["etcd"].open("a") as file:
                    file.write("ve\n")
                logs["late"].write_text("here\n", "utf-8")
            case _:
                shutil.rmtree(folder)

    assert list(follow(logs, 2, sleep)) == [
        ("etcd", "two"), ("etcd", "three"), ("etcd", "four"), ("etcd", "five"), ("late", "here"),
    ]  # fmt: skip
