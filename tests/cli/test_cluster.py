"""`skel cluster` as people see it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from skel.cli.cluster import VERBS
from skel.cluster import binaries
from skel.cluster.control_plane import down
from skel.cluster.download import Unreachable
from skel.cluster.progress import Progress
from skel.cluster.state import home, homes
from skel.cluster.versions import Product
from tests.cli import golden
from tests.cli.conftest import Run, assert_refused
from tests.cluster.programs import need


@pytest.fixture(autouse=True)
def clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "skel" / "clusters"


@pytest.fixture
def nothing_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache, no network, no `go`."""

    def no_answer(product: Product, out: Path, progress: Progress) -> None:
        raise Unreachable("https://example.invalid can't be fetched: no network")

    monkeypatch.setenv("SKEL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.setattr(binaries, "download", no_answer)
    monkeypatch.setattr(binaries, "can_build", lambda: False)


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb(skel: Run, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = skel("cluster", verb, "--help")
    assert (result.code, result.err) == (0, "")
    golden.check(f"help-cluster-{verb}", result.text)


def test_there_are_none(skel: Run) -> None:
    result = skel("cluster", "list")
    assert (result.code, result.text, result.err) == (0, "", "there are no clusters\n")
    assert json.loads(skel("cluster", "list", "-o", "json").text) == {"schemaVersion": 1, "clusters": []}
    assert_refused(skel("cluster", "status"), "there is no cluster", "skel cluster up")
    assert skel("cluster", "down", "--all").code == 0


@pytest.mark.parametrize("verb", ["status", "kubeconfig", "logs", "down"])
def test_a_name_that_is_none(skel: Run, verb: str) -> None:
    home("real").make()
    assert_refused(skel("cluster", verb, "other"), "there is no cluster `other`", "there are: real")
    assert_refused(skel("cluster", verb, "../real"), "is no name for a cluster")


def test_which_of_two(skel: Run) -> None:
    for name in ("one", "two"):
        home(name).make()
    assert_refused(skel("cluster", "status"), "which cluster? there are one, two")


def test_one_that_was_never_finished_is_shown_and_can_be_removed(skel: Run, clusters: Path) -> None:
    home("half").make()
    golden.check("cluster-list-half", skel("cluster", "list").text)
    result = skel("cluster", "status", "half", "-o", "json")
    assert (result.code, json.loads(result.text)["status"]) == (1, "stopped")
    assert_refused(skel("cluster", "kubeconfig", "half"), "was never set up to its end", "skel cluster down half")
    assert skel("cluster", "down").text == "half is gone\n"
    assert list(clusters.iterdir()) == []


def test_one_whose_state_was_spoilt_can_be_removed(skel: Run) -> None:
    home("spoilt").make()
    home("spoilt").state.write_text("{")
    assert_refused(skel("cluster", "status"), "can't be understood", "skel cluster down spoilt")
    assert "spoilt                  ?" in skel("cluster", "list").text
    assert skel("cluster", "down").code == 0


def test_without_network_and_go(skel: Run, nothing_to_run: None, clusters: Path) -> None:
    for arguments in (("up", "--kubernetes", "1.25"), ("fetch", "1.25")):
        result = skel("cluster", *arguments)
        assert_refused(result, "kubernetes 1.25.16 is not on this machine", "install Go", "SKEL_MIRROR")
    assert not clusters.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--kubernetes RELEASE is missing"),
        (("--kubernetes", "1.99"), "there is no data for Kubernetes 1.99"),
        (("--kubernetes", "1.20"), "a control plane of Kubernetes 1.20 can't be had"),
        (("--kubernetes", "1.25", "--nodes", "2", "--nodes-from", "t.sktrace"), "exclude each other"),
        (("--kubernetes", "1.25", "--nodes", "-1"), "-1 is not in the range"),
        (("--kubernetes", "1.25", "--node-file", "none.yaml"), "'none.yaml' does not exist"),
        (("--kubernetes", "1.25", "--node-file", "bad.yaml"), "`count` in bad.yaml must be a number"),
        (("--kubernetes", "1.25", "--node-file", "other.yaml"), "a node in other.yaml has no 'cuont'"),
        (("--kubernetes", "1.25", "--nodes-from", "t.sktrace"), "t.sktrace knows no nodes"),
        (("--kubernetes", "1.25", "--port", "0"), "0 is not in the range"),
        (("A B", "--kubernetes", "1.25"), "is no name for a cluster"),
        (("--kubernetes", "1.25", "--flag", "kubelet:v=4"), "components are etcd, kube-apiserver"),
        (("--kubernetes", "1.25", "--flag", "etcd:quota"), "--flag takes COMPONENT:FLAG=VALUE, not 'etcd:quota'"),
    ],
)
def test_bad_input(skel: Run, work: Path, nothing_to_run: None, arguments: tuple[str, ...], words: str) -> None:
    (work / "bad.yaml").write_text("count: many")
    (work / "other.yaml").write_text("cuont: 3\nmetadata: {name: a}")
    assert_refused(skel("cluster", "up", *arguments), words)


def test_without_the_extra(skel: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert_refused(skel("cluster", "list"), "aiohttp and cryptography is missing", "skel-lang[replay]")


@pytest.mark.cluster
@pytest.mark.timeout(900)
def test_a_real_one(skel: Run, work: Path, clusters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need(monkeypatch, "1.25")
    (work / "nodes.yaml").write_text("{count: 2, metadata: {name: worker}}")
    try:
        result = skel("cluster", "up", "shop", "--kubernetes", "1.25", "--node-file", "nodes.yaml")
        assert result.code == 0, result
        assert "shop: Kubernetes 1.25.16, 2 nodes made, ready after" in result.text
        assert "kube-apiserver answers after" in result.err
        assert "shop                    1.25.16     running   https://127.0.0.1:" in skel("cluster", "list").text
        assert skel("cluster", "status").text.count("answers") == 5
        assert Path(skel("cluster", "kubeconfig", "--path").text.strip()).is_relative_to(clusters)
        assert "current-context: skel-shop" in skel("cluster", "kubeconfig", "shop").text
        assert skel("cluster", "logs", "-c", "kube-apiserver", "--tail", "2").text.count("\n") == 2
        assert_refused(skel("cluster", "logs", "-c", "kubelet"), "there is no component 'kubelet'", "kube-scheduler")
        assert_refused(skel("cluster", "upgrade", "--kubernetes", "1.24"), "can't go back to 1.24.17")
        assert skel("cluster", "down", "shop").text == "shop is gone\n"
    finally:
        for place in homes():
            down(place.name)
