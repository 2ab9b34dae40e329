"""What `pip install` gets is complete: the language and the standard library are in it, and it works by itself."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

TRIAL = """
import pathlib, skel
assert pathlib.Path(skel.__file__).is_relative_to(pathlib.Path.cwd()), skel.__file__
skel.compile('modify(kind == "CronJob", apiVersion = "batch/v1");')
from skel.kube.release import life
from skel.kube.schema import validate
assert life("batch/v1beta1", "CronJob").removed == "1.25"
assert validate({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [], "x": 1}}, "1.25")[0].pointer == "/spec/x"
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.mark.slow
def test_wheel_holds_everything(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for source in (ROOT / "grammar", ROOT / "stdlib"):
        for file in source.rglob("*"):
            if file.is_file():
                assert f"skel/_data/{file.relative_to(ROOT)}" in names
    for file in (ROOT / "skel" / "kube" / "data").iterdir():
        assert f"skel/kube/data/{file.name}" in names
    assert "skel/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "bench/", "docs/"))]


@pytest.mark.slow
def test_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < 5_000_000
    assert sum(entry.file_size for entry in zipfile.ZipFile(wheel).infolist()) < 5_000_000


@pytest.mark.slow
def test_wheel_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", TRIAL], cwd=tmp_path, env=environment, check=True)
