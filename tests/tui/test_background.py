"""Work beside the screen: in order, never in the way, and never waited for."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from threading import Event

import pytest

from skel.findings.model import Finding
from skel.repl.session import Session
from skel.trace.model import Trace
from skel.tui.app import ExplorerApp, explore
from skel.tui.background import Background
from tests.tui.shop import ROOT, SHOP, Person, opened


def _boom(_: Trace) -> list[Finding]:
    raise ValueError("boom")


def _background(person: Person, work: Callable[[str], str], told: list[str]) -> Background[str, str]:
    return Background(person.main, "test", work, told.append)


def test_one_question_at_a_time_and_only_the_newest_is_answered() -> None:
    go, asked, told = Event(), list[str](), list[str]()

    def work(question: str) -> str:
        asked.append(question)
        go.wait(10)
        return question.upper()

    async def story() -> None:
        async with opened() as person:
            background = _background(person, work, told)
            for question in ("a", "b", "c"):
                background.ask(question)
            assert background.is_busy
            go.set()
            while background.is_busy:
                await person.pilot.pause(0.01)

    asyncio.run(story())
    assert (asked, told) == (["a", "c"], ["C"])


def test_what_is_forgotten_is_not_told_even_if_it_failed() -> None:
    go, told = Event(), list[str]()

    def work(_: str) -> str:
        go.wait(10)
        raise ValueError("about rows that are no more")

    async def story() -> None:
        async with opened() as person:
            background = _background(person, work, told)
            background.ask("a")
            background.forget()
            assert not background.is_busy
            go.set()
            await person.pilot.pause(0.1)

    asyncio.run(story())
    assert not told


def test_a_defect_is_raised_and_no_page_of_values_is_printed(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ExplorerApp, "run", lambda app: asyncio.run(app.run_async(headless=True)))
    with pytest.raises(ValueError, match="boom"):
        explore(Session(Trace.open(SHOP)), _boom)
    assert "Traceback" not in "".join(capfd.readouterr())


_LEAVE = """
import time
from skel.repl.session import Session
from skel.trace.model import Trace
from skel.tui.app import ExplorerApp

async def leave(pilot):
    await pilot.pause()
    print(time.time(), flush=True)
    await pilot.press("q")

ExplorerApp(Session(Trace.open(%r)), lambda _: time.sleep(60) or []).run(headless=True, auto_pilot=leave)
"""


def test_nobody_waits_for_a_check_when_leaving() -> None:
    done = subprocess.run([sys.executable, "-c", _LEAVE % SHOP], cwd=ROOT, capture_output=True, text=True, check=True)
    assert time.time() - float(done.stdout) < 30
    assert not done.stderr
