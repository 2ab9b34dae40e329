"""Plays one round of a schedule: waits for each moment, and sends together what does not depend on each other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from skel.replay.clock import Pace
from skel.replay.journal import HELD_BACK
from skel.replay.recorder import Recorder, line_of
from skel.replay.run_folder import Progressed
from skel.replay.schedule import Moment, ReplayStep
from skel.replay.shards import Shards
from skel.replay.steps import Steps
from skel.replay.verdict import Outcome, Verdict

_BREATH = 64
"""Steps of a dry run between two looks at signals."""


class Stopped(Exception):
    """An object was rejected, and that is to end the run."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which round, and how it is played. `before` is what a former attempt has done of it, None if there was none."""

    number: int
    at_once: int
    fail_fast: bool
    dry: bool
    before: Progressed | None = None


class Player:
    """Starts the steps of a round in the order of their numbers."""

    def __init__(self, steps: Steps, recorder: Recorder, pace: Pace, attempt: Attempt, shards: Shards) -> None:
        self._steps = steps
        self._shards = shards
        self._recorder = recorder
        self._pace = pace
        self._attempt = attempt
        self._is_resumed = attempt.before is not None
        self._before = attempt.before or Progressed()
        self._passed = -1
        # A former attempt can't have begun a step if as many before it as it may have lost were not done.
        self._not_done = 0
        self._free = asyncio.Semaphore(attempt.at_once)
        self._running: dict[tuple[str, str, str, str], asyncio.Task[None]] = {}
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._group = -1
        self._has_begun = False

    async def play(self, moments: Iterable[Moment]) -> None:
        """Raises Stopped, and ReplayError if the run can't go on. What is under way then is given up."""
        try:
            if self._attempt.dry:
                await self._play_through(moments)
            else:
                await self._play_in_time(moments)
            await self._drain()
        finally:
            await self._give_up()

    async def _play_in_time(self, moments: Iterable[Moment]) -> None:
        for moment in moments:
            if not self._is_past(moment):
                await self._come_to(moment)
                for step in moment.steps:
                    await self._begin(step)

    async def _play_through(self, moments: Iterable[Moment]) -> None:
        """One after the other, as fast as it goes: what answers is in this process, or in some that it has made."""
        steps, played, moments = self._steps, 0, iter(moments)
        for moment in moments:
            self._begin_at(moment)
            self._recorder.show(moment.time, 0.0, is_paused=self._pace.is_paused)
            for step in moment.steps:
                if self._is_resumed and self._before.has(step.number):
                    await steps.tell_again(step)
                else:
                    await self._keep(step, steps.at_once(step) or await steps.do(step))
                played += 1
                if played % _BREATH == 0:
                    await asyncio.sleep(0)
                    if self._shards.may_split:
                        self._shards.split(_behind(step, moment, moments), self._attempt.number, self._before)
                        await self._write_down()
                        return

    async def _keep(self, step: ReplayStep, outcome: Outcome) -> None:
        line = line_of(step, outcome, self._attempt.number, self._pace.elapsed())
        await self._recorder.record(line, served=outcome.served)
        self._may_end(outcome.verdict)

    async def _write_down(self) -> None:
        """What the workers say."""
        recorder = self._recorder
        for time, found in self._shards.told():
            recorder.show(time, 0.0, is_paused=self._pace.is_paused)
            accepted: list[bytes] = []
            for one in found:
                if isinstance(one, bytes):
                    accepted.append(one)
                    continue
                self._accept(accepted)
                self._steps.count(one.requests, one.retried)
                await recorder.record(one.line, served=one.served)
                self._may_end(one.line.verdict)
            self._accept(accepted)
            await asyncio.sleep(0)

    def _accept(self, lines: list[bytes]) -> None:
        if lines:
            self._steps.count(len(lines))
            self._recorder.keep_accepted(lines)
            lines.clear()

    def _is_past(self, moment: Moment) -> bool:
        """Whether a former attempt went beyond it."""
        if self._has_begun or not self._is_resumed:
            return False
        last = self._before.last
        if not moment.steps:
            return last >= 0 and self._passed < last
        self._passed = moment.steps[-1].number
        return self._passed <= last and all(self._before.has(step.number) for step in moment.steps)

    async def _come_to(self, moment: Moment) -> None:
        self._begin_at(moment)
        await self._wait_until(moment.at)
        behind = max(0.0, self._pace.elapsed() - moment.at)
        self._recorder.show(moment.time, behind, is_paused=self._pace.is_paused)
        self._raise_failure()

    def _begin_at(self, moment: Moment) -> None:
        if not self._has_begun:
            self._has_begun = True
            self._pace.begin(moment.at)

    async def _wait_until(self, at: float) -> None:
        """A run that breaks in the meantime does not wait for its next event."""
        if at <= self._pace.elapsed() and not self._pace.is_paused:
            return
        waiting = asyncio.ensure_future(self._pace.wait_until(at))
        try:
            await asyncio.wait((waiting, self._broken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()

    async def _begin(self, step: ReplayStep) -> None:
        if self._is_resumed and self._before.has(step.number):
            return
        if step.group != self._group:
            await self._drain()
            self._group = step.group
        elif earlier := self._running.get(step.key):
            await asyncio.wait((earlier,))
        await self._free.acquire()
        self._raise_failure()
        task = self._running[step.key] = asyncio.create_task(self._do(step))
        task.add_done_callback(lambda task: self._end(step, task))

    def _end(self, step: ReplayStep, task: asyncio.Task[None]) -> None:
        self._free.release()
        if self._running.get(step.key) is task:
            del self._running[step.key]
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._broken.done():
            self._broken.set_exception(error)

    async def _do(self, step: ReplayStep) -> None:
        self._recorder.tally.behind.add(max(0.0, self._pace.elapsed() - step.at))
        in_doubt = self._is_in_doubt(step)
        outcome = await self._steps.do(step, in_doubt=in_doubt)
        if in_doubt:
            self._not_done = self._not_done + 1 if outcome.attempts else 0
        await self._keep(step, outcome)

    def _may_end(self, verdict: str) -> None:
        if self._attempt.fail_fast and verdict == Verdict.REJECTED:
            raise Stopped

    def _is_in_doubt(self, step: ReplayStep) -> bool:
        return self._is_resumed and (
            step.number <= self._before.last or self._not_done < self._attempt.at_once + HELD_BACK
        )

    async def _drain(self) -> None:
        while self._running:
            await asyncio.wait(tuple(self._running.values()))
        self._raise_failure()

    def _raise_failure(self) -> None:
        if self._broken.done():
            self._broken.result()

    async def _give_up(self) -> None:
        tasks = tuple(self._running.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self._broken.done():
            self._broken.exception()  # it has been raised, unless something else was


def _behind(last: ReplayStep, moment: Moment, moments: Iterator[Moment]) -> Iterator[ReplayStep]:
    """The steps that come behind one."""
    rest = (step for step in moment.steps if step.number > last.number)
    return chain(rest, chain.from_iterable(later.steps for later in moments))
