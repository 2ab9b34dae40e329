"""The chart above the timeline: how much happened when, and where we are."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from skel.tui.density import Axis, chart, counts
from skel.tui.explorer import Explorer


class Density(Widget):
    """Blocks for the rows that are shown; the column of the cursor is reversed, its foot an arrow."""

    DEFAULT_CSS = "Density { height: 3; }"

    class Picked(Message):
        """A time was clicked, in Unix seconds."""

        def __init__(self, time: int) -> None:
            super().__init__()
            self.at = time

    def __init__(self, explorer: Explorer) -> None:
        super().__init__(id="density")
        self.explorer = explorer
        self._axis = Axis(0, 0, 1)
        self._lines: list[str] = []

    def follow(self) -> None:
        """Count again: other rows are shown, or the screen has another width."""
        explorer = self.explorer
        self._axis = explorer.axis(self.size.width)
        times = (explorer.rows[number].time for number in explorer.shown)
        self._lines = chart(counts(self._axis, times), max(1, self.size.height))
        self.refresh()

    def on_resize(self) -> None:
        self.follow()

    def on_click(self, event: Click) -> None:
        self.post_message(self.Picked(self._axis.time(event.x)))

    def render_line(self, y: int) -> Strip:
        width, style = self.size.width, self.rich_style
        if y >= len(self._lines):
            return Strip.blank(width, style)
        line = self._lines[y].ljust(width)
        row = self.explorer.row
        if row is None:
            return Strip([Segment(line, style)])
        here = self._axis.column(row.time)
        return Strip(
            [
                Segment(line[:here], style),
                Segment(line[here : here + 1], style + Style(reverse=True)),
                Segment(line[here + 1 :], style),
            ]
        )
