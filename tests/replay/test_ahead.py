"""Processes that look ahead of a dry replay: what they say is right, and nothing depends on whether they say it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from skel.patch.values import Json, copy_json
from skel.replay import ahead
from skel.replay.ahead import BLOCK, Ahead, Foreseen, Look
from skel.replay.schedule import Moment, ReplayStep, Window, schedule
from skel.trace.codec import Event, encode_object
from skel.trace.model import Trace
from tests.dry.mutate import places, put
from tests.dry.rows import valid_objects
from tests.replay.replays import START, lines, simple

STEPS = 4 * BLOCK
DEADLINE = 20.0


@pytest.fixture(autouse=True)
def lonely(monkeypatch: pytest.MonkeyPatch) -> None:
    """The threads of a test runner hold nothing that a scout needs."""
    monkeypatch.setattr(ahead, "can_split", lambda: True)


def coming() -> Iterator[Moment]:
    events = [Event(START + number, [encode_object(simple("ConfigMap", f"c-{number}"))], []) for number in range(STEPS)]
    return schedule(Trace.make(events, {}, {}, {}), Window(speed=None))


def found(step: ReplayStep, raw: bytes = b"raw") -> Foreseen:
    return Foreseen(step.number, raw, {"name": step.object.name}, b"good")


def asked(scouts: Ahead, number: int) -> Foreseen | None:
    """What they say of a step once they have come to it: to ask earlier would be to overtake them."""
    end = time.monotonic() + DEADLINE
    reached(scouts, number, end)
    while (said := scouts.find(number)) is None and time.monotonic() < end:
        time.sleep(0.005)
    return said


def reached(scouts: Ahead, number: int, end: float) -> None:
    told = scouts._scouts[number // BLOCK % len(scouts._scouts)]._told
    while told.read() < number and time.monotonic() < end:
        time.sleep(0.005)


def begun(look: Look, scouts: int = 1) -> Ahead:
    made = Ahead(look, coming, pays=1, scouts=scouts)
    assert made.find(0) is None
    return made


@pytest.mark.parametrize("scouts", [1, 2, 3])
def test_what_they_say_is_of_the_step_that_was_asked_for(scouts: int) -> None:
    team = begun(found, scouts)
    try:
        for number in range(BLOCK, STEPS, 17):
            said = asked(team, number)
            assert said is not None
            assert (said.number, said.annotations) == (number, {"name": f"c-{number}"})
    finally:
        team.close()


def test_each_looks_at_its_own_blocks() -> None:
    team = begun(found, 2)
    try:
        for share, scout in enumerate(team._scouts):
            last = (2 + share) * BLOCK + 1
            reached(team, last, time.monotonic() + DEADLINE)
            scout.find(0)
            assert {said.number // BLOCK % 2 for said in scout._waiting} == {share}
    finally:
        team.close()


def test_what_they_have_nothing_to_say_of_is_not_waited_for() -> None:
    team = begun(lambda step: found(step) if step.number % 2 else None)
    try:
        reached(team, BLOCK + 3, time.monotonic() + DEADLINE)
        assert team.find(BLOCK + 2) is None
        assert asked(team, BLOCK + 3) is not None
    finally:
        team.close()


def test_more_than_a_pipe_holds() -> None:
    big = bytes(2 * 1024 * 1024)
    team = begun(lambda step: found(step, big))
    try:
        for number in (BLOCK, BLOCK + 1, BLOCK + 2):
            said = asked(team, number)
            assert said is not None
            assert said.raw == big
    finally:
        team.close()


def test_who_waits_with_old_news_is_heard_out() -> None:
    """The replay knew what they were about, and has gone on: the pipe is full of it."""
    team = begun(lambda step: found(step, bytes(256 * 1024)))
    try:
        reached(team, BLOCK + 2, time.monotonic() + DEADLINE)
        end = time.monotonic() + DEADLINE
        while team._scouts[0]._told.read() < 2 * BLOCK and time.monotonic() < end:
            assert team.find(2 * BLOCK - 1) is None
            time.sleep(0.01)
        assert asked(team, 2 * BLOCK) is not None
    finally:
        team.close()


def test_whoever_is_overtaken_goes_on_with_the_next_block() -> None:
    """The first step that it looks at is behind the one that the replay was at."""
    team = Ahead(found, coming, pays=1, scouts=1)
    try:
        assert team.find(BLOCK + 5) is None
        assert asked(team, 2 * BLOCK) is not None
    finally:
        team.close()


def test_they_come_when_there_is_enough_to_do() -> None:
    team = Ahead(found, coming, pays=3, scouts=1)
    try:
        assert [team.find(number) for number in range(2)] == [None, None]
        assert not team._scouts
        assert team.find(2) is None
        assert len(team._scouts) == 1
    finally:
        team.close()


def test_nobody_is_split_off_a_process_with_threads_until_they_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    can = [False] * 3 + [True]
    monkeypatch.setattr(ahead, "can_split", lambda: can.pop(0))
    team = Ahead(found, coming, pays=2, scouts=1)
    try:
        for number in range(7):
            assert team.find(number) is None
            assert not team._scouts
        assert team.find(7) is None
        assert len(team._scouts) == 1
    finally:
        team.close()


def test_a_scout_that_dies_is_not_missed() -> None:
    def fail(step: ReplayStep) -> Foreseen:
        raise MemoryError(step.number)

    team = begun(fail)
    try:
        os.waitid(os.P_PID, team._scouts[0]._process, os.WEXITED | os.WNOWAIT)
        assert team.find(BLOCK) is None
    finally:
        team.close()


def test_none_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even one that waits for somebody to listen."""
    monkeypatch.setattr(ahead, "_PIPE", 4096)
    team = begun(lambda step: found(step, bytes(8192)), scouts=2)
    processes = [scout._process for scout in team._scouts]
    team.close()
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


