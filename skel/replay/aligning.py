"""Several runs of one history side by side: the same request in each of them, met at the same simulated time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from skel.replay.run_lines import RequestLine

Key = tuple[int, float, str | None, str | None, str | None, str | None]
Time = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Aligned:
    """One request in each run, None where a run did not send it."""

    lines: tuple[RequestLine | None, ...]

    @property
    def first(self) -> RequestLine:
        return next(line for line in self.lines if line is not None)


def align(runs: Sequence[Iterator[RequestLine]]) -> Iterator[Aligned]:
    """Pair the n-th sending of an object in an event with the n-th in the other runs.

    The run that is behind in simulated time is read on, so that only what the runs are apart is kept. The version of
    the API is no part of what is compared: a migration moves it. What only some runs have comes at the end, in the
    order of time.
    """
    streams = [iter(run) for run in runs]
    times: list[Time] = [(-1, 0.0)] * len(streams)
    open_streams = set(range(len(streams)))
    waiting: dict[Key, list[deque[RequestLine]]] = {}
    while open_streams:
        number = min(open_streams, key=lambda at: (times[at], at))
        line = next(streams[number], None)
        if line is None:
            open_streams.discard(number)
            continue
        times[number] = line.round, line.t
        key = key_of(line)
        queues = waiting.get(key)
        if queues is None:
            queues = waiting[key] = [deque() for _ in streams]
        queues[number].append(line)
        if all(queues):
            yield Aligned(tuple([queue.popleft() for queue in queues]))
            if not any(queues):
                del waiting[key]
    yield from _left(waiting)


def key_of(line: RequestLine) -> Key:
    """What makes two requests the same: round and simulated time, verb, and the object without its API version.

    Traces have whole seconds, and a step bears the time that the trace says, not when it was sent.
    """
    return line.round, line.t, line.verb, line.kind, line.namespace or "", line.name


def _left(waiting: dict[Key, list[deque[RequestLine]]]) -> Iterator[Aligned]:
    rest = [
        Aligned(tuple(queue[number] if number < len(queue) else None for queue in queues))
        for queues in waiting.values()
        for number in range(max(map(len, queues)))
    ]
    rest.sort(key=lambda found: _order(found.first))
    yield from rest


def _order(line: RequestLine) -> tuple[int, float, int, str, str, str, str]:
    event = -1 if line.event is None else line.event
    return line.round, line.t, event, line.verb or "", line.kind or "", line.namespace or "", line.name or ""
