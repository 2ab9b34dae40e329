from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.client.request import Request, Response
from skel.replay.driver import Driver
from skel.replay.errors import ReplayError
from skel.replay.journal import HELD_BACK, Journal, Line, encoded_line, read_journal
from skel.replay.run_folder import Progressed, RunFolder
from skel.trace.codec import Event, encode_object
from skel.trace.model import Trace
from tests.replay.replays import START, deployment, plan_of


def line(step: int) -> Line:
    return Line(0.0, 0.0, 0, step, 1, "apply", "v1", "Pod", "shop", f"p{step}", 201, "accepted")


def write(path: Path, act: Callable[[Journal], None]) -> None:
    async def main() -> None:
        journal = Journal(path)
        try:
            act(journal)
        finally:
            journal.close()

    asyncio.run(main())


def test_lines_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "j"
    count = 2 * HELD_BACK + 3

    def append_all(journal: Journal) -> None:
        for number in range(count):
            journal.append(line(number))

    write(path, append_all)
    write(path, lambda journal: journal.append(line(count)))
    assert [one.step for one in read_journal(path)] == list(range(count + 1))
    assert b'"apiVersion":"v1"' in path.read_bytes()


def test_lines_that_come_together_are_held_back_like_others(tmp_path: Path) -> None:
    """Never more of them than a crash may lose; and they are where they belong among the others."""
    path, sizes = tmp_path / "j", [1, HELD_BACK, 5, HELD_BACK - 5, 40, 40, 3]

    async def main() -> None:
        journal, written = Journal(path), 0
        for size in sizes:
            journal.append(line(written))
            lines = [encoded_line(line(written + 1 + number)) for number in range(size)]
            journal.append_encoded(lines)
            written += 1 + size
            assert written - len(list(read_journal(path))) <= HELD_BACK
        await asyncio.sleep(0.2)
        assert len(list(read_journal(path))) == written
        journal.close()

    asyncio.run(main())
    assert [one.step for one in read_journal(path)] == list(range(sum(sizes) + len(sizes)))


def test_lines_are_with_the_system_a_moment_later(tmp_path: Path) -> None:
    async def main() -> None:
        journal = Journal(tmp_path / "j")
        journal.append(line(0))
        await asyncio.sleep(0.2)
        assert len(list(read_journal(tmp_path / "j"))) == 1
        journal.close()

    asyncio.run(main())


def test_a_torn_line_is_left_out_and_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "j"
    write(path, lambda journal: journal.append(line(0)))
    with path.open("ab") as file:
        file.write(b'{"t":')
    assert [one.step for one in read_journal(path)] == [0]
    write(path, lambda journal: journal.append(line(1)))
    assert [one.step for one in read_journal(path)] == [0, 1]


def test_a_line_of_something_else_is_named(tmp_path: Path) -> None:
    (tmp_path / "j").write_text("{}\n", "utf-8")
    with pytest.raises(ReplayError, match=r"j:1: this is no line of a run"):
        list(read_journal(tmp_path / "j"))


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(ReplayError, match="can't be made"):
        RunFolder(tmp_path / "file" / "run").begin({})


@given(st.lists(st.integers(0, 40), unique=True))
def test_progress_knows_exactly_what_is_done(numbers: list[int]) -> None:
    progressed = Progressed()
    for number in numbers:
        progressed.add(0, number)
    assert {number for number in range(50) if progressed.has(number)} == set(numbers)
    assert progressed.last == max(numbers, default=-1)
    progressed.add(1, 3)
    assert (progressed.round, progressed.last, progressed.has(2)) == (1, 3, False)


class Nothing:
    """A target that takes everything and remembers nothing."""

    name, version, is_dry = "dry:1.30", "1.30", True

    async def send(self, _: Request) -> Response:
        return Response(200, None)

    async def close(self) -> None: ...


def test_a_long_trace_needs_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    raw = [encode_object(deployment(f"d{n}")) for n in range(50)]

    def peak(events: int) -> int:
        trace = Trace.make([Event(START + n, [raw[n % 50]], []) for n in range(events)], {}, {}, {})
        tracemalloc.start()
        asyncio.run(Driver(plan_of(trace), Nothing(), folder=RunFolder(tmp_path / str(events))).run())
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak(100)
    short, long = peak(500), peak(10_000)
    assert long - short < 500_000
