"""Whatever happens to the connection and to the recorder, no event is lost and none is recorded twice."""

from __future__ import annotations

import asyncio
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from skel.record.assemble import write_trace
from skel.record.live.feed import Feed
from skel.record.live.journal import Journal
from skel.record.live.recorder import Recorder, Rule
from skel.record.live.segments import segments
from skel.record.tracked import of_kinds
from skel.trace.model import Trace
from tests.record.memory_server import PATH, MemoryServer
from tests.record.recordings import story, until

Json = Any
Step = tuple[str, str, int]
KIND = "apps/v1.Deployment"
NAMES = st.sampled_from("abcd")

changes = st.one_of(
    st.tuples(st.just("apply"), NAMES, st.integers(0, 3)),
    st.tuples(st.just("delete"), NAMES, st.just(0)),
    st.tuples(st.just("wait"), st.just(""), st.just(0)),
)
cuts = st.tuples(st.just("cut"), st.just(""), st.just(0))
crashes = st.tuples(
    st.just("crash"), st.sampled_from(["", "caught up"]), st.one_of(st.just(1000), st.integers(0, 1000))
)
lapses = st.tuples(st.sampled_from(["forget", "away"]), st.just(""), st.integers(0, 1000))


async def soon(_: float) -> None:
    await asyncio.sleep(0)


class Run:
    """A recorder that can be killed and begun again on what is left of its journal."""

    def __init__(self, server: MemoryServer, folder: Path) -> None:
        self.server = server
        self.folder = folder

    async def begin(self) -> None:
        self.journal = Journal(self.folder)
        rule = Rule(of_kinds([KIND]))
        self.recorder = Recorder(self.server, self.journal, rule, [Feed(KIND, PATH)], sleep=soon)
        await self.recorder.begin()
        self.task = asyncio.create_task(self.recorder.run())

    async def caught_up(self) -> None:
        await until(lambda: self.task.done() or self._is_caught_up(), seconds=5.0)
        assert not self.task.done(), self.task.exception()

    def _is_caught_up(self) -> bool:
        feed = self.recorder.feeds[0]
        return int(feed.reached or 0) >= self.server.version or feed.reached == self._last()

    def _last(self) -> str:
        history = self.server._history
        return str(history[-1][0]) if history else "1"

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def crash(self, permille: int) -> None:
        """As if the power had failed: of what was written last, only a part is on the disk."""
        await self.stop()
        self.journal._batch.clear()
        await self.journal.close()
        log = segments(self.folder)[-1].log
        size = log.stat().st_size
        with log.open("r+b") as file:
            file.truncate(size * permille // 1000)

    async def end(self) -> Trace:
        await self.stop()
        self.recorder.end()
        await self.journal.close()
        file = BytesIO()
        write_trace(file, segments(self.folder)[-1].entries, of_kinds([KIND]).as_config())
        return Trace.from_bytes(file.getvalue())


def play(steps: list[Step]) -> tuple[dict[str, list[int | None]], dict[str, list[int | None]]]:
    """The truth, and what was recorded, object by object."""

    async def run() -> tuple[dict[str, list[int | None]], Trace]:
        server = MemoryServer()
        with TemporaryDirectory() as folder:
            recorder = Run(server, Path(folder) / "journal")
            await recorder.begin()
            await recorder.caught_up()
            for word, name, number in steps:
                match word:
                    case "apply":
                        await server.apply(name, number)
                    case "delete":
                        await server.delete(name)
                    case "cut":
                        await server.cut()
                    case "forget":
                        await server.cut(forget=True)
                    case "wait":
                        await recorder.caught_up()
                    case "crash":
                        if name:
                            await recorder.caught_up()
                        await recorder.crash(number)
                        await recorder.begin()
                    case _:
                        await recorder.stop()
                        await recorder.journal.close()
                        await server.apply("a", number % 4)
                        await server.delete("b")
                        await server.apply("b", number % 3)
                        await server.cut(forget=number % 2 == 0)
                        await recorder.begin()
            await recorder.caught_up()
            return server.truth, await recorder.end()

    truth, trace = asyncio.run(run())
    recorded: dict[str, list[int | None]] = {}
    for word, name, spec in story(trace):
        recorded.setdefault(name, []).append(spec["replicas"] if word == "applied" else None)
    return truth, recorded


@settings(max_examples=60)
@given(st.lists(st.one_of(changes, changes, changes, cuts), max_size=30))
def test_a_watch_that_is_cut_loses_nothing(steps: list[Step]) -> None:
    truth, recorded = play(steps)
    assert recorded == truth


@settings(max_examples=60)
@given(st.lists(st.one_of(changes, changes, changes, crashes), max_size=25))
def test_a_crash_loses_nothing_that_the_server_still_knows(steps: list[Step]) -> None:
    """Except at the very beginning: a journal that does not even know its first list begins with what is there."""
    truth, recorded = play([("wait", "", 0), *steps])
    for name, values in truth.items():
        assert is_tail(recorded.get(name, []), values), (name, recorded, truth)


@settings(max_examples=60)
@given(st.lists(st.one_of(changes, changes, cuts, lapses, crashes), max_size=25))
def test_what_a_server_forgets_shows_in_its_outcome(steps: list[Step]) -> None:
    """Every recorded state is true and in its place, none stands twice, and at the end all is as it is."""
    truth, recorded = play(steps)
    for name, values in truth.items():
        states = recorded.get(name, [])
        assert is_subsequence(states, values), (name, recorded, truth)
        assert all(one != other for one, other in pairwise(states))
        assert (states[-1] if states else None) == values[-1]


def is_tail(recorded: list[int | None], truth: list[int | None]) -> bool:
    """Whether it is the end of the truth; deletions of what was never seen are nobody's loss."""
    tail = truth[len(truth) - len(recorded) :]
    missing = truth[: len(truth) - len(recorded)]
    return recorded == tail and (not recorded or recorded[0] is not None) and (bool(recorded) or missing[-1:] == [None])


def is_subsequence(some: list[int | None], whole: list[int | None]) -> bool:
    rest = iter(whole)
    return all(any(one == other for other in rest) for one in some)
