"""The page of keys."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from skel.tui.keys import KEYS
from skel.tui.widgets.lines import Lines


def key_lines() -> list[str]:
    """A line a key."""
    width = max(len(key.shown) for key in KEYS)
    return [f" {key.shown:<{width}}  {key.help}" for key in KEYS]


class Help(ModalScreen[None]):
    """All keys; the next one closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter,ctrl+c", "dismiss", "close", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
    ]
    CSS = "Help { align: center middle; } Help Lines { width: 76; max-width: 100%; height: 90%; border: round; }"

    def compose(self) -> ComposeResult:
        lines = Lines(id="keys")
        lines.border_title = "keys"
        lines.border_subtitle = "Esc closes"
        yield lines

    def on_mount(self) -> None:
        self.query_one(Lines).show(key_lines())

    def action_scroll(self, lines: int) -> None:
        self.query_one(Lines).scroll_relative(y=lines, animate=False)
