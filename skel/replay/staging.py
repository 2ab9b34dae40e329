"""Plays the parts of a rehearsal with the driver, each against a target of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from secrets import token_hex

from skel.replay.driver import Driver
from skel.replay.errors import ReplayError
from skel.replay.plan import Plan, Voice
from skel.replay.rehearsal import Scene
from skel.replay.rehearse import Part, Play
from skel.replay.result import Ended, RunResult
from skel.replay.run_folder import RunFolder
from skel.replay.running import Open, play
from skel.replay.schedule import Window
from skel.replay.target import Target

Stage = Callable[[str], AbstractContextManager[Open]]
"""What opens a target of a release; what was started for it ends with the context."""


Drive = Callable[[Plan, Target, RunFolder], Driver]


def staged(
    stage: Stage,
    scene: Scene,
    *,
    speed: float | None = None,
    voice: Voice | None = None,
    drive: Drive | None = None,
) -> Play:
    """A function that plays a part: fast as it goes, or at a speed. An interrupt ends the rehearsal, cleaned up.

    `drive` makes the driver, for targets that need more than one with a `voice`.
    """

    def plain(plan: Plan, target: Target, folder: RunFolder) -> Driver:
        return Driver(plan, target, folder=folder, voice=voice)

    def run(part: Part) -> None:
        plan = Plan(
            trace=part.trace,
            simulation=f"skel-{token_hex(4)}",
            inputs=scene.inputs,
            manifests=scene.manifests,
            window=Window(speed=speed),
            # What a stage starts is there for nothing else.
            known_cluster=True,
            source=scene.source,
            tool=scene.tool,
        )
        with stage(part.release) as open_target:
            result = play(open_target, lambda target: (drive or plain)(plan, target, RunFolder(part.folder)))
        _refuse(part, result)

    return run


def _refuse(part: Part, result: RunResult) -> None:
    if result.ended is Ended.INTERRUPTED:
        raise KeyboardInterrupt
    if result.error:
        raise ReplayError(f"the {part.title} could not be played: {result.error}", result.hint)
