from __future__ import annotations

import io
import json
import os
import platform
import sys
import tarfile
from pathlib import Path

import pytest

from skel.cluster.download import Unreachable, download, downloads, mirrored, published_sum
from skel.cluster.errors import ClusterError
from skel.cluster.progress import Silent
from skel.cluster.versions import Product, etcd, kubernetes, kwok
from tests.cluster.site import program, sha256, site

SUM = "a" * 64
OTHER = "b" * 64


@pytest.fixture(autouse=True)
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")


def served(product: Product, *, spoil: bool = False) -> dict[str, bytes]:
    """What a mirror holds for a product; `spoil` changes the files behind their sums."""
    files: dict[str, bytes] = {}
    for item in downloads(product):
        content = program(product.version)
        if item.member:
            content = packed(item.member, content)
        release = {"assets": [{"name": "other", "digest": f"sha256:{OTHER}"}]}
        release["assets"].append({"name": item.file, "digest": f"sha256:{sha256(content)}"})
        sums = json.dumps(release) if "/api.github.com/" in item.sums else f"{sha256(content)}  {item.file}\n"
        files[item.url.removeprefix("https:/")] = content + b"!" if spoil else content
        files[item.sums.removeprefix("https:/")] = sums.encode()
    return files


def packed(member: str, content: bytes) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        info = tarfile.TarInfo(member)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return raw.getvalue()


@pytest.mark.parametrize("product", [kubernetes("1.25"), etcd(), kwok()], ids=str)
def test_programs_are_downloaded_from_a_mirror(
    product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site(served(product)) as (address, asked):
        monkeypatch.setenv("SKEL_MIRROR", address + "/")
        download(product, tmp_path, Silent())
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(product.programs)
    assert all(path.read_bytes() == program(product.version) for path in tmp_path.iterdir())
    assert all(os.access(path, os.X_OK) for path in tmp_path.iterdir())
    assert all(path.startswith(("/dl.k8s.io/", "/github.com/", "/api.github.com/")) for path in asked)


def test_what_does_not_hash_to_the_published_sum_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with site(served(kubernetes("1.25"), spoil=True)) as (address, _):
        monkeypatch.setenv("SKEL_MIRROR", address)
        with pytest.raises(ClusterError, match="is not what was published: its sha256 is") as caught:
            download(kubernetes("1.25"), tmp_path, Silent())
    assert not isinstance(caught.value, Unreachable), "another way must not be tried in silence"


def test_a_program_without_a_published_sum_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {path: content if path.endswith("amd64") else b"{}" for path, content in served(kwok()).items()}
    with site(files) as (address, _):
        monkeypatch.setenv("SKEL_MIRROR", address)
        with pytest.raises(Unreachable, match="no sha256 of kwok-linux-amd64"):
            download(kwok(), tmp_path, Silent())
    assert not list(tmp_path.iterdir())


def test_a_mirror_without_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with site({}) as (address, _):
        monkeypatch.setenv("SKEL_MIRROR", address)
        with pytest.raises(Unreachable, match="404"):
            download(etcd(), tmp_path, Silent())


def test_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with site({}) as (address, _):
        pass
    monkeypatch.setenv("SKEL_MIRROR", address)
    with pytest.raises(Unreachable, match=f"{address}/github.com/.* can't be fetched"):
        download(etcd(), tmp_path, Silent())


def test_a_mirror_that_is_no_web_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKEL_MIRROR", f"file://{tmp_path}")
    with pytest.raises(ClusterError, match="SKEL_MIRROR must begin with https://"):
        download(etcd(), tmp_path, Silent())


def test_other_machines_have_no_releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert downloads(kubernetes("1.25")) == ()
    with pytest.raises(Unreachable, match="not released for this machine"):
        download(kubernetes("1.25"), tmp_path, Silent())


def test_without_a_mirror_the_official_sites_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SKEL_MIRROR", raising=False)
    urls = [mirrored(item.url) for product in (kubernetes("1.25"), etcd(), kwok()) for item in downloads(product)]
    assert urls[0] == "https://dl.k8s.io/release/v1.25.16/bin/linux/amd64/kube-apiserver"
    assert all(url.startswith(("https://dl.k8s.io/", "https://github.com/")) for url in urls)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{SUM}\n", SUM),
        (f"{OTHER}  other\n{SUM}  file.tar.gz\n", SUM),
        (f"{SUM} *file.tar.gz\n", SUM),
        (f'{{"assets": [{{"name": "x", "digest": null}}, {{"name": "file.tar.gz", "digest": "sha256:{SUM}"}}]}}', SUM),
        (f'{{"assets": [{{"name": "file.tar.gz", "digest": null}}, {{"name": "x", "digest": "sha256:{SUM}"}}]}}', ""),
        (f"{SUM}  file.tar.gz.asc\n", ""),
        (f"{SUM}  fileXtar.gz\n", ""),
        ("<html>not here</html>", ""),
        ("", ""),
    ],
)
def test_published_sum(text: str, expected: str) -> None:
    assert published_sum(text, "file.tar.gz") == expected
