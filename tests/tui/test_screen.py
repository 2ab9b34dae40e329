"""The explorer as a person uses it: keys go in, a screen comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual import events
from textual.widgets import Input

from skel.patch.values import Json
from skel.trace.codec import Event, encode_object
from skel.trace.model import Trace
from tests.cli import golden
from tests.tui.shop import Person, check_for_125, opened

WIDE = (140, 40)
Story = Callable[[Person], Awaitable[None]]


async def _start(person: Person) -> None:
    """Nothing is pressed."""


async def _diff(person: Person) -> None:
    await person.press("n", "n", "2")


async def _findings(person: Person) -> None:
    await person.press("slash")
    await person.type("kind:cronjob")
    await person.press("enter", "5")


async def _typing(person: Person) -> None:
    await person.press("e")
    await person.type('modify(kind == "CronJob", apiVersion = "batch/v1")')


async def _mistake(person: Person) -> None:
    await person.press("e")
    await person.type('modify(kind == "CronJob", apiVersoin = )')


async def _kept(person: Person) -> None:
    await _typing(person)
    await person.press("enter", "n")


async def _help(person: Person) -> None:
    await person.press("question_mark")


async def _zoomed(person: Person) -> None:
    await person.press("end", "3", "enter")


STORIES: dict[str, Story] = {
    "start": _start,
    "diff": _diff,
    "findings": _findings,
    "typing": _typing,
    "mistake": _mistake,
    "kept": _kept,
    "help": _help,
    "zoomed": _zoomed,
}


@pytest.mark.parametrize("size", [(80, 24), WIDE], ids=["80x24", "140x40"])
@pytest.mark.parametrize("name", STORIES)
def test_screens(name: str, size: tuple[int, int]) -> None:
    async def see() -> str:
        async with opened(size, check=check_for_125) as person:
            await STORIES[name](person)
            return person.screen()

    golden.check(f"explore-{name}-{size[0]}x{size[1]}", asyncio.run(see()))


def _run(story: Story, trace: Trace | None = None) -> None:
    async def tell() -> None:
        async with opened(check=check_for_125, trace=trace) as person:
            await story(person)

    asyncio.run(tell())


def test_moving() -> None:
    async def story(person: Person) -> None:
        explorer = person.app.explorer
        await person.press("j", "down", "k")
        assert explorer.cursor == 1
        await person.press("end")
        assert explorer.cursor == len(explorer.rows) - 1
        await person.press("home", "pagedown")
        assert explorer.cursor > 1
        await person.press("home", "left_square_bracket")
        assert "no earlier version" in person.screen()

    _run(story)


def test_a_filter_and_out_of_it() -> None:
    async def story(person: Person) -> None:
        explorer = person.app.explorer
        await person.press("slash")
        await person.type("kind:ingress")
        assert len(explorer.shown) < len(explorer.rows)  # as it is typed
        await person.press("enter")
        assert "filter: kind:ingress" in person.screen()
        await person.press("escape")
        assert len(explorer.shown) == len(explorer.rows)

    _run(story)


def test_a_wrong_filter_is_said_and_changes_nothing() -> None:
    async def story(person: Person) -> None:
        await person.press("slash")
        await person.type("where kind ==")
        await person.press("enter")
        explorer = person.app.explorer
        assert len(explorer.shown) == len(explorer.rows)
        assert "q quit" not in person.screen().splitlines()[-1]

    _run(story)


def test_a_rule_is_kept_taken_back_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def story(person: Person) -> None:
        await _typing(person)
        await person.press("enter")
        session = person.app.explorer.session
        assert len(session.applied) == 1
        await person.press("w")
        await person.type("kept.skel")
        await person.press("enter")
        await person.press("u")
        assert not session.applied
        assert "taken back" in person.screen()

    _run(story)
    assert (tmp_path / "kept.skel").read_text() == 'modify(kind == "CronJob", apiVersion = "batch/v1");\n'


def test_nothing_to_write_or_take_back() -> None:
    async def story(person: Person) -> None:
        await person.press("w")
        assert "no rule was kept" in person.screen()
        await person.press("u")
        assert "no rule was kept" in person.screen()

    _run(story)


def test_an_empty_trace() -> None:
    async def story(person: Person) -> None:
        await person.press("j", "n", "2", "5", "bracketright")
        assert "nothing is shown" in person.screen()

    _run(story, Trace.make([Event(1, [], [])], {"trackedObjects": {}}, {}, {}))


def test_markup_and_control_characters_in_names_are_shown_as_they_are() -> None:
    thing = {"apiVersion": "v1", "kind": "[bold]X[/]", "metadata": {"name": "a\x1b]0;gone\x07"}}
    trace = Trace.make([Event(1, [encode_object(thing)], [])], {"trackedObjects": {}}, {}, {})

    async def story(person: Person) -> None:
        shown = person.screen()
        assert "[bold]X[/] a\\x1b]0;gone\\x07" in shown
        assert "\x1b" not in shown

    _run(story, trace)


@pytest.mark.parametrize("size", [(40, 10), (20, 6), (9, 3), (1, 1)])
def test_tiny_terminals(size: tuple[int, int]) -> None:
    async def story() -> None:
        async with opened(size, check=check_for_125) as person:
            await person.press("end", "2", "n", "enter", "question_mark")
            await person.press("escape", "e")
            await person.type('kind == "CronJob"')
            await person.press("ctrl+c")
            person.screen()

    asyncio.run(story())


def test_a_small_terminal_has_room_for_rows() -> None:
    async def story() -> None:
        async with opened((40, 10)) as person:
            await person.press("question_mark")
            assert "─╮" in person.screen()
            await person.press("escape")
            assert sum(" + " in line for line in person.screen().splitlines()) >= 3

    asyncio.run(story())


def test_the_screen_may_change_its_size() -> None:
    async def story(person: Person) -> None:
        await person.press("end", "2")
        for size in ((140, 40), (40, 10), (80, 24)):
            await person.pilot.resize_terminal(*size)
            await person.settle()
            marked = [line for line in person.screen().splitlines() if line.startswith("▸")]
            assert len(marked) == 1
            assert "Deployment" in marked[0]

    _run(story)


def test_wide_characters_and_tabs_keep_the_columns() -> None:
    things: list[dict[str, Json]] = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"k": "値" * 60 + "|"}}
        for name in ("商店" * 60, "tab\there", "plain")
    ]
    trace = Trace.make([Event(1, [encode_object(thing) for thing in things], [])], {"trackedObjects": {}}, {}, {})

    async def story(person: Person) -> None:
        assert "ConfigMap tab here" in person.screen()
        assert all(cell_len(line) <= 80 for line in person.screen().splitlines())
        await person.press("end", "l", "l", "l", "l")
        assert "|" in person.screen()  # the end of the long line can be reached

    _run(story, trace)


def test_ctrl_c_closes_the_prompt_and_then_leaves() -> None:
    async def story(person: Person) -> None:
        await person.press("e", "ctrl+c")
        assert "SKEL:" not in person.screen()
        assert person.app.is_running
        await person.pilot.press("ctrl+c")
        assert person.app.return_code == 0
        assert person.app._exit

    _run(story)


def test_what_is_typed_ahead_goes_into_the_prompt() -> None:
    async def story(person: Person) -> None:
        # All at once, as a slow line delivers it: no key waits for what the one before did.
        for key in "/nqe/w":
            person.app.post_message(events.Key(key, key) if key != "/" else events.Key("slash", "/"))
        await person.settle()
        assert person.main.query_one("#answer", Input).value == "nqe/w"

    _run(story)


def test_a_filter_that_shows_nothing_tells_of_the_star() -> None:
    async def story(person: Person) -> None:
        await person.press("slash")
        await person.type("kind:Dep")
        assert "name:cart*" in person.screen()

    _run(story)


def test_mouse() -> None:
    async def story(person: Person) -> None:
        await person.pilot.click("#timeline", offset=(20, 3))
        assert person.app.explorer.cursor == 3
        await person.pilot.click("#tabs", offset=(14, 0))
        await person.settle()
        assert "[2 diff]" in person.screen()
        await person.pilot.click("#density", offset=(79, 1))
        assert person.app.explorer.cursor == len(person.app.explorer.rows) - 1

    _run(story)
