from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.small import small_trace

TRACE = small_trace().to_bytes()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with four traces below `traces`, one of them damaged, and something else."""
    monkeypatch.chdir(tmp_path)
    traces = tmp_path / "traces"
    (traces / "deep").mkdir(parents=True)
    for name in ("b.sktrace", "a.sktrace", "deep/c.sktrace"):
        (traces / name).write_bytes(TRACE)
    (traces / "broken.sktrace").write_bytes(TRACE[:-20])
    (traces / "notes.txt").write_text("no trace")
    return traces
