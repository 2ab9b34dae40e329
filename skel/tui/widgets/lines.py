"""A pane of many lines, of which only those are drawn that are seen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

_ESCAPE = "\x1b"


class Lines(ScrollView):
    """Lines that may hold the colours of a terminal; nothing in them is taken for markup."""

    DEFAULT_CSS = "Lines { height: 1fr; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  (textual's own name)
        super().__init__(id=id)
        self._lines: Sequence[str] = ()
        self._base = Style()
        self.can_focus = False

    @property
    def plain(self) -> list[str]:
        """What is in it, without colours."""
        return [_parsed(line).plain for line in self._lines]

    def show(self, lines: Sequence[str]) -> None:
        """Show these instead, from the top."""
        self._lines = lines
        width = max(map(_width, lines), default=0)
        self.virtual_size = Size(width, len(lines))
        self.scroll_to(0, 0, animate=False)
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        self._base = self.rich_style  # asks all widgets around it: once a picture, not once a line
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        left, top = self.scroll_offset
        number = top + y
        style = self._base
        if number >= len(self._lines):
            return Strip.blank(self.size.width, style)
        return self._strip(self._lines[number], style).crop_extend(left, left + self.size.width, style)

    def _strip(self, line: str, style: Style) -> Strip:
        if _ESCAPE not in line:
            return Strip([Segment(line, style)])
        return Strip(_parsed(line).render(self.app.console)).apply_style(style)


def _parsed(line: str) -> Text:
    return Text.from_ansi(line, no_wrap=True, end="")


def _width(line: str) -> int:
    """Columns of the terminal: colours take none, and some characters two."""
    return _parsed(line).cell_len if _ESCAPE in line else cell_len(line)
