from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.storage.errors import TraceError
from skel.storage.limits import largest, parse_size, show_size
from skel.storage.place import Bucket, File, Stream, Web, is_prefix, is_remote, path_of, place, shown
from skel.storage.store import is_same_file


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("-", Stream()),
        ("a/b.sktrace", File(Path("a/b.sktrace"))),
        ("C:x", File(Path("C:x"))),
        ("file:///a%20b/c", File(Path("/a b/c"))),
        ("file://localhost/a", File(Path("/a"))),
        ("https://host/a?b=c", Web("https://host/a?b=c")),
        ("s3://b/a/c.sktrace", Bucket("s3://b", "a/c.sktrace", "AWS")),
        ("S3://b/a", Bucket("s3://b", "a", "AWS")),
        ("s3a://b/a", Bucket("s3a://b", "a", "AWS")),
        ("gs://b/a%20c", Bucket("gs://b", "a c", "GOOGLE")),
        ("az://c/a", Bucket("az://c", "a", "AZURE")),
        ("azure://c/a", Bucket("azure://c", "a", "AZURE")),
        ("abfss://c@account.dfs.core.windows.net/a", Bucket("abfss://c@account.dfs.core.windows.net", "a", "AZURE")),
    ],
)
def test_what_a_text_names(text: str, found: object) -> None:
    assert place(text) == found
    assert is_remote(text) == isinstance(found, Bucket | Web)


@pytest.mark.parametrize(
    "text", ["", "a\0b", "file://", "s3://", "s3:///a", "s3://b/a#c", "ftp://host/a", "oracle3://a/b"]
)
def test_what_names_nothing(text: str) -> None:
    with pytest.raises(TraceError):
        place(text)


def test_an_unknown_scheme_names_the_known_ones() -> None:
    with pytest.raises(TraceError, match=r"no storage for `ftp://` here \(there are file://, http://, https://, s3://"):
        place("ftp://host/a")


def test_prefixes() -> None:
    assert all(map(is_prefix, ("s3://b", "s3://b/", "gs://b/traces/")))
    assert not any(map(is_prefix, ("s3://b/a", "traces/", "https://host/a/", "-")))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://me:secret@host/a.sktrace", "https://host/a.sktrace"),
        ("https://host/a.sktrace?X-Amz-Signature=secret", "https://host/a.sktrace?..."),
        ("https://host/a#secret", "https://host/a?..."),
        ("s3://key:secret@bucket/a", "s3://bucket/a"),
        ("abfss://c@account.dfs.core.windows.net/a", "abfss://c@account.dfs.core.windows.net/a"),
        ("s3://bucket/a", "s3://bucket/a"),
        ("-", "standard input"),
        ("a?b", "a?b"),
    ],
)
def test_messages_hold_no_secret(text: str, name: str) -> None:
    assert shown(text) == name


@given(st.text())
def test_any_text_is_a_place_or_a_clear_error(text: str) -> None:
    assert isinstance(shown(text), str)
    assert isinstance(path_of(text), str)
    try:
        place(text)
    except TraceError as error:
        assert error.message
    else:
        is_prefix(text)


def test_one_file_by_many_names(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "b").symlink_to("a")
    assert is_same_file(str(tmp_path / "a"), f"file://{tmp_path}/b")
    assert is_same_file("s3://b/a%20c", "s3://b/a c")
    assert not is_same_file("s3://b/a", "gs://b/a")
    assert not is_same_file(str(tmp_path / "a"), "s3://b/a")
    assert not is_same_file("-", "-")


def test_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [parse_size(text) for text in ("7", "500MB", "8GiB", "1k", "1.5 GiB")] == [
        7,
        500_000_000,
        8 << 30,
        1024,
        3 << 29,
    ]
    assert [show_size(size) for size in (12, 4 << 30, 3 << 19)] == ["12 bytes", "4 GiB", "1.5 MiB"]
    monkeypatch.setenv("SKEL_MAX_SIZE", "lots")
    with pytest.raises(TraceError, match=r"SKEL_MAX_SIZE is no size: 'lots' \(write bytes, or something like"):
        largest()