ALONE = """
import os, sys, time
from tests.replay.test_ahead import begun, found
team = begun(lambda step: found(step, bytes(1 << 20)), scouts=2)
print(*(scout._process for scout in team._scouts), flush=True)
time.sleep(60)
"""


def test_they_end_when_the_replay_is_killed() -> None:
    replay = subprocess.Popen([sys.executable, "-c", ALONE], stdout=subprocess.PIPE, text=True)
    assert replay.stdout is not None
    scouts = [int(word) for word in replay.stdout.readline().split()]
    assert len(scouts) == 2
    replay.send_signal(signal.SIGKILL)
    replay.wait()
    replay.stdout.close()
    end = time.monotonic() + DEADLINE
    while any(map(_runs, scouts)) and time.monotonic() < end:
        time.sleep(0.01)
    assert not any(map(_runs, scouts))


def _runs(process: int) -> bool:
    """Whether it does, and is not just waiting for somebody to hear of its end."""
    try:
        return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def objects(random: Random) -> Iterator[Json]:
    """Good ones, bad ones and odd ones; some come again."""
    pool = list(valid_objects())
    for number in range(3 * BLOCK):
        made = copy_json(random.choice(pool))
        match random.randrange(4):
            case 0:
                put(made, random.choice([place for place, _ in places(made)]), random.choice([None, -1, {}, "x y"]))
            case 1:
                made["metadata"] = {**made["metadata"], "labels": {"n": str(number)}}
        yield made


PLAYED = """
import asyncio, sys, time
from pathlib import Path
from skel.replay import ahead, direct
from skel.replay.driver import Driver
from skel.replay.dry.target import DryTarget
from skel.replay.plan import Plan
from skel.replay.run_folder import RunFolder
from skel.replay.schedule import Window
from skel.trace.model import Trace

class Patient(ahead.Ahead):
    def __init__(self, look, coming):
        super().__init__(look, coming, pays=1, scouts=int(sys.argv[3]))
        self.found = 0
    def find(self, number):
        said = super().find(number)
        if said is None and self._scouts and number % 8 == 0:
            time.sleep(0.03)  # so that scouts get ahead
        self.found += said is not None
        return said
    def close(self):
        super().close()
        print(self.found)

direct.Ahead = Patient
plan = Plan(Trace.open(sys.argv[1]), "sim-1", window=Window(speed=None), repeat=2)
asyncio.run(Driver(plan, DryTarget(sys.argv[4]), folder=RunFolder(Path(sys.argv[2]))).run())
"""


@pytest.mark.parametrize("minor", ["1.25", "1.36"])
def test_a_run_is_the_same_with_and_without_them(tmp_path: Path, minor: str) -> None:
    events = [Event(START + number, [encode_object(one)], []) for number, one in enumerate(objects(Random(3)))]
    trace = tmp_path / "t.sktrace"
    Trace.make(events, {"trackedObjects": {}}, {}, {}).save(str(trace))

    def played(scouts: int) -> tuple[list[Json], Json, list[int]]:
        folder = tmp_path / f"run-{scouts}"
        words = [sys.executable, "-c", PLAYED, str(trace), str(folder), str(scouts), minor]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        journal = [{**line, "wall": 0} for line in lines(folder)]
        counts = json.loads((folder / "run.json").read_text("utf-8"))["counts"]
        return journal, counts, [int(word) for word in done.stdout.split()]

    alone, counts, nothing = played(0)
    assert nothing == [0, 0]
    assert {line["verdict"] for line in alone} == {"accepted", "rejected", "unknown"}
    for scouts in (1, 2):
        journal, counted, heard = played(scouts)
        assert heard[0] > 10
        assert (journal, counted) == (alone, counts)


def test_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is cut where, what comes out of the pipe is what went in."""
    monkeypatch.setattr(ahead, "_PIPE", 4096)
    sizes = Random(5)
    lengths = [sizes.randrange(9000) for _ in range(STEPS)]
    look: Callable[[ReplayStep], Foreseen] = lambda step: found(step, bytes(lengths[step.number]))  # noqa: E731
    team = begun(look)
    try:
        for number in range(BLOCK, 2 * BLOCK):
            said = asked(team, number)
            assert said is not None
            assert len(said.raw) == lengths[number]
    finally:
        team.close()
