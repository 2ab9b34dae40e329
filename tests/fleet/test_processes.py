"""The engine of one machine: whoever dies, nothing is lost."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from skel.fleet.model import TRIES, Order, Outcome
from skel.fleet.processes import run
from tests.fleet.conftest import TRACE
from tests.storage.faulty import Asked, Fault, Wait, address, faulty

# Each process compiles the rules for itself: seconds on an idle machine, more on a loaded one.
pytestmark = pytest.mark.timeout(400)

ORDER = Order(target="1.25")


def by_path(outcomes: list[Outcome]) -> dict[str, Outcome]:
    return {outcome.path: outcome for outcome in outcomes}


def test_each_trace_has_an_outcome(folder: Path) -> None:
    paths = sorted(str(path) for path in folder.rglob("*.sktrace"))
    outcomes = by_path(list(run(ORDER, paths, 2)))
    assert sorted(outcomes) == paths
    assert "cut off" in outcomes[str(folder / "broken.sktrace")].hint
    good = outcomes[str(folder / "a.sktrace")]
    assert good.findings is not None
    assert [finding.object.kind for finding in good.findings if finding.object] == ["CronJob"]
    assert good.seconds > 0
    assert not multiprocessing.active_children()


def test_no_trace_at_all() -> None:
    assert list(run(ORDER, [])) == []


def killing(times: int) -> Callable[[Asked], Fault | None]:
    """Kills the worker that asks for /b, so many times."""
    left = [times]

    def rule(asked: Asked) -> Fault | None:
        if asked.path == "/b" and left[0]:
            left[0] -= 1
            for child in multiprocessing.active_children():
                os.kill(child.pid or 0, signal.SIGKILL)
            return Wait(0.2)
        return None

    return rule


def test_a_dead_worker_is_replaced_and_its_trace_tried_again() -> None:
    with faulty(killing(1), files=dict.fromkeys(("/a", "/b", "/c"), TRACE)) as server:
        urls = [f"http://{address(server)}/{name}" for name in "abc"]
        outcomes = by_path(list(run(ORDER, urls, 1)))
    assert all(outcomes[url].findings for url in urls)
    assert [outcomes[url].lost for url in urls] == [(), ("worker 1 (SIGKILL)",), ()]


def test_a_trace_that_kills_every_worker_is_given_up_and_the_others_are_not() -> None:
    with faulty(killing(99), files=dict.fromkeys(("/a", "/b", "/c"), TRACE)) as server:
        urls = [f"http://{address(server)}/{name}" for name in "abc"]
        outcomes = by_path(list(run(ORDER, urls, 1)))
    assert outcomes[urls[0]].findings
    assert outcomes[urls[2]].findings
    assert outcomes[urls[1]].findings is None
    assert len(outcomes[urls[1]].lost) == TRIES
    assert "3 workers died while they checked it: worker 1 (SIGKILL), worker 2" in outcomes[urls[1]].error


def test_all_workers_die_at_once() -> None:
    with faulty(killing(1), files=dict.fromkeys(("/a", "/b", "/c", "/d"), TRACE)) as server:
        urls = [f"http://{address(server)}/{name}" for name in "bacd"]
        outcomes = list(run(ORDER, urls, 3))
    assert len(outcomes) == 4
    assert all(outcome.findings for outcome in outcomes)


@pytest.mark.parametrize("how", ["close", "interrupt"])
def test_who_leaves_early_leaves_no_process(how: str) -> None:
    with faulty(lambda asked: Wait(20) if asked.path != "/a" else None, files={"/a": TRACE, "/b": TRACE}) as server:
        outcomes = run(ORDER, [f"http://{address(server)}/{name}" for name in "abbb"], 2)
        assert next(iter(outcomes)).findings
        began = time.monotonic()
        if how == "close":
            outcomes.close()  # type: ignore[attr-defined]
        else:
            with pytest.raises(KeyboardInterrupt):
                outcomes.throw(KeyboardInterrupt())  # type: ignore[attr-defined]
        assert time.monotonic() - began < 10
        assert not multiprocessing.active_children()
