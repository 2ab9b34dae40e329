"""The line that a person sees while a recording goes on: a pure function, and what draws it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from rich.console import Console
from rich.live import Live
from rich.text import Text

from skel.record.live.session import Around, Recorded
from skel.record.live.status import Figures

_PICTURE_SECONDS = 0.5
_SLOW = 1.0
"""Seconds of lag that deserve to be noticed."""
_UNITS = ("B", "kB", "MB", "GB")


def render(figures: Figures) -> Text:
    """One line of a recording, and one for each thing that is wrong."""
    line = Text.assemble(("recording", "bold"), f" {clock(figures.now - figures.started)}")
    events = figures.counts.applied + figures.counts.deleted
    parts = [f"{figures.objects:,} objects", f"{events:,} events", f"{figures.rate:.1f} a second"]
    parts += [f"{figures.pods:,} pods"] if figures.pods else []
    parts += [size(figures.journal_bytes)]
    line.append("  " + ", ".join(parts))
    if not figures.is_ready:
        line.append("  listing what is there", "yellow")
    late = max(figures.lag, figures.unwritten - 1.0)
    line.append(f"  lag {late:.1f} s", "yellow" if late >= _SLOW else "dim")
    for problem in figures.problems[:3]:
        line.append(f"\n! {problem}", "yellow")
    return line


def clock(seconds: float) -> str:
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def size(count: float) -> str:
    """Bytes for people."""
    for unit in _UNITS[:-1]:
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} {_UNITS[-1]}"


def watching(console: Console) -> Around:
    """Draw the line while a recording goes on."""

    @asynccontextmanager
    async def around(recorded: Recorded) -> AsyncIterator[None]:
        with Live(render(recorded.recorder.figures()), console=console, auto_refresh=False, transient=True) as live:
            task = asyncio.create_task(_draw(live, recorded))
            try:
                yield
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    return around


async def _draw(live: Live, recorded: Recorded) -> None:
    while True:
        live.update(render(recorded.recorder.figures()), refresh=True)
        await asyncio.sleep(_PICTURE_SECONDS)


def telling() -> Around:
    """Where nobody watches a terminal: a sentence when something goes wrong, and when it is well again."""

    @asynccontextmanager
    async def around(recorded: Recorded) -> AsyncIterator[None]:
        task = asyncio.create_task(_tell(recorded))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return around


async def _tell(recorded: Recorded) -> None:
    was_ready, known = False, frozenset[str]()
    while True:
        figures = recorded.recorder.figures()
        problems = frozenset(figures.problems)
        for problem in sorted(problems - known):
            recorded.outlet.tell(problem)
        if known and not problems:
            recorded.outlet.tell("everything is watched again")
        if figures.is_ready and not was_ready:
            recorded.outlet.tell(f"recording {figures.objects:,} objects of {len(recorded.recorder.feeds)} kinds")
        was_ready, known = figures.is_ready, problems
        await asyncio.sleep(1.0)
