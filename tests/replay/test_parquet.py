"""The record of a run as Parquet says what its lines say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skel.replay.errors import ReplayError
from skel.replay.parquet import COLUMNS, write_parquet

pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: pip install 'skel-lang[parquet]'")

POD = {"t": 1.5, "wall": 0.1, "round": 0, "namespace": "shop", "name": "web-1", "owner": "Deployment/web"}
SAMPLE = {
    "t": 15,
    "component": "etcd",
    "name": "etcd_mvcc_db_total_size_in_bytes",
    "labels": {"b": "2", "a": "1"},
    "value": 7,
}


def _write(folder: Path, name: str, *lines: object) -> None:
    (folder / f"{name}.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")


def test_every_line_is_a_row(tmp_path: Path) -> None:
    _write(tmp_path, "pods", POD, {**POD, "running": 3, "laterField": [1]})
    _write(tmp_path, "metrics", SAMPLE)
    _write(tmp_path, "objects", {"t": 1, "change": "final", "object": {"spec": {"replicas": 2}}})
    assert [file.name for file in write_parquet(tmp_path)] == ["pods.parquet", "objects.parquet", "metrics.parquet"]

    pods = pq.read_table(tmp_path / "pods.parquet").to_pylist()
    assert [pod["running"] for pod in pods] == [None, 3.0]
    assert pods[0]["owner"] == "Deployment/web"
    assert [pod["more"] for pod in pods] == [None, '{"laterField":[1]}']
    assert pq.read_table(tmp_path / "metrics.parquet").to_pylist()[0]["labels"] == [("a", "1"), ("b", "2")]
    assert json.loads(pq.read_table(tmp_path / "objects.parquet").to_pylist()[0]["object"]) == {"spec": {"replicas": 2}}


def test_columns_do_not_depend_on_the_lines(tmp_path: Path) -> None:
    for name in COLUMNS:
        _write(tmp_path, name)
    for file in write_parquet(tmp_path):
        assert pq.read_schema(file).names == [*COLUMNS[file.stem], "more"]


def test_a_line_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    _write(tmp_path, "pods", POD)
    with (tmp_path / "pods.jsonl").open("ab") as file:
        file.write(b'{"t": 2.0, "name": "we')
    write_parquet(tmp_path)
    assert pq.read_table(tmp_path / "pods.parquet").num_rows == 1


def test_a_folder_that_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="not the folder of a run"):
        write_parquet(tmp_path)


def test_the_columns_are_those_of_the_page() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "run-folder.md").read_text("utf-8")
    documented = page + (Path(__file__).resolve().parents[2] / "docs" / "replay.md").read_text("utf-8")
    missing = {column for columns in COLUMNS.values() for column in columns if f"`{column}`" not in documented}
    assert not missing
