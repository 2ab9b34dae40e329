"""The first ten minutes of a new user: a fresh clone, `make demo`, a rule of one's own, its diff, and a typo."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RULE = 'modify(kind == "Deployment" && metadata.name == "web", spec.replicas = 5);\n'
TYPO = 'modify(kind = "Deployment" && metadata.name == "web", spec.replicas = 5);\n'


def run(*words: str, at: Path, expected: int = 0) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    done = subprocess.run(
        words, cwd=at, env=clean, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_fresh_clone_demo_own_rule_diff_and_typo(tmp_path: Path) -> None:
    if not ((ROOT / ".git").exists() and shutil.which("git") and shutil.which("make")):
        pytest.skip("a fresh clone needs the repository, git and make")
    clone = tmp_path / "skel"
    run("git", "clone", "--quiet", str(ROOT), str(clone), at=tmp_path)

    demo = run("make", "demo", at=clone)
    assert "cronjob-batch-v1" in demo
    assert "+apiVersion: batch/v1" in demo
    assert (clone / "build" / "demo" / "shop-1.25.sktrace").is_file()

    skel = str(clone / ".venv" / "bin" / "skel")
    shop = str(clone / "examples" / "traces" / "shop.sktrace")
    (clone / "mine.skel").write_text(RULE)
    diff = run(skel, "transform", shop, "mine.skel", "--diff", at=clone)
    assert "Deployment shop/web" in diff
    assert "by mine.skel:1" in diff
    assert "+  replicas: 5" in diff

    (clone / "mine.skel").write_text(TYPO)
    before = Path(shop).read_bytes()
    complaint = run(skel, "transform", shop, "mine.skel", "--in-place", at=clone, expected=2)
    assert "mine.skel:1:13" in complaint
    assert "write `==`" in complaint
    assert Path(shop).read_bytes() == before
