"""Texts that people see, kept as files beside the tests. `UPDATE_GOLDEN=1` writes them anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
_SECONDS = re.compile(r"\d+\.\d\d s\b")
_BLANKS = re.compile(r"[ \t]+$", re.MULTILINE)


def check(name: str, text: str) -> None:
    """Compare with the golden file of that name; times are not compared."""
    seen = _BLANKS.sub("", _SECONDS.sub("N s", text))
    file = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(seen, "utf-8")
    assert file.is_file(), f"{file.name} is missing: run the tests with UPDATE_GOLDEN=1"
    assert seen == file.read_text("utf-8")
