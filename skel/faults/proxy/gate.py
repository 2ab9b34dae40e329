"""The gate of one watch stream: frames pass in the order in which they came, when it lets them. Pure.

What is held is everything that the server says on the stream, its end included.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import takewhile

from skel.faults.proxy.frames import Frame

MOST_TURNS = 64
"""A gate that holds more than this lets everything go at once: turns take time."""


class Gate:
    """Open unless it is held. A held gate lets through what it has credit for; a lagging one what is old enough.

    Bookmarks need no credit: a server sends them when it likes, and a slow watch must be as slow in each run.

    `by_turns`: what was held passes frame by frame, each when `next_turn` says so. How far a component has got when the
    second of two frames comes is otherwise a matter of luck. Neighbouring frames of one object and one generation pass
    together, and count once: a component that sees the first state but not the last may go round in circles until it
    does, and how often a status is written is not decided.
    """

    def __init__(self, *, by_turns: bool = False) -> None:
        self.by_turns = by_turns
        self._queue: deque[Frame] = deque()
        self._held = False
        self._credit = 0
        self._turns = 0
        self._leaving = False
        self._lag = 0
        self._ended = False
        self._to_drop = 0
        self._to_turn = 0
        self._turned: list[Frame] = []

    # --- what the faults say

    def hold(self) -> None:
        """Credit from before does not count any more."""
        self._held, self._leaving, self._credit, self._turns = True, False, 0, 0

    def release(self) -> None:
        self._credit, self._turns, self._lag = 0, 0, 0
        self._turn()
        self._leaving = self.by_turns and 0 < len(self._queue) <= MOST_TURNS
        self._held = self._leaving

    def credit(self, frames: int) -> None:
        """For a gate that is held; an open one needs none, and a later hold must not find it."""
        if self._held and self.by_turns:
            self._turns += frames
        elif self._held:
            self._credit += frames

    @property
    def next_frame(self) -> Frame | None:
        """What passes with the next turn; None if nothing waits for one."""
        is_waiting = self._queue and not self._credit and (self._leaving or (self._held and self._turns))
        return self._queue[0] if is_waiting else None

    def next_turn(self) -> None:
        """What came before has been dealt with: let the next frame pass, and those that go with it."""
        events = (frame for frame in self._queue if not frame.is_bookmark)
        first = next(events, None)
        same = 1 + sum(1 for _ in takewhile(lambda frame: first is not None and frame.wants_same(first), events))
        self._credit = same
        self._turns = max(0, self._turns - 1)

    def lag(self, frames: int) -> None:
        """Let a frame through when so many later ones have come."""
        self._lag = frames

    def drop(self, frames: int) -> None:
        """Lose the next frames. No correct server does that."""
        self._to_drop += frames

    def reorder(self, frames: int) -> None:
        """Turn the next frames around. No correct server does that."""
        self._turn()
        self._to_turn = frames

    # --- what the server says

    def push(self, frame: Frame) -> None:
        if not frame.is_bookmark and self._to_drop:
            self._to_drop -= 1
        elif not frame.is_bookmark and self._to_turn:
            self._turned.append(frame)
            if len(self._turned) == self._to_turn:
                self._turn()
        else:
            self._queue.append(frame)

    def end(self) -> None:
        """The server ended the stream; nothing is pushed any more."""
        self._turn()
        self._ended = True

    # --- what the component gets

    def passing(self) -> Iterator[Frame]:
        """What may be delivered now, one after the other; a frame that was taken counts as delivered."""
        while self.is_passable:
            frame = self._queue.popleft()
            if self._held and not frame.is_bookmark:
                self._credit -= 1
            if self._leaving and not self._queue:
                self._held = self._leaving = False
            yield frame

    @property
    def is_passable(self) -> bool:
        """Whether a frame may be delivered now."""
        if not self._queue or (self._held and not self._credit):
            return False
        # Behind the last frame nothing comes for which the others could wait.
        return not self._lag or self._ended or self._events() > self._lag

    @property
    def is_at_end(self) -> bool:
        """Whether the component may learn now that the stream is over."""
        return self._ended and not self._held and not self._queue

    @property
    def queued(self) -> int:
        return len(self._queue) + len(self._turned)

    @property
    def is_held(self) -> bool:
        return self._held

    def _events(self) -> int:
        return sum(not frame.is_bookmark for frame in self._queue)

    def _turn(self) -> None:
        """What waits to be turned around joins the queue."""
        self._queue.extend(reversed(self._turned))
        self._turned.clear()
        self._to_turn = 0
