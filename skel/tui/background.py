"""Work beside the screen: only the newest question counts, and only its answer comes back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from textual.screen import Screen
from textual.timer import Timer
from textual.worker import get_current_worker

Q = TypeVar("Q")
A = TypeVar("A")


class Background(Generic[Q, A]):
    """`work` runs in a thread; `take` gets its answer on the screen, unless something newer was asked meanwhile."""

    def __init__(self, screen: Screen[None], name: str, work: Callable[[Q], A], take: Callable[[A], None]) -> None:
        self._screen = screen
        self._name = name
        self._work = work
        self._take = take
        self._timer: Timer | None = None
        self._number = 0
        self._answered = 0

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._answered != self._number

    def ask(self, question: Q, *, after: float = 0.0) -> None:
        """Ask in so many seconds, unless something else is asked before."""
        self._number += 1
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if after:
            self._timer = self._screen.set_timer(after, partial(self._start, question, self._number))
        else:
            self._start(question, self._number)

    def _start(self, question: Q, number: int) -> None:
        self._screen.run_worker(
            partial(self._run, question, number), name=self._name, group=self._name, exclusive=True, thread=True
        )

    def _run(self, question: Q, number: int) -> None:
        answer = self._work(question)
        if not get_current_worker().is_cancelled:
            self._screen.app.call_from_thread(self._done, answer, number)

    def _done(self, answer: A, number: int) -> None:
        if number == self._number:
            self._answered = number
            self._take(answer)
