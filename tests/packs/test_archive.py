"""Archives from strangers: what is refused, and that the cache is proven each time."""

from __future__ import annotations

import gzip
import io
import tarfile
from contextlib import suppress
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.packs import archive as archives
from skel.packs.archive import cached, digest, keep, read_archive
from skel.packs.errors import PackError
from tests.packs.making import MANIFEST, RULE, archive, shop_archive


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def refused(data: bytes) -> str:
    with pytest.raises(PackError) as caught:
        read_archive(data, "it")
    return str(caught.value)


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, size
    return info


@pytest.mark.parametrize("top", ["", "shop-1.0/"])
def test_a_pack_lies_at_the_top_or_in_one_folder(top: str) -> None:
    files = read_archive(shop_archive(top), "it")
    assert sorted(map(str, files)) == ["cronjob-batch-v1.cases.yaml", "cronjob-batch-v1.skel", "pack.yaml"]
    assert files[PurePosixPath("pack.yaml")] == MANIFEST.encode()


def test_only_data_is_taken() -> None:
    data = archive({"pack.yaml": MANIFEST, "setup.py": "evil()", "a/run.sh": "evil", "README.md": "hello", "x": "y"})
    assert sorted(map(str, read_archive(data, "it"))) == ["README.md", "pack.yaml"]


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (member("../evil.skel"), "`../evil.skel` leads out of the pack"),
        (member("a/../../evil.skel"), "leads out of the pack"),
        (member("/etc/evil.skel"), "leads out of the pack"),
        (member("..\\evil.skel"), "leads out of the pack"),
        (member("C:evil.skel"), "leads out of the pack"),
        (member("link.skel", tarfile.SYMTYPE, "/etc/passwd"), "`link.skel` is a link or a device"),
        (member("link.skel", tarfile.LNKTYPE, "pack.yaml"), "is a link or a device"),
        (member("pipe", tarfile.FIFOTYPE), "is a link or a device"),
        (member("dev", tarfile.CHRTYPE), "is a link or a device"),
    ],
)
def test_members_that_are_refused(extra: tarfile.TarInfo, message: str) -> None:
    assert message in refused(archive({"pack.yaml": MANIFEST}, extra))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "ends too early"),
        (b"hello", "is no gzip file"),
        (gzip.compress(b"hello" * 1000), "is no tar archive"),
        (shop_archive()[:-20], "ends too early"),
        (archive({"README.md": "x"}), "there is no pack.yaml in it"),
        (archive({"a/b/pack.yaml": MANIFEST}), "there is no pack.yaml in it"),
    ],
    ids=["empty", "text", "gzip", "cut", "without", "too deep"],
)
def test_what_is_no_pack(data: bytes, message: str) -> None:
    assert message in refused(data)


def test_bombs_are_refused_before_they_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_CONTENT", 100_000)
    assert "holds more than 100000 bytes" in refused(gzip.compress(b"\0" * 10_000_000))
    monkeypatch.setattr(archives, "MOST_FILES", 3)
    assert "holds more than 3 files" in refused(archive({"pack.yaml": MANIFEST, "a": "", "b": "", "c": ""}))


@pytest.mark.parametrize(
    ("path", "line", "is_fine"),
    [
        ("a.skel", 'import "./b";', True),
        ("a.skel", 'import "kubernetes/labels";', True),
        ("apis/a.skel", 'import "../b";', True),
        ("a.skel", 'import "../b";', False),
        ("apis/a.skel", 'import "../../b";', False),
        ("apis/a.skel", 'import "./x/../../../b";', False),
        ("a.skel", "import '\\u002e\\u002e/b';", False),
        ("a.skel", 'import "/etc/passwd";', False),
        ("a.skel", 'import "kubernetes/../../b";', False),
    ],
)
def test_imports_stay_inside(path: str, line: str, is_fine: bool) -> None:
    data = archive({"pack.yaml": MANIFEST, path: f"{line}\n{RULE}"})
    if is_fine:
        assert read_archive(data, "it")
    else:
        assert "out of the pack" in refused(data)


@given(st.binary(max_size=200), st.integers(0, 600), st.integers(0, 255))
def test_any_bytes_are_a_pack_or_refused(data: bytes, at: int, byte: int) -> None:
    plain = bytearray(gzip.decompress(shop_archive()))
    plain[at % len(plain)] = byte
    for candidate in (data, gzip.compress(data), gzip.compress(bytes(plain))):
        with suppress(PackError):
            read_archive(candidate, "it")


def test_the_cache_is_proven_each_time() -> None:
    data = shop_archive()
    sha256 = digest(data)
    assert cached("shop", sha256) is None
    folder = keep(data, read_archive(data, "it"))
    assert cached("shop", sha256) == folder
    assert (folder / "pack.yaml").read_text("utf-8") == MANIFEST


@pytest.mark.parametrize("change", ["edit", "add", "remove", "archive", "link"])
def test_a_cache_that_was_changed_is_refused(change: str) -> None:
    data = shop_archive()
    folder = keep(data, read_archive(data, "it"))
    match change:
        case "edit":
            (folder / "pack.yaml").write_text("name: evil\n", "utf-8")
        case "add":
            (folder / "evil.skel").write_text("remove(spec);", "utf-8")
        case "remove":
            (folder / "pack.yaml").unlink()
        case "archive":
            (folder.parent / "archive.tar.gz").write_bytes(archive({"pack.yaml": MANIFEST}))
        case "link":
            (folder / "evil.skel").symlink_to("/etc/passwd")
    with pytest.raises(PackError) as caught:
        cached("shop", digest(data))
    assert "in the cache" in caught.value.message
    assert "skel pack add" in caught.value.hint
    keep(data, read_archive(data, "it"))
    assert cached("shop", digest(data)) == folder


def test_pax_headers_and_long_names_are_read() -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for name, text in (("pack.yaml", MANIFEST), ("d" * 150 + "/ä.skel", RULE)):
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    assert PurePosixPath("d" * 150, "ä.skel") in read_archive(data.getvalue(), "it")
