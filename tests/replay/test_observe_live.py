"""What a person sees while a replay goes on."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.console import Console

from skel.replay.clock import Pace
from skel.replay.live_view import Rate, Scene, Spectator, clock, render, showing
from skel.replay.plan import Progress
from skel.replay.schedule import Window

GOLDEN = Path(__file__).parent / "golden"
SCENE = Scene(
    target="local:1.25.16",
    speed=60.0,
    progress=Progress(time=412.6, length=1134.0, behind=0.2, steps=1234, rejected=0),
    rate=41.7,
    phases={"Running": 812, "Pending": 40, "Succeeded": 7},
)
BUSY = replace(
    SCENE,
    speed=None,
    progress=Progress(time=7300, length=7200, behind=12.34, steps=98765, rejected=3, is_paused=True),
    phases={**SCENE.phases, "Failed": 2, "Unknown": 1, "Odd": 5},
    fallbacks=1500,
    problems=tuple(f"metrics of kube-scheduler: no answer at {number} s" for number in range(5)),
)
EMPTY = Scene("context:kind-kwok", 1.0, Progress(0.0, 0.0, 0.0, 0, 0))


def drawn(scene: Scene, width: int = 100, *, terminal: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=None)
    console.print(render(scene))
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"


@pytest.mark.parametrize(
    ("name", "scene", "width"),
    [("live", SCENE, 100), ("live-busy", BUSY, 100), ("live-empty", EMPTY, 100), ("live-narrow", BUSY, 48)],
)
def test_scenes(name: str, scene: Scene, width: int) -> None:
    file, seen = GOLDEN / f"{name}.txt", drawn(scene, width)
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(seen, "utf-8")
    assert seen == file.read_text("utf-8")


def test_drawing_is_pure() -> None:
    assert drawn(BUSY) == drawn(BUSY)


def test_problems_are_text_and_no_markup() -> None:
    assert "[red]x[/red]" in drawn(replace(SCENE, problems=("[red]x[/red]",), target="[bold]y"))
    assert "[bold]y" in drawn(replace(SCENE, target="[bold]y"))


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.9, "0:59"), (3599, "59:59"), (3661, "1:01:01")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_the_rate_is_of_the_last_seconds() -> None:
    time = 0.0
    rate = Rate(lambda: time)
    assert rate.at(0) == 0
    for second in range(1, 5):
        time = float(second)
        assert rate.at(100 * second) == 100
    time = 10.0
    assert rate.at(400) == 0


@dataclass(frozen=True)
class Pods:
    phases: Mapping[str, int]
    fallbacks: int = 0
    problems: tuple[str, ...] = ()


def test_a_spectator_sees_the_last_progress_and_what_is_watched() -> None:
    spectator = Spectator("dry:1.25", None)
    assert spectator.scene() is None
    watched = Spectator(SCENE.target, SCENE.speed, Pods(SCENE.phases))
    for each in (spectator, watched):
        each.show(replace(SCENE.progress, steps=1))
        each.show(SCENE.progress)
    alone, seen = spectator.scene(), watched.scene()
    assert alone is not None
    assert seen is not None
    assert (alone.progress, alone.phases) == (SCENE.progress, {})
    assert replace(seen, rate=SCENE.rate) == SCENE


class Hand:
    """A clock that is set by hand."""

    at = 0.0

    def now(self) -> float:
        return self.at

    def time(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


def test_time_goes_on_between_two_moments_and_not_in_a_pause() -> None:
    clock = Hand()
    pace, spectator = Pace(clock), Spectator("local:1.25", 60.0)
    spectator.show(Progress(time=30, length=300, behind=0, steps=1, rejected=0))
    spectator.begin(pace, Window(speed=60.0))

    def now() -> tuple[float, bool]:
        scene = spectator.scene()
        assert scene is not None
        return scene.progress.time, scene.progress.is_paused

    assert now() == (30, False)
    clock.at = 2.0
    assert now() == (120, False)
    pace.pause()
    clock.at = 4.0
    assert now() == (120, True)
    pace.resume()
    clock.at = 60.0
    assert now() == (300, False), "not beyond the end"


def test_only_somebody_who_looks_is_shown_something() -> None:
    def scene() -> Scene:
        pytest.fail("nobody looks")

    file = io.StringIO()
    with showing(Console(file=file), scene):
        pass
    assert file.getvalue() == ""


def test_a_terminal_is_drawn_on_and_left_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=80)
    with showing(console, lambda: SCENE):
        console.print("a sentence")
    text = file.getvalue()
    assert "1,234 sent" in text
    assert "a sentence" in text
    assert text.endswith("\x1b[2K") or "\x1b[?25h" in text
