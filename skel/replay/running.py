"""Runs a driver from outside of asyncio, and hands signals to it."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from skel.replay.clock import Pace
from skel.replay.driver import Driver
from skel.replay.result import RunResult
from skel.replay.target import Target

Open = Callable[[], Awaitable[Target]]
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def play(open_target: Open, driver_for: Callable[[Target], Driver], *, resume: bool = False) -> RunResult:
    """Open the target, run the driver, close the target.

    An interrupt ends the run and cleans up; a second one does not wait for the clean-up. SIGUSR1 pauses the run, and
    lets it go on. Raises ClientError for what is wrong before the first write.
    """
    try:
        return asyncio.run(_play(open_target, driver_for, resume=resume))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _play(open_target: Open, driver_for: Callable[[Target], Driver], *, resume: bool) -> RunResult:
    target = await open_target()
    try:
        driver = driver_for(target)
        with _signals(driver.pace):
            return await driver.run(resume=resume)
    finally:
        await target.close()


@contextmanager
def _signals(pace: Pace) -> Iterator[None]:
    task = asyncio.current_task()
    assert task is not None
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (*_ENDING, signal.SIGUSR1)}
    for number in _ENDING:
        loop.add_signal_handler(number, task.cancel)
    loop.add_signal_handler(signal.SIGUSR1, lambda: pace.resume() if pace.is_paused else pace.pause())
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
