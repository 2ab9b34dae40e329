"""The build with a `go` of our own; that the real one builds the real thing is what the real control planes show."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from skel.cluster.building import build, can_build
from skel.cluster.errors import ClusterError
from skel.cluster.progress import Silent
from skel.cluster.versions import etcd, kubernetes

# Answers as `go` does, and keeps what it was asked and the go.mod that it saw.
GO = """#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/asked"
case "$1 $2" in
"mod download")
  case "$3" in
  -json) echo "{\\"Dir\\": \\"$here/published\\"}" ;;
  *controller-manager@*) exit 1 ;;
  esac ;;
"list "*) echo one; echo two; echo three ;;
"get "*) echo "require $2" >> go.mod ;;
"build "*)
  cp go.mod "$here/seen.mod"
  env | grep -E "^(GOFLAGS|GOWORK|CGO_ENABLED|GOOS)=" > "$here/seen.env"
  if [ -f "$here/broken" ]; then echo "pkg/a" >&2; echo "pkg/b: no such thing" >&2; exit 1; fi
  echo "pkg/one" >&2; echo "pkg/two" >&2
  for out; do [ "$before" = "-o" ] && folder=$out; before=$out; done
  for name in kube-apiserver kube-controller-manager kube-scheduler server; do echo "$name" > "$folder/$name"; done ;;
esac
"""
PUBLISHED = """module k8s.io/kubernetes
replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/controller-manager => ./staging/src/k8s.io/controller-manager
	k8s.io/kube-scheduler => ./staging/src/k8s.io/kube-scheduler
)
"""


class Counted(Silent):
    def __init__(self) -> None:
        self.counts: list[tuple[int, int]] = []

    def count(self, text: str, done: int, total: int) -> None:
        self.counts.append((done, total))


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the `go`."""
    folder = tmp_path / "go"
    (folder / "published").mkdir(parents=True)
    (folder / "published" / "go.mod").write_text(PUBLISHED)
    (folder / "published" / "go.sum").write_text("")
    (folder / "go").write_text(GO)
    (folder / "go").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.defpath}")
    monkeypatch.setenv("GOFLAGS", "-mod=vendor")
    monkeypatch.setenv("GOOS", "plan9")
    return folder


def test_kubernetes(go: Path, tmp_path: Path) -> None:
    out, counted = tmp_path / "out", Counted()
    out.mkdir()
    build(kubernetes("1.25"), out, counted)
    assert sorted(path.name for path in out.iterdir()) == sorted(kubernetes("1.25").programs)
    assert counted.counts == [(1, 3), (2, 3)]


def test_a_module_that_is_missing_is_substituted_and_no_other(go: Path, tmp_path: Path) -> None:
    build(kubernetes("1.25"), tmp_path, Silent())
    seen = (go / "seen.mod").read_text()
    assert "k8s.io/controller-manager => k8s.io/controller-manager v0.24.17" in seen
    assert "k8s.io/kube-scheduler => k8s.io/kube-scheduler v0.25.16" in seen


def test_settings_of_other_projects_do_not_count(go: Path, tmp_path: Path) -> None:
    build(kubernetes("1.24"), tmp_path, Silent())
    assert sorted((go / "seen.env").read_text().split()) == ["CGO_ENABLED=0", "GOFLAGS=-buildvcs=false", "GOWORK=off"]


def test_etcd_is_named_after_its_folder(go: Path, tmp_path: Path) -> None:
    build(etcd(), tmp_path, Silent())
    assert (tmp_path / "etcd").read_text() == "server\n"
    assert f"get go.etcd.io/etcd/server/v3@v{etcd().version}" in (go / "asked").read_text()


def test_a_build_that_fails_says_what_go_said(go: Path, tmp_path: Path) -> None:
    (go / "broken").touch()
    with pytest.raises(
        ClusterError, match=r"kubernetes 1.24.17 can't be built: `go build` says\n.*\n  pkg/b: no such thing"
    ):
        build(kubernetes("1.24"), tmp_path, Silent())


def test_can_build(go: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert can_build()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not can_build()
