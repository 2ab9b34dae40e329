from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from skel.cluster import binaries as module
from skel.cluster.binaries import are_present, binaries, fetch, find, version_of
from skel.cluster.download import Unreachable
from skel.cluster.errors import ClusterError
from skel.cluster.progress import Progress, Silent
from skel.cluster.versions import Product, etcd, kubernetes, kwok
from tests.cluster.site import put_program

NO_NETWORK = Unreachable("https://example.invalid can't be fetched: no network")


@pytest.fixture(autouse=True)
def offline(cache: Path, monkeypatch: pytest.MonkeyPatch) -> list[Product]:
    """Nobody answers, and there is nothing on the PATH; what was tried to download."""
    tried: list[Product] = []

    def no_answer(product: Product, out: Path, progress: Progress) -> None:
        tried.append(product)
        raise NO_NETWORK

    monkeypatch.setattr(module, "download", no_answer)
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.setattr(module, "can_build", lambda: False)
    return tried


def put_in_cache(cache: Path, product: Product) -> None:
    for name in product.programs:
        put_program(cache / "bin" / f"{product.name}-{product.version}" / name, product.version)


def test_what_is_in_the_cache_is_used(cache: Path, offline: list[Product]) -> None:
    for product in (kubernetes("1.25"), etcd(), kwok()):
        put_in_cache(cache, product)
    found = binaries("1.25")
    assert found.programs["kube-apiserver"] == cache / "bin" / "kubernetes-1.25.16" / "kube-apiserver"
    assert sorted(found.programs) == sorted([*kubernetes("1.25").programs, "etcd", "kwok"])
    assert offline == []
    assert are_present("1.25")
    assert not are_present("1.24")


def test_what_is_on_the_path_is_used_if_it_is_that_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_program(tmp_path / "bin" / "etcd", etcd().version)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    assert find(etcd()) == {"etcd": tmp_path / "bin" / "etcd"}
    put_program(tmp_path / "bin" / "etcd", "3.4.0")
    assert find(etcd()) is None


def test_a_product_that_is_on_the_path_in_part_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_program(tmp_path / "bin" / "kube-apiserver", "1.25.16")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    assert find(kubernetes("1.25")) is None


def test_no_network_and_no_go_says_what_to_do() -> None:
    with pytest.raises(ClusterError, match=r"kubernetes 1\.25\.16 is not on this machine") as caught:
        binaries("1.25")
    for way in ("install Go", "SKEL_MIRROR", "PATH", "kube-apiserver"):
        assert way in caught.value.hint


def test_without_network_it_is_built(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "can_build", lambda: True)
    monkeypatch.setattr(module, "build", lambda product, out, progress: put_program(out / "etcd", product.version))
    assert fetch(etcd(), Silent()) == {"etcd": cache / "bin" / f"etcd-{etcd().version}" / "etcd"}


def test_a_wrong_sum_does_not_lead_to_a_build(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(product: Product, out: Path, progress: Progress) -> None:
        raise ClusterError("it is not what was published")

    monkeypatch.setattr(module, "download", refuse)
    monkeypatch.setattr(module, "can_build", lambda: pytest.fail("there must be no other way"))
    with pytest.raises(ClusterError, match="not what was published"):
        fetch(etcd(), Silent())


@pytest.mark.parametrize("says", ["3.4.0", "nothing"])
def test_what_says_another_version_does_not_get_into_the_cache(
    cache: Path, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    monkeypatch.setattr(module, "download", lambda product, out, progress: put_program(out / "etcd", says))
    with pytest.raises(ClusterError, match="says that it is"):
        fetch(etcd(), Silent())
    assert find(etcd()) is None
    assert [path.name for path in (cache / "bin").iterdir()] == [f".etcd-{etcd().version}.lock"]


def test_two_runs_do_the_work_once(monkeypatch: pytest.MonkeyPatch) -> None:
    works: list[str] = []
    is_working, may_end = threading.Event(), threading.Event()

    def slowly(product: Product, out: Path, progress: Progress) -> None:
        works.append(str(product))
        is_working.set()
        may_end.wait(10)
        put_program(out / "etcd", product.version)

    monkeypatch.setattr(module, "download", slowly)
    said = Said()
    runs = [threading.Thread(target=fetch, args=(etcd(), said)) for _ in range(2)]
    runs[0].start()
    is_working.wait(10)
    runs[1].start()
    said.waiting.wait(10)
    may_end.set()
    for run in runs:
        run.join()
    assert works == [str(etcd())]
    assert find(etcd())


class Said(Silent):
    """Knows when somebody began to wait."""

    def __init__(self) -> None:
        self.waiting = threading.Event()

    def say(self, text: str) -> None:
        if text.startswith("waiting for another run"):
            self.waiting.set()


def test_an_incomplete_folder_is_replaced(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_program(cache / "bin" / "kubernetes-1.25.16" / "kube-apiserver", "1.25.16")

    def complete(product: Product, out: Path, progress: Progress) -> None:
        for name in product.programs:
            put_program(out / name, product.version)

    monkeypatch.setattr(module, "download", complete)
    assert sorted(fetch(kubernetes("1.25"), Silent())) == sorted(kubernetes("1.25").programs)


def test_version_of(tmp_path: Path) -> None:
    assert version_of(put_program(tmp_path / "it", "1.25.16")) == "1.25.16"
    assert version_of(tmp_path / "nothing") == ""
    (tmp_path / "text").write_text("no program")
    assert version_of(tmp_path / "text") == ""
