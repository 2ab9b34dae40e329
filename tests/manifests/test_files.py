"""Patched files on the disk."""

from __future__ import annotations

import stat
from io import BytesIO
from pathlib import Path

import pytest

from skel.manifests.files import patch_files
from skel.manifests.reading import read_inputs
from skel.patch.operations import Add, Remove, Replace
from skel.trace.errors import TraceError
from tests.manifests.reading import names, pod

NEW = Replace(("metadata", "name"), "new")


def test_only_files_with_patches_are_given_back_and_nothing_is_written_before_save(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text(f"# one\n{pod('a')}---\n{pod('b')}")
    two.write_text(pod("c"))
    found = read_inputs([str(tmp_path)])
    [patched] = patch_files(found, {1: [NEW]})
    assert patched.source.path == str(one)
    assert patched.is_changed
    assert "name: b" in one.read_text()
    patched.save()
    assert one.read_text() == f"# one\n{pod('a')}---\n{pod('new')}"
    assert names(read_inputs([str(tmp_path)])) == ["a", "new", "c"]


def test_mode_and_link_stay(tmp_path: Path) -> None:
    file, link = tmp_path / "a.yaml", tmp_path / "link.yaml"
    file.write_text(pod("a"))
    file.chmod(0o640)
    link.symlink_to(file)
    [patched] = patch_files(read_inputs([str(link)]), {0: [NEW]})
    patched.save()
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a.yaml", "link.yaml"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_mark_encoding_and_line_ends_stay(tmp_path: Path, encoding: str, end: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(pod("ü", note="é").replace("\n", end).encode(encoding))
    [patched] = patch_files(read_inputs([str(file)]), {0: [NEW]})
    patched.save()
    assert file.read_bytes() == pod("new", note="é").replace("\n", end).encode(encoding)


def test_what_can_not_be_written_stays_and_the_rest_is_done(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    text = f"{pod('a', base='&b {x: 1}', other='*b')}---\n{pod('b')}"
    file.write_text(text)
    [patched] = patch_files(read_inputs([str(file)]), {0: [Add(("base", "y"), 2)], 1: [NEW]})
    assert patched.after == text.replace("name: b", "name: new")
    assert list(patched.errors) == [0]
    assert patched.errors[0].line == 5


def test_standard_input_can_be_patched_too() -> None:
    found = read_inputs(["-"], BytesIO(pod("a").encode()))
    [patched] = patch_files(found, {0: [NEW, Remove(("kind",))]})
    assert patched.after == "apiVersion: v1\nmetadata: {name: new}\n"
    assert patched.source.is_stream


def test_a_file_that_went_or_changed_since(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(pod("a") + "---\n" + pod("b"))
    found = read_inputs([str(file)])
    file.write_text("other: 1\n")
    [patched] = patch_files(found, {0: [NEW], 1: [NEW]})
    assert not patched.is_changed
    assert list(patched.errors) == [0, 1]
    file.unlink()
    with pytest.raises(TraceError, match="can't be read: no such file"):
        patch_files(found, {0: [NEW]})
