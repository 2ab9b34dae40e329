"""A recorder that is killed and begun again, a full disk, a clock that goes back, traces that follow one another."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from skel.record.entries import Moment
from skel.record.errors import RecordError
from skel.record.frames import frame
from skel.record.live import journal as journals
from skel.record.live import recorder as recorders
from skel.record.live.clock import SteadyClock
from skel.record.live.journal import Journal
from skel.record.live.recorder import Turn
from skel.record.live.segments import Segment, condense, read_file
from skel.record.live.session import Recorded
from skel.trace.codec import decode_object
from skel.trace.model import Trace
from tests.record.recordings import caught_up, names, orders, recording, replicas, until
from tests.record.watch_server import Objects, WatchServer

Json = Any
SHOP = Objects()


class Program:
    """`skel record` as a process of its own."""

    def __init__(self, server: WatchServer, folder: Path) -> None:
        self.folder = folder
        config = folder / "kubeconfig"
        config.write_text(
            "current-context: t\ncontexts: [{name: t, context: {cluster: t}}]\n"
            f"clusters: [{{name: t, cluster: {{server: '{server.url}'}}}}]\n"
        )
        (folder / "tracer.yaml").write_text("trackedObjects: {apps/v1.Deployment: {}}\n")
        self.log = folder / "journal" / "00000001.log"

    def start(self, *more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "skel", "record", "--kubeconfig", "kubeconfig", "--config", "tracer.yaml"]
        command += ["-o", "out.sktrace", "--journal", "journal", *more]
        return subprocess.Popen(command, cwd=self.folder, stderr=subprocess.PIPE, text=True)

    def started(self, earlier: int) -> None:
        """As if it had been begun so many seconds earlier."""
        entries = [entry for entry in read_file(self.log) if isinstance(entry, Moment)]
        self.log.write_bytes(frame([Moment(entries[0].at - earlier)]))

    def grows(self, before: int) -> None:
        """Return when something has reached the disk."""
        wait(lambda: self.log.exists() and self.log.stat().st_size > before)

    @property
    def size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0


def wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
def test_killed_at_any_moment_and_begun_again(server: WatchServer, tmp_path: Path) -> None:
    """The server still knows where the recorder was: every change is there, and none twice."""
    program = Program(server, tmp_path)
    server.apply(SHOP.deployment("a", 0))
    number = 0
    for life in range(4):
        running = program.start()
        program.grows(program.size)
        wait(lambda: b"Deployment" in program.log.read_bytes())
        for _ in range(40):
            number += 1
            server.apply(SHOP.deployment("a", number))
            time.sleep(0.005 * life)
        time.sleep(0.4 * life)
        running.kill()
        running.communicate()
        number += 1
        server.apply(SHOP.deployment("a", number))
    last = program.start()
    program.grows(program.size)
    time.sleep(0.5)
    last.send_signal(signal.SIGINT)
    said = last.communicate(timeout=20)[1]
    assert last.returncode == 0
    assert "goes on with the recording in journal" in said
    assert replicas(Trace.open(str(tmp_path / "out.sktrace")), "a") == list(range(number + 1))
    assert not (tmp_path / "journal").exists()


@pytest.mark.slow
def test_told_to_end_it_leaves_a_good_trace(server: WatchServer, tmp_path: Path) -> None:
    server.apply(SHOP.deployment("a"))
    program = Program(server, tmp_path)
    running = program.start()
    program.grows(0)
    running.terminate()
    said = running.communicate(timeout=20)[1]
    assert running.returncode == 0, said
    assert names(Trace.open(str(tmp_path / "out.sktrace"))) == [("applied", "a")]


@pytest.mark.slow
def test_the_time_is_over_though_the_recorder_was_away(server: WatchServer, tmp_path: Path) -> None:
    program = Program(server, tmp_path)
    running = program.start("--for", "20s")
    program.grows(0)
    running.kill()
    running.communicate()
    program.started(30)
    again = program.start("--for", "20s")
    again.communicate(timeout=18)
    assert again.returncode == 0
    assert (tmp_path / "out.sktrace").exists()


def test_a_full_disk_loses_nothing(server: WatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the disk takes in part is gone on with where it stopped."""
    monkeypatch.setattr(journals, "_FLUSH_SECONDS", 0.05)
    monkeypatch.setattr(journals, "_MOST_WAITING", 2000)
    server.apply(SHOP.deployment("a", 0))
    full = [False]
    real = os.write

    def write(descriptor: int, data: memoryview) -> int:
        if not full[0]:
            return real(descriptor, data)
        if len(data) > 100:
            return real(descriptor, data[:7])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("skel.record.live.journal.os.write", write)
    said: list[str] = []

    async def meanwhile(recorded: Recorded) -> None:
        recorder = recorded.recorder
        full[0] = True
        for number in range(1, 60):
            server.apply(SHOP.deployment("a", number))
            await asyncio.sleep(0.005)
        await until(lambda: not recorder.journal.has_room)
        assert "no space left" in recorder.figures().problems[0]
        assert recorder.idle == 0
        full[0] = False
        await caught_up(recorded, server)
        assert recorder.figures().problems == ()

    asyncio.run(recording(server, orders(tmp_path), meanwhile, said=said))
    assert replicas(Trace.open(str(tmp_path / "out.sktrace")), "a") == list(range(60))


