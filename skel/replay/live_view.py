"""How a replay looks while it goes on: a pure function from a state to what rich draws, and what draws it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from skel.replay.clock import Pace
from skel.replay.plan import Progress
from skel.replay.schedule import Window

_PHASES = (
    ("Pending", "yellow"),
    ("Running", "green"),
    ("Succeeded", "blue"),
    ("Failed", "red"),
    ("Unknown", "magenta"),
)
_MOST_PROBLEMS = 3
_LATE = 1.0
"""Seconds behind the schedule that deserve to be noticed."""
_WINDOW = 3.0
"""Seconds over which the rate is counted."""
_PICTURES = 4
"""How often it is drawn in a second."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What can be seen at one moment. `rate` is objects a second; `behind` and times are seconds."""

    target: str
    speed: float | None
    progress: Progress
    rate: float = 0.0
    phases: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    fallbacks: int = 0
    problems: tuple[str, ...] = ()


def render(scene: Scene) -> RenderableType:
    """Draw a scene; it takes as much room as there is."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    table.add_row("replay", _headline(scene))
    table.add_row("time", _time(scene.progress))
    table.add_row("objects", _objects(scene))
    if scene.phases:
        table.add_row("pods", _pods(scene.phases))
    if scene.fallbacks:
        table.add_row("lifetimes", f"{scene.fallbacks:,} pods by a fallback: their specs were not recorded")
    lines: list[RenderableType] = [table]
    lines += [Text(f"! {problem}", style="yellow") for problem in scene.problems[-_MOST_PROBLEMS:]]
    more = len(scene.problems) - _MOST_PROBLEMS
    if more > 0:
        lines.append(Text(f"  and {more} more before", style="dim"))
    return Group(*lines)


def _headline(scene: Scene) -> Text:
    speed = "as fast as it goes" if scene.speed is None else f"{scene.speed:g} times as fast as it was"
    text = Text.assemble((scene.target, "bold"), f", {'as fast as it was' if scene.speed == 1 else speed}")
    return text.append("  paused", "bold yellow") if scene.progress.is_paused else text


def _time(progress: Progress) -> RenderableType:
    row = Table.grid(padding=(0, 2))
    bar = ProgressBar(total=progress.length or 1.0, completed=min(progress.time, progress.length) or 0.0, width=30)
    late = Text(f"{progress.behind:.1f} s behind", style="bold red") if progress.behind >= _LATE else Text("on time")
    row.add_row(Text(f"{clock(progress.time)} of {clock(progress.length)}"), bar, late)
    return row


def _objects(scene: Scene) -> Text:
    progress = scene.progress
    text = Text(f"{progress.steps:,} sent, {scene.rate:,.0f}/s, ")
    return text.append(f"{progress.rejected:,} rejected", "bold red" if progress.rejected else "")


def _pods(phases: Mapping[str, int]) -> Text:
    known = [(phases[phase], phase, style) for phase, style in _PHASES if phases.get(phase)]
    return Text(", ").join(Text(f"{count:,} {phase.lower()}", style=style) for count, phase, style in known)


def clock(seconds: float) -> str:
    """`1:02:03`, or `2:03` within the first hour."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Rate:
    """Objects a second over the last moments."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._seen: deque[tuple[float, int]] = deque()

    def at(self, steps: int) -> float:
        """Take the count of now, and give the rate."""
        now = self._now()
        self._seen.append((now, steps))
        while now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()
        then, before = self._seen[0]
        return (steps - before) / (now - then) if now > then else 0.0


class Watched(Protocol):
    """What is known of a cluster besides the requests."""

    @property
    def phases(self) -> Mapping[str, int]: ...

    @property
    def fallbacks(self) -> int: ...

    @property
    def problems(self) -> tuple[str, ...]: ...


class Spectator:
    """Hears of progress, and makes a scene of the last that it heard and of what is watched."""

    def __init__(self, target: str, speed: float | None, watched: Watched | None = None) -> None:
        self._target = target
        self._speed = speed
        self.watched = watched
        self._rate = Rate()
        self._progress: Progress | None = None
        self._clock: tuple[Pace, Window] | None = None

    def begin(self, pace: Pace, window: Window) -> None:
        """From now on time goes on between two moments as well."""
        self._clock = pace, window

    def show(self, progress: Progress) -> None:
        self._progress = progress

    def scene(self) -> Scene | None:
        """The one of now; None before anything has begun."""
        progress, watched = self._now(), self.watched
        if progress is None:
            return None
        rate = self._rate.at(progress.steps)
        if watched is None:
            return Scene(self._target, self._speed, progress, rate)
        seen = dict(watched.phases)
        return Scene(self._target, self._speed, progress, rate, seen, watched.fallbacks, watched.problems)

    def _now(self) -> Progress | None:
        progress = self._progress
        if progress is None or self._clock is None:
            return progress
        pace, window = self._clock
        time = window.start + pace.elapsed() * window.speed if window.speed else progress.time
        # Behind schedule, the next moment is due but has not come.
        return replace(progress, time=max(progress.time, min(time, progress.length)), is_paused=pace.is_paused)


@contextmanager
def showing(console: Console, scene: Callable[[], Scene | None]) -> Iterator[None]:
    """Draw scenes while the block runs, if somebody looks: on a terminal. What is printed meanwhile stands above.

    `scene` gives the one of now, None while there is nothing to see.
    """
    if not console.is_terminal or console.is_dumb_terminal:
        yield
        return

    def draw() -> RenderableType:
        now = scene()
        return render(now) if now is not None else Text()

    with Live(get_renderable=draw, console=console, refresh_per_second=_PICTURES, transient=True):
        yield
