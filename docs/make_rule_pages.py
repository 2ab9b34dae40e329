"""The pages of the rules of the standard library, made from the rules and their cases; see make_pages.py."""

from __future__ import annotations

from pathlib import Path

from skel.packs.docs import INDEX, library_page, pages
from skel.packs.registry import STANDARD, available

FOLDER = Path(__file__).resolve().parent / "rules"


def rule_pages() -> dict[Path, str]:
    """Every page of `docs/rules/` with its text."""
    packs = [pack for pack in available() if pack.origin == STANDARD]
    wanted = {FOLDER / INDEX: library_page(packs)}
    for pack in packs:
        wanted |= {FOLDER / pack.name / name: text for name, text in pages(pack).items()}
    return wanted


def left_over(wanted: dict[Path, str]) -> list[Path]:
    """Pages of rules that are no more."""
    return sorted(file for file in FOLDER.rglob("*.md") if file not in wanted)
