"""Files that hold what a person should see. `UPDATE_GOLDEN=1 pytest tests/language` writes them again."""

from __future__ import annotations

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))


def check_golden(file: Path, text: str) -> None:
    if UPDATE:
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8"), f"{file.name} says otherwise; if it should, run with UPDATE_GOLDEN=1"
