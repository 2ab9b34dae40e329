"""Work beside the screen: only the newest question counts, and only its answer comes back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Generic, TypeVar

from textual.screen import Screen
from textual.timer import Timer

Q = TypeVar("Q")
A = TypeVar("A")


class Background(Generic[Q, A]):
    """`work` runs in a thread; `take` gets its answer on the screen, unless something newer was asked meanwhile.

    One question is worked on at a time. The thread is no worker of the library, which would be waited for when the
    person leaves: a check of a big trace takes long.
    """

    def __init__(self, screen: Screen[None], name: str, work: Callable[[Q], A], take: Callable[[A], None]) -> None:
        self._screen = screen
        self._name = name
        self._work = work
        self._take = take
        self._timer: Timer | None = None
        self._number = 0
        self._answered = 0
        self._is_working = False
        self._next: Callable[[], None] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._answered != self._number

    def ask(self, question: Q, *, after: float = 0.0) -> None:
        """Ask in so many seconds, unless something else is asked before."""
        self._number += 1
        self._wait_no_more()
        start = partial(self._start, question, self._number)
        if after:
            self._timer = self._screen.set_timer(after, start)
        else:
            start()

    def forget(self) -> None:
        """Nobody wants to know any more."""
        self._number += 1
        self._answered = self._number
        self._wait_no_more()

    def _wait_no_more(self) -> None:
        self._next = None
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _start(self, question: Q, number: int) -> None:
        if number != self._number:
            return  # a timer that was stopped may ring once more
        if self._is_working:
            self._next = partial(self._start, question, number)
            return
        self._is_working = True
        Thread(target=self._run, args=(question, number), name=self._name, daemon=True).start()

    def _run(self, question: Q, number: int) -> None:
        try:
            tell = partial(self._take, self._work(question))
        except Exception as error:  # noqa: BLE001  (it is raised again where the screen is)
            tell = partial(_raise, error)
        with suppress(RuntimeError):  # the person has left
            self._screen.call_later(self._done, tell, number)

    def _done(self, tell: Callable[[], None], number: int) -> None:
        self._is_working = False
        if self._next is not None:
            start, self._next = self._next, None
            start()
        elif number == self._number:
            self._answered = number
            tell()


def _raise(error: Exception) -> None:
    raise error
