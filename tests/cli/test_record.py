"""`skel record`: what it refuses, and how it says so. tests/record holds what it records."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def here(skel: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the kubeconfig of a cluster that does not answer."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "kubeconfig").write_text(
        "current-context: t\ncontexts: [{name: t, context: {cluster: t}}]\n"
        "clusters: [{name: t, cluster: {server: 'http://127.0.0.1:9'}}]\n"
    )
    monkeypatch.setenv("KUBECONFIG", str(here / "kubeconfig"))
    monkeypatch.chdir(here)
    return here


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "say where the trace goes with --output, or --serve it"),
        (["-o", "x.sktrace", "--rotate", "1h"], "--rotate makes many traces"),
        (["-o", "x.sktrace", "--for", "soon"], "a duration such as 90s, 1h30m or 2d, not 'soon'"),
        (["-o", "d/", "--rotate-size", "big"], "--rotate-size takes a size such as 64MB, not 'big'"),
        (["--serve", "8080"], "--serve takes [HOST]:PORT, not '8080'"),
        (["--serve", ":99999"], "--serve takes [HOST]:PORT"),
        (["-o", "x.sktrace", "--drop", "status"], "there is no `status` to drop"),
        (["-o", "x.sktrace", "--context", "other"], "there is no context `other`"),
        (["-o", "x.sktrace", "--config", "absent.yaml"], "absent.yaml can't be read: no such file"),
        (["-o", "there.sktrace"], "there.sktrace is there already"),
    ],
)
def test_what_makes_no_sense(skel: Run, here: Path, words: list[str], message: str) -> None:
    (here / "there.sktrace").write_bytes(b"")
    result = skel("record", *words)
    assert (result.code, result.text) == (2, "")
    assert message in result.err
    assert sorted(path.name for path in here.iterdir()) == ["kubeconfig", "there.sktrace"]


def test_a_cluster_that_does_not_answer(skel: Run, here: Path) -> None:
    result = skel("record", "-o", "x.sktrace")
    assert result.code == 2
    assert "http://127.0.0.1:9 gave no answer" in result.err
    assert sorted(path.name for path in here.iterdir()) == ["kubeconfig"]
