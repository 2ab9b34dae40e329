from __future__ import annotations

import gzip
import io
import os
import tracemalloc
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from skel.storage.errors import TraceError
from skel.storage.packing import is_packed, packing, plain_name, unpacked
from skel.storage.store import read_bytes, read_start, write_atomically
from tests.trace.making import packed, trace_map

PACK = {"gz": gzip.compress, "zst": zstandard.ZstdCompressor().compress}
DATA = packed(trace_map())


@pytest.mark.parametrize("suffix", ["gz", "zst", "zstd"])
def test_a_file_is_packed_by_its_name_and_unpacked_by_its_content(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.sktrace.{suffix}"
    write_atomically(str(path), lambda file: file.writelines([DATA, b"more"]))
    assert is_packed(path.read_bytes())
    path.rename(tmp_path / "a")
    assert read_bytes(str(tmp_path / "a")) == DATA + b"more"
    assert is_packed(read_start(str(tmp_path / "a")))


@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_the_same_content_makes_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    for name in ("a", "b"):
        write_atomically(str(tmp_path / f"{name}.{suffix}"), lambda file: file.writelines([DATA]))
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


@given(st.sampled_from(["gz", "zst"]), st.lists(st.binary(max_size=3000), max_size=4))
def test_whatever_is_packed_comes_back(suffix: str, pieces: list[bytes]) -> None:
    out = io.BytesIO()
    packing(f"a.{suffix}", lambda file: file.writelines(pieces))(out)
    content = b"".join(pieces)
    if not is_packed(content[:4]):
        assert unpacked(out.getvalue(), "a") == content


@pytest.mark.parametrize("form", PACK)
def test_files_of_several_pieces(form: str) -> None:
    data = PACK[form](b"one, ") + PACK[form](b"") + PACK[form](b"two")
    assert unpacked(data, "a") == b"one, two"


def test_what_tools_put_around(tmp_path: Path) -> None:
    assert unpacked(PACK["gz"](b"x") + bytes(512), "a") == b"x"
    skippable = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
    assert unpacked(skippable + PACK["zst"](b"x") + skippable, "a") == b"x"
    with gzip.open(tmp_path / "named.gz", "wb") as file:
        file.write(b"x")
    assert read_bytes(str(tmp_path / "named.gz")) == b"x"


@pytest.mark.parametrize("form", PACK)
def test_every_cut_is_an_error(form: str) -> None:
    data = PACK[form](os.urandom(50) * 4)
    for end in range(4, len(data)):
        with pytest.raises(TraceError, match=r"ends in the middle of its (gzip|zstd) data, after \d+ bytes"):
            unpacked(data[:end], "a")


@pytest.mark.parametrize("form", PACK)
def test_every_damage_is_an_error_or_harmless(form: str) -> None:
    content = b"some content that is packed " * 9
    data = packing_of(form, content)
    for place in range(4, len(data)):
        broken = bytearray(data)
        broken[place] ^= 0xFF
        try:
            assert unpacked(bytes(broken), "a") == content
        except TraceError as error:
            assert error.message.startswith("a ")


def packing_of(form: str, content: bytes) -> bytes:
    out = io.BytesIO()
    packing(f"a.{form}", lambda file: file.writelines([content]))(out)
    return out.getvalue()


@pytest.mark.parametrize("form", PACK)
@pytest.mark.parametrize("tail", [b"rubbish", b"\0rubbish"])
def test_what_follows_the_end(form: str, tail: bytes) -> None:
    with pytest.raises(TraceError, match=r"a (is damaged: it begins as|ends in the middle)"):
        unpacked(PACK[form](b"x") + tail, "a")


@pytest.mark.parametrize("form", PACK)
def test_packed_twice(form: str) -> None:
    with pytest.raises(TraceError, match=r"a is packed twice \(unpack it once"):
        unpacked(PACK[form](PACK["gz"](b"x")), "a")


@pytest.mark.parametrize("form", ["gz", "zst", "undeclared"])
def test_a_bomb_does_not_fill_the_memory(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    size = 400 << 20
    if form == "undeclared":
        compressor = zstandard.ZstdCompressor(write_content_size=False).compressobj()
        bomb = b"".join(compressor.compress(bytes(1 << 20)) for _ in range(size >> 20)) + compressor.flush()
    else:
        bomb = PACK[form](bytes(size))
    assert len(bomb) < 1 << 19
    monkeypatch.setenv("SKEL_MAX_SIZE", "20MiB")
    tracemalloc.start()
    try:
        with pytest.raises(
            TraceError, match=r"unpacked, .* than the 20 MiB that are taken \(if you trust it, say SKEL"
        ):
            unpacked(bomb, "bomb")
        assert tracemalloc.get_traced_memory()[1] < 200 << 20
    finally:
        tracemalloc.stop()


def test_a_window_that_needs_too_much_memory() -> None:
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=28, enable_ldm=True, write_content_size=0)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    data = compressor.compress(os.urandom(1 << 10)) + compressor.flush()
    with pytest.raises(TraceError, match=r"needs more than 128 MiB of memory to be unpacked \(pack it without --long"):
        unpacked(data, "a")


def test_without_the_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
    with pytest.raises(TraceError, match=r"a is packed with zstd \(pip install 'skel-lang\[cloud\]'"):
        unpacked(b"\x28\xb5\x2f\xfd", "a")
    with pytest.raises(TraceError, match=r"a.zst asks for zstd \(pip install"):
        write_atomically(str(tmp_path / "a.zst"), lambda _: None)
    assert not list(tmp_path.iterdir())


@given(st.binary(max_size=300), st.sampled_from([b"", b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18"]))
def test_any_bytes_are_content_or_a_clear_error(data: bytes, start: bytes) -> None:
    try:
        unpacked(start + data, "a")
    except TraceError as error:
        assert error.message.startswith("a ")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("t.json.gz", "t.json"),
        ("s3://b/t.sktrace.zst", "s3://b/t.sktrace"),
        ("https://h/t.jsonl.gz?x=y.gz", "https://h/t.jsonl"),
        ("t.gzip", "t.gzip"),
    ],
)
def test_names(name: str, plain: str) -> None:
    assert plain_name(name) == plain
