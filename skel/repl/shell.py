"""The prompt without its terminal: a text goes in, lines come out, the session changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from skel.language.diagnostic import SkelError
from skel.language.render import render
from skel.repl import view
from skel.repl.session import Session
from skel.repl.typed import Sort, understand
from skel.report.terminal import Paint
from skel.trace.errors import TraceError

Write = Callable[[str], None]
Obey = Callable[["Shell", str], None]
FIRST_HITS = 5
FIRST_CHANGES = 3


class Shell:
    """Answers what is typed. `out` and `err` take a line each; `failures` counts the inputs that were wrong.

    `obey` carries out what begins with a colon: `skel.repl.orders.obey`.
    """

    def __init__(self, session: Session, out: Write, err: Write, paint: Paint, obey: Obey) -> None:
        self.session = session
        self.out = out
        self.err = err
        self.paint = paint
        self.obey = obey
        self.failures = 0
        self.is_over = False
        self.show: Callable[[int], Iterable[str] | None] = lambda _: None
        self._rest: Iterator[list[str]] = iter(())
        self._left = 0
        self._step = 0

    def answer(self, text: str) -> None:
        """Do what was typed. What is wrong with it is shown, and the session goes on."""
        typed = understand(text, self.session.definitions.texts)
        try:
            match typed.sort:
                case Sort.NOTHING:
                    pass
                case Sort.ORDER:
                    self.obey(self, typed.text)
                case Sort.SELECTOR:
                    self._find(typed.text)
                case Sort.PROGRAM:
                    self._try(typed.text)
        except SkelError as error:
            self.fail(render(error.diagnostics, color=self.paint.color).rstrip())
        except TraceError as error:
            self.fail(f"{self.paint('error', 'red', 'bold')}: {error.message}", error.hint)

    def fail(self, message: str, hint: str = "") -> None:
        """Say what is wrong."""
        self.failures += 1
        self.err(message)
        if hint:
            self.err(f"  {self.paint('help', 'cyan')}: {hint}")

    def say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.out(line)

    def more(self) -> None:
        """The next items of the last answer."""
        if not self._left:
            self.out("that is all")
            return
        for item in islice(self._rest, self._step):
            self.say(item)
            self._left -= 1
        if self._left:
            self.out(self.paint(f"... {self._left:,} more: `:more`", "dim"))

    # ---- answers -----------------------------------------------------------------------------------------------------

    def _find(self, selector: str) -> None:
        trace, paint = self.session.trace, self.paint
        hits = self.session.find(selector)
        self.out(paint(view.found_heading(hits), "bold"))
        self._page(view.found_items(trace, hits, paint), len(hits), FIRST_HITS)
        self.show = lambda number: view.nth_found(trace, hits, number, paint)

    def _try(self, text: str) -> None:
        trial, paint = self.session.attempt(text), self.paint
        if trial is None:
            self.out(paint("defined", "bold"))
            return
        if trial.program.warnings:
            self.err(render(trial.program.warnings, color=paint.color).rstrip())
        self.say(view.trial_heading(trial, paint))
        summary = trial.changes.summary
        self._page(view.trial_items(trial, paint), view.items_of(summary), FIRST_CHANGES)
        self.show = lambda number: view.nth_change(trial, number, paint)
        if summary.has_changes:
            self.out(paint("`:apply` keeps this", "dim"))

    def _page(self, items: Iterator[list[str]], count: int, step: int) -> None:
        self._rest, self._left, self._step = items, count, step
        if count:
            self.more()
