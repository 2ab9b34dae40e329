from __future__ import annotations

import asyncio
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from skel.faults.clock.tracing import Start
from skel.faults.clock.virtual import Clock, RealClock, VirtualClock

Running = Callable[[str], Start]


@contextmanager
def running(clock: Clock, start: Start) -> Iterator[subprocess.Popen[bytes]]:
    process = clock.start(start)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        clock.close()


def lines(log: Path, count: int, patience: float = 20.0) -> list[list[str]]:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        found = [line.split() for line in log.read_text().splitlines()]
        if len(found) >= count:
            return found
        time.sleep(0.01)
    raise AssertionError(f"after {patience} s only: {log.read_text()!r}")


def test_a_jump_ends_sleeps_timers_and_timeouts(start: Running) -> None:
    clock, order = VirtualClock(), start("waiting")
    with running(clock, order):
        lines(order.log, 1)
        began = time.monotonic()
        clock.jump(301)
        found = lines(order.log, 4)[1:]
        assert time.monotonic() - began < 15
    assert sorted(line[0] for line in found) == ["context", "slept", "timer"]
    for _, monotonic, wall in found:
        assert 301 <= float(monotonic) < 330
        assert abs(float(wall) - float(monotonic)) < 0.1


def test_a_jump_that_is_too_short_ends_nothing_and_the_next_one_does(start: Running) -> None:
    clock, order = VirtualClock(), start("waiting")
    with running(clock, order):
        lines(order.log, 1)
        clock.jump(210)
        assert [line[0] for line in lines(order.log, 2)] == ["begin", "timer"]
        time.sleep(0.3)
        assert len(lines(order.log, 2)) == 2
        clock.jump(100)
        lines(order.log, 4)


def test_a_slow_clock_stands_nearly_still_and_goes_on_where_it_was(start: Running) -> None:
    clock, order = VirtualClock(), start("ticking")
    clock.rate(1 / 1000)
    with running(clock, order):
        lines(order.log, 1)
        time.sleep(1.5)
        assert len(lines(order.log, 1)) == 1
        for count in range(2, 6):
            clock.jump(1)
            assert len(lines(order.log, count)) == count
        clock.rate(1)
        lines(order.log, 7)


def test_a_fast_clock_ticks_that_much_faster(start: Running) -> None:
    order = start("ticking")

    async def watched() -> tuple[float, float]:
        clock = VirtualClock()
        with running(clock, order):
            while len(lines(order.log, 1)) < 2:
                await asyncio.sleep(0.05)
            clock.rate(60)
            before, began = clock.elapsed(), time.monotonic()
            await asyncio.sleep(3)
            return clock.elapsed() - before, time.monotonic() - began

    virtual, real = asyncio.run(watched())
    assert 60 * 3 <= virtual < 61 * real + 1
    ticks = lines(order.log, 60)[1:]
    assert float(ticks[-1][1]) > virtual * 0.8, "the program did not wake for its tickers"
    assert abs(float(ticks[-1][1]) - float(ticks[-1][2])) < 0.2


def test_no_clock_goes_back_while_it_changes_and_a_slow_one_stops_no_garbage_collection(start: Running) -> None:
    clock, order, chance = VirtualClock(), start("reading"), random.Random(7)

    async def changed() -> None:
        with running(clock, order) as process:
            while process.poll() is None:
                if chance.random() < 0.5:
                    clock.jump(chance.random() * 100)
                clock.rate(chance.choice([1 / 1000, 0.5, 1, 60, 1000]))
                await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(changed(), 100))
    assert lines(order.log, 2)[1] == ["read", "0"]


def test_the_time_goes_on_over_a_restart(start: Running) -> None:
    clock, order = VirtualClock(), start("waiting")
    with running(clock, order):
        first = int(lines(order.log, 1)[0][1])
    clock.jump(86_400)
    with running(clock, order):
        second = int(lines(order.log, 2)[1][1])
    assert 86_400 <= second - first < 86_500
    assert abs(first - time.time()) < 100


def test_what_is_changed_between_two_processes_holds_for_the_next(start: Running) -> None:
    clock, order = VirtualClock(), start("ticking")
    clock.rate(1 / 1000)
    process = clock.start(order)
    lines(order.log, 1)
    process.kill()
    process.wait()
    clock.rate(1)
    clock.jump(100)
    with running(clock, order):
        assert len(lines(order.log, 4)) >= 4, "it ticks at its usual speed"
    assert 100 <= clock.elapsed() < 120


def test_nobody_moves_a_real_clock(start: Running) -> None:
    clock, order = RealClock(), start("ticking")
    with running(clock, order):
        asyncio.run(clock.advance(1.2))
        found = lines(order.log, 2)
    assert 1.0 <= float(found[1][1]) < 2.0
    assert clock.elapsed() >= 1.2
