"""The screen: chart, timeline, pane, prompt. It passes keys to the explorer and draws what that says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Input, Static

from skel.findings.model import Finding
from skel.language.diagnostic import SkelError
from skel.report.terminal import Paint
from skel.trace.errors import TraceError
from skel.trace.model import Trace
from skel.tui import saving
from skel.tui.background import Background
from skel.tui.explorer import Explorer, Narrowed
from skel.tui.help import Help
from skel.tui.keys import KEYS
from skel.tui.showing import foot, head, pane
from skel.tui.trying import EMPTY, Answer, try_out
from skel.tui.widgets.density import Density
from skel.tui.widgets.lines import Lines
from skel.tui.widgets.tabs import NAMES, Tabs
from skel.tui.widgets.timeline import Timeline

Check = Callable[[Trace], Iterable[Finding]]
_WIDE = 120
"""Columns from which on timeline and pane stand side by side."""
_LOW = 16
"""Lines below which the chart has only one."""
_ASIDE = 16
_PAUSE = 0.25
"""Seconds without a key until what was typed is tried."""


class Asking(Enum):
    """What the prompt is open for; the value stands before it."""

    NOTHING = ""
    FILTER = "filter"
    SKEL = "SKEL"
    WRITE = "write the rules to"


class Main(Screen[None]):
    """Everything that is seen. `check` is asked in the background for findings."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key.names, key.action, key.help, show=False, priority=key.is_urgent) for key in KEYS
    ]
    CSS = """
    #head, #foot { height: 1; }
    #head { text-style: bold; }
    #body { layout: vertical; height: 1fr; }
    Main.wide #body { layout: horizontal; }
    Main.wide #timeline, Main.wide #pane { width: 1fr; height: 1fr; }
    Main.wide #pane { padding-left: 1; }
    Main.low #density { height: 1; }
    #pane { height: 1fr; }
    #prompt { display: none; height: 1; }
    Main.asking #prompt { display: block; layout: horizontal; }
    #question { width: auto; }
    #answer { border: none; height: 1; padding: 0; width: 1fr; }
    Main.zoomed #timeline, Main.zoomed #density { display: none; }
    """

    def __init__(self, explorer: Explorer, check: Check | None, paint: Paint) -> None:
        super().__init__()
        self.explorer = explorer
        self.check = check
        self.paint = paint
        self.asking = Asking.NOTHING
        self.answer = Answer(())
        self.message = ""
        self.filtering = Background[str, Narrowed | str](self, "filter", self._narrow, self._take_narrowed)
        self.trying = Background[str, Answer](self, "try", self._try_out, self._take_answer)
        self.checking = Background[Trace, list[Finding]](self, "check", self._check, self._take_findings)

    def compose(self) -> ComposeResult:
        yield Static(id="head", markup=False)
        yield Density(self.explorer)
        with Container(id="body"):
            yield Timeline(self.explorer)
            with Container(id="pane"):
                yield Tabs()
                yield Lines(id="lines")
        with Container(id="prompt"):
            yield Static(id="question", markup=False)
            yield Input(id="answer", compact=True)
        yield Static(id="foot", markup=False)

    def on_mount(self) -> None:
        self.set_focus(None)
        self._draw_all()
        self._check_again()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width >= _WIDE, "wide")
        self.set_class(event.size.height < _LOW, "low")
        self.call_after_refresh(self.query_one(Timeline).follow)

    # ---- drawing -----------------------------------------------------------------------------------------------------

    def _draw_all(self) -> None:
        self.query_one(Density).follow()
        self._draw()

    def _draw(self) -> None:
        # Their size is fixed: without a new layout for each key, a key costs half.
        self.query_one("#head", Static).update(head(self.explorer), layout=False)
        self.query_one("#foot", Static).update(foot(self.message), layout=False)
        self.query_one(Timeline).follow()
        self.query_one(Density).refresh()
        if self.asking is not Asking.SKEL:
            self.query_one(Lines).show(self._pane())

    def _pane(self) -> Sequence[str]:
        tab = NAMES[self.query_one(Tabs).current]
        if tab == "findings" and self.check is None:
            return ("nothing was checked; `skel explore TRACE --to 1.25` checks for an upgrade",)
        if tab == "findings" and self.checking.is_busy:
            return ("the check is still at work",)
        return pane(self.explorer, tab, self.paint, self.query_one(Lines).size.width)

    def say(self, message: str) -> None:
        """A message in the last line, until the next key."""
        self.message = message
        self.query_one("#foot", Static).update(foot(self.message), layout=False)

    # ---- moving ------------------------------------------------------------------------------------------------------

    def _go(self, cursor: int) -> None:
        self.message = ""
        self.explorer.move_to(cursor)
        self._draw()

    def action_move(self, step: int) -> None:
        self._go(self.explorer.cursor + step)

    def action_page(self, step: int) -> None:
        if self.has_class("zoomed"):
            self.action_scroll(step * max(1, self.query_one(Lines).size.height - 1))
        else:
            self._go(self.explorer.cursor + step * self.query_one(Timeline).page)

    def action_edge(self, side: int) -> None:
        self._go(0 if side < 0 else len(self.explorer.shown))

    def action_version(self, step: int) -> None:
        if self.explorer.move_to_version(step):
            self._go(self.explorer.cursor)
        else:
            self.say(f"there is no {'later' if step > 0 else 'earlier'} version of it here")

    def action_finding(self, step: int) -> None:
        if self.explorer.move_to_finding(step):
            self._go(self.explorer.cursor)
        else:
            self.say("no finding in this direction")

    def action_tab(self, number: int) -> None:
        self.message = ""
        self.query_one(Tabs).show(number)
        self._draw()

    def action_next_tab(self) -> None:
        self.action_tab((self.query_one(Tabs).current + 1) % len(NAMES))

    def action_scroll(self, lines: int) -> None:
        self.query_one(Lines).scroll_relative(y=lines, animate=False)

    def action_aside(self, side: int) -> None:
        self.query_one(Lines).scroll_relative(x=side * _ASIDE, animate=False)

    def action_zoom(self) -> None:
        self.toggle_class("zoomed")
        self.call_after_refresh(self.query_one(Timeline).follow)

    def on_timeline_picked(self, event: Timeline.Picked) -> None:
        self._go(event.cursor)

    def on_density_picked(self, event: Density.Picked) -> None:
        self.explorer.move_to_time(event.at)
        self._go(self.explorer.cursor)

    def on_tabs_picked(self, event: Tabs.Picked) -> None:
        self.action_tab(event.number)

    # ---- asking ------------------------------------------------------------------------------------------------------

    def _ask(self, asking: Asking, text: str = "") -> None:
        self.asking, self.message = asking, ""
        self.set_class(asking is not Asking.NOTHING, "asking")
        self.query_one("#question", Static).update(f"{asking.value}: ")
        field = self.query_one("#answer", Input)
        field.value = text
        self.set_focus(None if asking is Asking.NOTHING else field)
        self.query_one(Tabs).entitle("what it hits" if asking is Asking.SKEL else "")
        if asking is Asking.SKEL:
            self.query_one(Lines).show(EMPTY)
        self.call_after_refresh(self._draw)

    def action_filter(self) -> None:
        self._ask(Asking.FILTER, self.explorer.filter.text)

    def action_skel(self) -> None:
        self._ask(Asking.SKEL)

    def action_write(self) -> None:
        if self.explorer.session.applied:
            self._ask(Asking.WRITE)
        else:
            self.say("no rule was kept; `e` opens the prompt for one")

    def check_action(self, action: str, _: tuple[object, ...]) -> bool:
        """What opens the prompt is an ordinary letter once it is open."""
        return self.asking is Asking.NOTHING or action not in {"filter", "skel", "write"}

    def action_back(self) -> None:
        if self.asking is not Asking.NOTHING:
            self._ask(Asking.NOTHING)
        elif self.has_class("zoomed"):
            self.action_zoom()
        elif self.explorer.filter.text:
            self.filtering.ask("")

    def action_help(self) -> None:
        self.app.push_screen(Help())

    def action_quit(self) -> None:
        self.app.exit()

    def action_stop(self) -> None:
        if self.asking is Asking.NOTHING:
            self.action_quit()
        else:
            self.action_back()

    def on_input_changed(self, event: Input.Changed) -> None:
        if self.asking is Asking.SKEL:
            self.trying.ask(event.value, after=_PAUSE)
        elif self.asking is Asking.FILTER:
            self.filtering.ask(event.value, after=_PAUSE)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        match self.asking:
            case Asking.FILTER:
                self._ask(Asking.NOTHING)
                self.filtering.ask(event.value)
            case Asking.SKEL:
                self._keep()
            case Asking.WRITE:
                self._write(event.value)
            case Asking.NOTHING:
                pass

    # ---- filter ------------------------------------------------------------------------------------------------------

    def _narrow(self, text: str) -> Narrowed | str:
        try:
            return self.explorer.narrowed(text)
        except SkelError as error:
            return error.diagnostics[0].message
        except TraceError as error:
            return f"{error.message}; {error.hint}" if error.hint else error.message

    def _take_narrowed(self, answer: Narrowed | str) -> None:
        if isinstance(answer, str):
            self.say(answer)
            return
        self.message = ""
        self.explorer.adopt(answer)
        self._draw_all()

    # ---- the SKEL prompt ---------------------------------------------------------------------------------------------

    def _try_out(self, text: str) -> Answer:
        return try_out(self.explorer.session, text, self.paint)

    def _take_answer(self, answer: Answer) -> None:
        if self.asking is Asking.SKEL:
            self.answer = answer
            self.query_one(Lines).show(answer.lines)

    def _keep(self) -> None:
        """The changes that are shown become part of the view."""
        session = self.explorer.session
        if self.trying.is_busy or self.answer.trial is None:
            self.say("still at work" if self.trying.is_busy else "this changes nothing that could be kept")
            return
        session.trial, self.answer = self.answer.trial, Answer(())
        session.apply()
        self._ask(Asking.NOTHING)
        self._changed("kept; `u` takes it back, `w` writes the rules to a file")

    def action_undo(self) -> None:
        undone = self.explorer.session.undo()
        if undone is None:
            self.say("no rule was kept")
        else:
            self._changed(f"taken back: {' '.join(undone.text.split())}")

    def _changed(self, message: str) -> None:
        self.filtering.forget()  # its answer would be about rows that are no more
        self.explorer.look_again()
        self._check_again()
        self._draw_all()
        self.say(message)

    def _write(self, path: str) -> None:
        try:
            said = saving.write_program(self.explorer.session, path.strip())
        except TraceError as error:
            self.say(f"{error.message}; {error.hint}" if error.hint else error.message)
            return
        self._ask(Asking.NOTHING)
        self.call_after_refresh(self.say, said)

    # ---- check -------------------------------------------------------------------------------------------------------

    def _check_again(self) -> None:
        if self.check is not None:
            self.checking.ask(self.explorer.session.trace)

    def _check(self, trace: Trace) -> list[Finding]:
        return list(self.check(trace)) if self.check else []

    def _take_findings(self, found: list[Finding]) -> None:
        self.explorer.take_findings(found)
        self._draw()