def test_an_end_in_the_middle_of_a_write(server: WatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow disk is waited for: nothing overtakes what it is still writing, nothing of it is lost."""
    server.apply(SHOP.deployment("a", 0))
    real = os.write

    def write(descriptor: int, data: memoryview) -> int:
        time.sleep(0.3)
        return real(descriptor, data)

    async def meanwhile(recorded: Recorded) -> None:
        monkeypatch.setattr("skel.record.live.journal.os.write", write)
        for number in range(1, 30):
            server.apply(SHOP.deployment("a", number))
            await asyncio.sleep(0.01)
            if number == 20:
                task = asyncio.create_task(recorded.recorder.journal.flush())
        await caught_up(recorded, server)
        task.cancel()

    asyncio.run(recording(server, orders(tmp_path), meanwhile))
    assert replicas(Trace.open(str(tmp_path / "out.sktrace")), "a") == list(range(30))


def test_a_disk_that_stays_full_is_told_and_the_journal_stays(
    server: WatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.apply(SHOP.deployment("a", 0))

    async def meanwhile(recorded: Recorded) -> None:
        await recorded.recorder.journal.flush()
        monkeypatch.setattr("skel.record.live.journal.os.write", _full)
        server.apply(SHOP.deployment("a", 1))
        await caught_up(recorded, server)

    with pytest.raises(RecordError, match="no space left"):
        asyncio.run(recording(server, orders(tmp_path), meanwhile))
    assert not (tmp_path / "out.sktrace").exists()
    monkeypatch.undo()

    async def nothing(recorded: Recorded) -> None:
        await caught_up(recorded, server)

    asyncio.run(recording(server, orders(tmp_path), nothing))
    assert replicas(Trace.open(str(tmp_path / "out.sktrace")), "a") == [0, 1]


def _full(*_: Any) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_traces_follow_one_another(server: WatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each begins with what was there, and together they hold everything once, over a restart as well."""
    monkeypatch.setattr(recorders, "_TICK_SECONDS", 0.1)
    wanted = orders(tmp_path, target="traces/", turn=Turn(seconds=1.0))
    (tmp_path / "traces").mkdir()
    server.apply(SHOP.deployment("a", 0))
    server.apply(SHOP.deployment("b", 0))
    number = [0]

    async def meanwhile(recorded: Recorded) -> None:
        for _ in range(25):
            number[0] += 1
            server.apply(SHOP.deployment("a", number[0]))
            await asyncio.sleep(0.1)
        await caught_up(recorded, server)

    for _ in range(2):
        asyncio.run(recording(server, wanted, meanwhile))
    traces = [Trace.open(str(path)) for path in sorted((tmp_path / "traces").iterdir())]
    assert len(traces) >= 4
    for trace in traces[1:]:
        first = {decode_object(raw)["metadata"]["name"] for raw in trace.events[0].applied_objs}
        assert first == {"a", "b"}
    for before, after in pairwise(traces):
        assert before.end == after.start
        assert replicas(before, "a")[-1] == replicas(after, "a")[0]
    seen = [value for trace in traces[1:] for value in replicas(trace, "a")[1:]]
    assert replicas(traces[0], "a") + seen == list(range(number[0] + 1))
    assert len(list((tmp_path / "journal").glob("*.log"))) == 1, "what is sent is removed"


def test_storage_that_fails_gets_it_later(server: WatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorders, "_TICK_SECONDS", 0.1)
    monkeypatch.setattr("skel.record.live.outlet._RETRY_SECONDS", 0.1)
    wanted = orders(tmp_path, target="traces/", turn=Turn(seconds=0.5))
    server.apply(SHOP.deployment("a", 0))
    said: list[str] = []

    async def meanwhile(recorded: Recorded) -> None:
        await until(lambda: bool(said))
        (tmp_path / "traces").mkdir()
        await until(lambda: recorded.recorder.written > 1)

    asyncio.run(recording(server, wanted, meanwhile, said=said))
    assert "the directory does not exist" in said[0]
    assert len(list((tmp_path / "traces").iterdir())) >= 3


def test_a_journal_that_is_torn_goes_on_before_the_tear(server: WatchServer, tmp_path: Path) -> None:
    """Some bytes are others, somewhere: the server tells again what came after."""
    wanted = orders(tmp_path, target="traces/")
    (tmp_path / "traces").mkdir()
    server.apply(SHOP.deployment("a", 0))
    said: list[str] = []

    async def meanwhile(recorded: Recorded) -> None:
        for number in range(1, 10):
            server.apply(SHOP.deployment("a", number))
        await caught_up(recorded, server)

    async def nothing(recorded: Recorded) -> None:
        await caught_up(recorded, server)

    asyncio.run(recording(server, wanted, meanwhile))
    log = tmp_path / "journal" / "00000001.log"
    data = bytearray(log.read_bytes())
    data[len(data) // 2] ^= 0xFF
    log.write_bytes(data)
    asyncio.run(recording(server, wanted, nothing, said=said))
    assert "of the journal were torn" in said[0]
    (trace,) = (tmp_path / "traces").iterdir()
    assert replicas(Trace.open(str(trace)), "a") == list(range(10))


def test_an_older_segment_that_is_damaged_is_told(tmp_path: Path) -> None:
    segment = Segment(tmp_path, 1)
    segment.log.write_bytes(frame([Moment(5)]) + b"x" * 20)
    assert segment.start() == 5
    with pytest.raises(RecordError, match="is damaged at byte"):
        list(segment.entries())
    with pytest.raises(RecordError, match="is damaged at byte"):
        condense(segment)


def test_a_clock_that_goes_back() -> None:
    wall, monotonic = [1000.0], [0.0]
    clock = SteadyClock(lambda: wall[0], lambda: monotonic[0])
    wall[0], monotonic[0] = 1010.0, 10.0
    assert clock.now() == 1010
    wall[0], monotonic[0] = 500.0, 11.0
    assert (clock.now(), clock.ahead) == (1011, 511)
    wall[0], monotonic[0] = 501.0, 12.0
    assert clock.now() == 1012
    wall[0], monotonic[0] = 2000.0, 13.0
    assert (clock.now(), clock.ahead) == (2000, 0)
    clock.not_before(3000)
    assert clock.now() == 3000


def test_events_of_a_clock_that_goes_back_keep_their_order(
    server: WatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift = [0.0]
    monkeypatch.setattr(recorders, "SteadyClock", lambda: SteadyClock(lambda: time.time() + shift[0]))

    async def meanwhile(recorded: Recorded) -> None:
        for number in range(6):
            server.apply(SHOP.deployment("a", number))
            await caught_up(recorded, server)
            shift[0] -= 3600
            await asyncio.sleep(0.5)
        assert recorded.recorder.figures().clock_ahead > 3600

    asyncio.run(recording(server, orders(tmp_path), meanwhile))
    trace = Trace.open(str(tmp_path / "out.sktrace"))
    times = [event.ts for event in trace.events]
    assert times == sorted(times)
    assert 2 <= times[-1] - times[0] < 60


def test_a_journal_of_another_cluster(server: WatchServer, tmp_path: Path) -> None:
    server.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "uid": "one"}})

    async def nothing(_: Recorded) -> None: ...

    wanted = orders(tmp_path, target="traces/")
    (tmp_path / "traces").mkdir()
    asyncio.run(recording(server, wanted, nothing))
    other = WatchServer()
    other.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "uid": "two"}})
    from tests.record.watch_server import running

    with running(other), pytest.raises(RecordError, match="is of another cluster"):
        asyncio.run(recording(other, wanted, nothing))


def test_only_one_writes_a_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    with pytest.raises(RecordError, match="another recorder"):
        Journal(tmp_path / "journal")
    asyncio.run(journal.close())
    asyncio.run(Journal(tmp_path / "journal").close())
