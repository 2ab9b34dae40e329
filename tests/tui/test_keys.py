"""The table of keys is true."""

from __future__ import annotations

from pathlib import Path

from skel.tui.keys import KEYS
from skel.tui.screen import Main

ROOT = Path(__file__).resolve().parents[2]


def test_every_key_does_something_and_only_one_thing() -> None:
    names = [name for key in KEYS for name in key.names.split(",")]
    assert len(names) == len(set(names))
    for key in KEYS:
        assert hasattr(Main, f"action_{key.action.partition('(')[0]}"), key.action


def test_the_page_lists_every_key() -> None:
    page = (ROOT / "docs" / "explorer.md").read_text("utf-8")
    for key in KEYS:
        assert f"| {key.shown} | {key.help.replace('|', chr(92) + '|')} |" in page
