"""A pane of many lines, of which only those are drawn that are seen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip


class Lines(ScrollView):
    """Lines that may hold the colours of a terminal; nothing in them is taken for markup."""

    DEFAULT_CSS = "Lines { height: 1fr; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  (textual's own name)
        super().__init__(id=id)
        self._lines: Sequence[str] = ()
        self.can_focus = False

    @property
    def plain(self) -> list[str]:
        """What is in it, without colours."""
        return [Text.from_ansi(line).plain for line in self._lines]

    def show(self, lines: Sequence[str]) -> None:
        """Show these instead, from the top."""
        self._lines = lines
        width = max((len(line) for line in lines), default=0)
        self.virtual_size = Size(width, len(lines))
        self.scroll_to(0, 0, animate=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        left, top = self.scroll_offset
        number = top + y
        style = self.rich_style
        if number >= len(self._lines):
            return Strip.blank(self.size.width, style)
        text = Text.from_ansi(self._lines[number], no_wrap=True, end="")
        strip = Strip(text.render(self.app.console)).apply_style(style)
        return strip.crop_extend(left, left + self.size.width, style)
