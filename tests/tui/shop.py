"""The example trace under the explorer, driven as a person would."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from rich.segment import Segment
from textual.pilot import Pilot

from skel.findings.model import Finding
from skel.repl.session import Session
from skel.trace.model import Trace
from skel.tui.app import ExplorerApp
from skel.tui.screen import Main

ROOT = Path(__file__).resolve().parents[2]
SHOP = str(ROOT / "examples" / "traces" / "shop.sktrace")
Check = Callable[[Trace], Iterable[Finding]]


def check_for_125(trace: Trace) -> Iterable[Finding]:
    from skel.upgrade.checking import check

    return check(trace, source="1.24", target="1.25")


class Person:
    """Presses keys, and waits until the answer is there."""

    def __init__(self, app: ExplorerApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def main(self) -> Main:
        screen = self.app.screen_stack[1]
        assert isinstance(screen, Main)
        return screen

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        """Into the prompt that is open, at once."""
        from textual.widgets import Input

        self.main.query_one("#answer", Input).insert_text_at_cursor(text)
        await self.settle()

    async def settle(self) -> None:
        await self.pilot.pause()
        main = self.main
        for _ in range(400):
            if not (main.filtering.is_busy or main.trying.is_busy or main.checking.is_busy):
                break
            await self.pilot.pause(0.05)
        await self.pilot.pause()

    def screen(self) -> str:
        """What is seen, as plain text."""
        width, height = self.app.size
        lines = self.app.screen._compositor.render_strips()
        texts = ["".join(part.text for part in Segment.remove_color(line)).rstrip() for line in lines]
        assert len(texts) == height, (width, height)
        return "\n".join(texts) + "\n"


@asynccontextmanager
async def opened(
    size: tuple[int, int] = (80, 24), *, check: Check | None = None, trace: Trace | None = None
) -> AsyncIterator[Person]:
    app = ExplorerApp(Session(trace or _shop()), check)
    async with app.run_test(size=size) as pilot:
        person = Person(app, pilot)
        await person.settle()
        yield person


def _shop() -> Trace:
    trace = Trace.open(SHOP)
    trace.name = "shop.sktrace"  # whatever folder the project lies in
    return trace
