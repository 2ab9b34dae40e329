"""Standard input among files."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from skel.manifests import limits, parallel
from skel.manifests.locate import locate
from skel.manifests.reading import read_inputs
from tests.manifests.reading import names, pod, said


def test_it_stands_where_it_was_named_and_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abcd":
        (tmp_path / f"{name}.yaml").write_text(pod(name))
    monkeypatch.setattr(parallel, "_workers", lambda _files: 3)
    found = read_inputs([str(tmp_path / "c.yaml"), "-", str(tmp_path), "-"], BytesIO(b"\n" + pod("x").encode()))
    assert names(found) == ["c", "x", "a", "b", "d"]
    assert locate(found.documents[1], ("metadata", "name")) == (4, 12)
    assert found.files == 5


def test_it_is_not_touched_if_nobody_asks(tmp_path: Path) -> None:
    stream = BytesIO(b"a")
    read_inputs([str(tmp_path)], stream)
    assert stream.tell() == 0


def test_too_much_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FILE_BYTES", 10)
    assert "split it" in said(read_inputs(["-"], BytesIO(pod("a").encode())))[0]
