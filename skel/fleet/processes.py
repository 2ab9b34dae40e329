"""The engine of one machine: processes of our own, so that it is known which trace a dying one had in its hands."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from skel.fleet.model import TRIES, Order, Outcome, given_up
from skel.fleet.work import check_one
from skel.processes import processors

_GRACE = 2.0
"""Seconds in which a process ends that was told to."""


@dataclass(slots=True)
class _Worker:
    """One process and our end of the pipe to it; `path` is what it has in its hands."""

    name: str
    process: SpawnProcess
    pipe: Connection
    path: str = ""

    def give(self, path: str) -> None:
        self.path = path
        with suppress(OSError):  # it is dead; the next look at the pipe tells
            self.pipe.send(path)

    def end(self) -> None:
        self.pipe.close()
        self.process.terminate()
        self.process.join(_GRACE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()

    def death(self) -> str:
        """Who died, and of what."""
        self.process.join(_GRACE)
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"{self.name} ({signal.Signals(-code).name})"
        return f"{self.name} (exit code {code})"


def run(order: Order, paths: Sequence[str], workers: int | None = None) -> Iterator[Outcome]:
    """Check all, and yield each as it is done; close the iterator, or interrupt it, and no process stays."""
    team = _Team(order, deque(paths))
    try:
        team.fill(min(workers or processors(), len(paths)))
        while busy := team.busy():
            for worker in _speaking(busy):
                outcome = team.heard(worker)
                if outcome is not None:
                    yield outcome
    finally:
        team.end()


class _Team:
    """The workers, what waits for them, and who died over what."""

    def __init__(self, order: Order, waiting: deque[str]) -> None:
        self._order = order
        self._waiting = waiting
        self._workers: list[_Worker] = []
        self._lost: dict[str, list[str]] = {}
        self._born = 0

    def fill(self, count: int) -> None:
        """Start so many workers, and give each its first trace."""
        for _ in range(count):
            self._hire()

    def busy(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.path]

    def heard(self, worker: _Worker) -> Outcome | None:
        """What a worker says of its trace; None if it died, and another one will try."""
        path, worker.path = worker.path, ""
        try:
            outcome: Outcome = worker.pipe.recv()
        except (EOFError, OSError):
            return self._replace(worker, path)
        self._give(worker)
        return replace(outcome, lost=tuple(self._lost.get(path, ())))

    def end(self) -> None:
        for worker in self._workers:
            worker.end()

    def _replace(self, worker: _Worker, path: str) -> Outcome | None:
        died = self._lost.setdefault(path, [])
        died.append(worker.death())
        self._workers.remove(worker)
        worker.end()
        is_hopeless = len(died) >= TRIES
        if not is_hopeless:
            self._waiting.append(path)  # behind the others: they shall not wait for it
        if self._waiting:
            self._hire()
        return given_up(path, tuple(died)) if is_hopeless else None

    def _hire(self) -> None:
        self._born += 1
        worker = _started(self._order, f"worker {self._born}")
        self._workers.append(worker)
        self._give(worker)

    def _give(self, worker: _Worker) -> None:
        if self._waiting:
            worker.give(self._waiting.popleft())


def _speaking(busy: list[_Worker]) -> list[_Worker]:
    """Those that have something to say, or are dead."""
    ready = wait([worker.pipe for worker in busy])
    return [worker for worker in busy if worker.pipe in ready]


def _started(order: Order, name: str) -> _Worker:
    # Not forked: the threads of the storage library would be missing in the child, and their locks held.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, order), name=f"skel {name}", daemon=True)
    process.start()
    theirs.close()
    return _Worker(name, process, ours)


def _serve(pipe: Connection, order: Order) -> None:
    """The life of a worker. Ctrl-C reaches all processes of a terminal; the parent's word counts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):  # the parent is gone
        while True:
            pipe.send(check_one(order, pipe.recv()))
