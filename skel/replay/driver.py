"""A whole run: look before the first write, hooks, rounds, clean-up whatever happens, and the record of it all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, closing, nullcontext
from dataclasses import replace

from skel.client.errors import ClientError
from skel.patch.values import Json
from skel.replay.clock import Clock, Pace, SystemClock
from skel.replay.errors import ReplayError
from skel.replay.hooks import Point, run_hooks
from skel.replay.house import House, by_hand
from skel.replay.journal import Journal, read_journal
from skel.replay.namespaces import Namespaces
from skel.replay.plan import Plan, Voice
from skel.replay.player import Attempt, Player, Stopped
from skel.replay.recorder import Recorder
from skel.replay.repair import Repairs
from skel.replay.result import Ended, RunResult
from skel.replay.retry import Sender
from skel.replay.run_folder import Progressed, RunFolder
from skel.replay.run_info import beginning, described, ending
from skel.replay.safety import refuse_real_cluster
from skel.replay.schedule import length, schedule
from skel.replay.shards import Shards
from skel.replay.steps import Steps
from skel.replay.target import Model, Target
from skel.replay.virtual import Simulation
from skel.trace.codec import without_gc

Around = Callable[[Simulation, Pace, int], AbstractAsyncContextManager[None]]
"""What goes on beside a round, from its root object to its last step: it gets the simulation, the time of the run and
the number of the round."""


class Driver:
    """Runs a plan once. To interrupt it, cancel the task that runs it: it cleans up and returns; cancelled once more it
    leaves things as they are.
    """

    def __init__(
        self,
        plan: Plan,
        target: Target,
        *,
        folder: RunFolder | None = None,
        clock: Clock | None = None,
        voice: Voice | None = None,
        around: Sequence[Around] = (),
    ) -> None:
        """`folder` is where the record goes, None for none; `around` goes around each round, the first one outside."""
        self._plan = plan
        self._target = target
        self._folder = folder
        self._clock = clock or SystemClock()
        self._voice = voice or Voice()
        self._around = tuple(around)
        self.facts: Callable[[], Mapping[str, Json]] = dict
        """Asked for at the end; what it says stands in `run.json` as well."""
        self.pace = Pace(self._clock)
        self._sender = Sender(target, self._clock, plan.patience)
        self._info = beginning(plan, target, self._clock.time())
        self._left = ""
        self._trouble: ClientError | None = None
        self._ended = Ended.COMPLETE
        self._is_told_again = False
        """Whether the round was played by a former attempt."""

    async def run(self, *, resume: bool = False) -> RunResult:
        """`resume`: take up the run in the folder again.

        Raises ReplayError for what is wrong before the first write; what happens afterwards stands in the result.
        """
        if not (self._target.is_dry or self._plan.known_cluster):
            await refuse_real_cluster(self._sender, self._target.name)
        before, journal = self._open(resume=resume)
        recorder = self._recorder(journal)
        if before is not None and self._folder is not None:
            for line in read_journal(self._folder.requests):
                before.add(line.round, line.step)
                recorder.recall(line)
        began = self._clock.now()
        try:
            await self._carry_out(recorder, before)
        finally:
            if journal is not None:
                self._close(journal)
        return self._finish(recorder, self._clock.now() - began)

    async def _carry_out(self, recorder: Recorder, before: Progressed | None) -> None:
        """Everything that writes; how it went wrong is remembered."""
        try:
            await self._rounds(recorder, before)
        except asyncio.CancelledError:
            self._ended = Ended.INTERRUPTED
            task = asyncio.current_task()
            assert task is not None
            task.uncancel()
        except Stopped:
            self._ended = Ended.FAILED
        except ClientError as error:
            self._fail(error)

    async def _rounds(self, recorder: Recorder, before: Progressed | None) -> None:
        try:
            await self._hooks(Point.PRE_START)
            # A model has forgotten what a former attempt did, and hears it again.
            first = before.round if before and not self._target.is_dry else 0
            for number in range(first, self._plan.repeat):
                self._is_told_again = before is not None and number < before.round
                await self._round(number, recorder, before.of_round(number) if before else None)
        finally:
            await self._hooks_behind(Point.POST_STOP)

    async def _round(self, number: int, recorder: Recorder, before: Progressed | None) -> None:
        await self._hooks(Point.PRE_RUN)
        plan, dry = self._plan, self._target.is_dry
        simulation = Simulation(plan.simulation, Namespaces(plan.prefix), None, _tracked(plan))
        house = House(self._sender, self._clock, simulation, dry=dry, rooms=plan.rooms)
        try:
            await house.open()
            steps = Steps(self._target, self._sender, house, self._clock, number)
            # Nothing is to go out behind an object that may end the run.
            at_once = 1 if plan.fail_fast else plan.at_once
            attempt = Attempt(number, at_once, plan.fail_fast, dry, before)
            shards = Shards(steps, self._sender, self.pace, workers=None if self._may_share(number) else 0)
            player = Player(steps, recorder, self.pace, attempt, shards)
            # A dry run makes objects as fast as it can and keeps none, and a walk through them would find nothing.
            with without_gc() if dry else nullcontext(), closing(shards):
                async with AsyncExitStack() as beside:
                    for around in self._around:
                        await beside.enter_async_context(around(house.simulation, self.pace, number))
                    await player.play(schedule(plan.trace, plan.window))
        finally:
            await self._leave(house, is_last=number == plan.repeat - 1)
            await self._hooks_behind(Point.POST_RUN)

    def _may_share(self, round_number: int) -> bool:
        """Whether the round may go to workers: then the model does not know what they did, and nobody may need it."""
        is_last = round_number == self._plan.repeat - 1
        return isinstance(self._target, Model) and is_last and not self._around

    async def _leave(self, house: House, *, is_last: bool) -> None:
        if self._target.is_dry:
            return
        self._left = self._plan.simulation
        if self._plan.keep and is_last:
            return
        self._voice.tell("cleaning up ...")
        try:
            if await house.clean_up():
                self._left = ""
            else:
                raise ReplayError("the clean-up takes too long", f"go on by hand: {by_hand(self._left)}")
        except ClientError as error:
            self._fail(error)

    async def _hooks(self, point: Point) -> None:
        hooks = self._plan.hooks.get(point, ())
        if hooks and not self._is_told_again:
            self._voice.tell(f"running {point}")
            await run_hooks(hooks, self._as_simulation(), self._voice.tell)

    async def _hooks_behind(self, point: Point) -> None:
        """Those that put things in order run in any case, and a failure does not hide the one before it."""
        try:
            await self._hooks(point)
        except ClientError as error:
            self._fail(error)

    def _as_simulation(self) -> Json:
        """What a hook with `sendSim` is told, in the form of the reference's custom resource."""
        window = self._plan.window
        return {
            "apiVersion": "simkube.io/v1",
            "kind": "Simulation",
            "metadata": {"name": self._plan.simulation},
            "spec": {
                "driver": {"namespace": "", "tracePath": self._plan.inputs[0], "virtualNsPrefix": self._plan.prefix},
                "repetitions": self._plan.repeat,
                **({"speed": window.speed} if window.speed else {}),
                **({"duration": f"{window.duration:g}s"} if window.duration is not None else {}),
            },
        }

    def _open(self, *, resume: bool) -> tuple[Progressed | None, Journal | None]:
        if self._folder is None:
            return None, None
        if not resume:
            return None, self._folder.begin(self._info)
        known = self._folder.read()
        _refuse_other_run(known, self._plan, self._folder, is_dry=self._target.is_dry)
        self._info = {**self._info, "started": known["started"]}
        return Progressed(), Journal(self._folder.requests)

    def _recorder(self, journal: Journal | None) -> Recorder:
        plan = self._plan
        repairs = Repairs(
            plan.trace, lambda: self._target.version, plan.inputs, manifests=plan.manifests, source=plan.source
        )
        return Recorder(repairs, journal, self._voice, length(plan.trace, plan.window))

    def _fail(self, error: ClientError) -> None:
        """The first thing that went wrong is the one to tell."""
        self._trouble = self._trouble or error
        if self._ended is not Ended.INTERRUPTED:
            self._ended = Ended.FAILED

    def _close(self, journal: Journal) -> None:
        try:
            journal.close()
        except ReplayError as error:
            self._fail(error)

    def _finish(self, recorder: Recorder, seconds: float) -> RunResult:
        tally = recorder.tally
        tally.counts.requests = self._sender.requests
        tally.counts.retried = self._sender.retried
        result = RunResult(
            ended=self._ended,
            target=self._target.name,
            kubernetes=self._target.version,
            simulation=self._plan.simulation,
            counts=tally.counts,
            behind=tally.behind,
            rejected=tuple(tally.rejected.values()),
            seconds=seconds,
            folder=str(self._folder.path) if self._folder else "",
            left=self._left,
            error=self._trouble.message if self._trouble else "",
            hint=self._trouble.hint if self._trouble else "",
        )
        info = {**ending(self._info, result, self._clock.time()), **self.facts()}
        return self._written(replace(result, info=info))

    def _written(self, result: RunResult) -> RunResult:
        if self._folder is None:
            return result
        try:
            self._folder.write(result.info)
        except ReplayError as error:
            # What went wrong first is the one to tell, here too.
            if not result.error:
                return replace(result, ended=Ended.FAILED, error=error.message, hint=error.hint)
        return result


def _tracked(plan: Plan) -> dict[str, Json]:
    tracked = plan.trace.config.get("trackedObjects")
    return tracked if isinstance(tracked, dict) else {}


def _refuse_other_run(known: dict[str, Json], plan: Plan, folder: RunFolder, *, is_dry: bool) -> None:
    """Only a run of the same trace that broke off, and whose objects are still there, can go on."""
    if known.get("simulation") != plan.simulation or known["trace"]["sha256"] != described(plan)["sha256"]:
        raise ReplayError(f"{folder.path} is the run of another trace", "start a new one with --run-dir")
    if known.get("ended") == Ended.COMPLETE:
        raise ReplayError(f"{folder.path} is complete; there is nothing to take up again")
    if known.get("cleaned") and not is_dry:
        raise ReplayError(f"{folder.path} was cleaned up when it ended", "start a new run")
