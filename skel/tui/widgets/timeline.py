"""The rows of the timeline. A hundred thousand cost no more than the twenty that are seen."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from skel.findings.severity import Severity
from skel.tui.details import SIGN_COLOURS
from skel.tui.explorer import Explorer
from skel.tui.rows import clock

_MARKS = {Severity.ERROR: ("!", "red"), Severity.WARNING: ("*", "yellow"), Severity.INFO: ("i", "cyan")}


class Timeline(ScrollView):
    """Time, what happened, to which object, and a mark if a check found something."""

    DEFAULT_CSS = "Timeline { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }"

    class Picked(Message):
        """A row was clicked; `cursor` is its place among those that are shown."""

        def __init__(self, cursor: int) -> None:
            super().__init__()
            self.cursor = cursor

    def __init__(self, explorer: Explorer) -> None:
        super().__init__(id="timeline")
        self.explorer = explorer
        self.can_focus = False
        self._wide = 0
        self._base = Style()

    def follow(self) -> None:
        """Draw what the explorer has now, with its cursor in sight."""
        rows = self.explorer.rows
        self._wide = max((len(clock(row.time - self.explorer.start)) for row in (*rows[:1], *rows[-1:])), default=0)
        self.virtual_size = Size(0, len(self.explorer.shown))
        self.scroll_to_region(
            Region(0, self.explorer.cursor, 1, 1), animate=False, force=True, immediate=True, x_axis=False
        )
        self.refresh()

    @property
    def page(self) -> int:
        """Rows in sight."""
        return max(1, self.size.height)

    def on_click(self, event: Click) -> None:
        self.post_message(self.Picked(self.scroll_offset.y + event.y))

    def render_lines(self, crop: Region) -> list[Strip]:
        self._base = self.rich_style  # asks all widgets around it: once a picture, not once a line
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        number = self.scroll_offset.y + y
        width, base = self.size.width, self._base
        if number >= len(self.explorer.shown):
            return Strip.blank(width, base)
        # The cursor is told by reversed colours, which every terminal has.
        own = base + Style(reverse=True) if number == self.explorer.cursor else base
        return Strip(self._segments(number, own)).adjust_cell_length(width, own)

    def _segments(self, number: int, style: Style) -> list[Segment]:
        explorer = self.explorer
        row = explorer.rows[explorer.shown[number]]
        mark, colour = self._mark(number)
        return [
            Segment("▸" if number == explorer.cursor else " ", style),
            Segment(f"{clock(row.time - explorer.start):>{self._wide}} ", style + Style(dim=True)),
            Segment(f"{row.sign} ", style + Style(color=SIGN_COLOURS[row.sign])),
            Segment(f"{mark} ", style + Style(color=colour, bold=True)),
            Segment(row.title, style),
        ]

    def _mark(self, number: int) -> tuple[str, str | None]:
        found = self.explorer.findings.get(self.explorer.rows[self.explorer.shown[number]].who)
        if not found:
            return " ", None
        return _MARKS[min((finding.severity for finding in found), key=tuple(Severity).index)]
