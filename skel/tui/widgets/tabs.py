"""The line that says which pane is shown."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

NAMES = ("manifest", "diff", "versions", "lifetimes", "findings")


class Tabs(Widget):
    """The names with their keys; the one that is shown stands in brackets, so that no colour is needed."""

    DEFAULT_CSS = "Tabs { height: 1; }"

    class Picked(Message):
        """A name was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__(id="tabs")
        self.current = 0
        self.title = ""

    def show(self, number: int) -> None:
        self.current = number
        self.refresh()

    def entitle(self, title: str) -> None:
        """Say this instead of the names; the names again without it."""
        self.title = title
        self.refresh()

    def render_line(self, y: int) -> Strip:
        style = self.rich_style
        if self.title:
            return Strip([Segment(f"[{self.title}]", style + Style(bold=True))]).adjust_cell_length(
                self.size.width, style
            )
        segments = [
            Segment(text, style + Style(bold=number == self.current)) for number, text in enumerate(self._texts())
        ]
        return Strip(segments).adjust_cell_length(self.size.width, style)

    def on_click(self, event: Click) -> None:
        if self.title:
            return
        end = 0
        for number, text in enumerate(self._texts()):
            end += len(text)
            if event.x < end:
                self.post_message(self.Picked(number))
                return

    def _texts(self) -> list[str]:
        names = (f"{number} {name}" for number, name in enumerate(NAMES, 1))
        return [f"[{name}]" if number == self.current else f" {name} " for number, name in enumerate(names)]
