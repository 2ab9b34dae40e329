"""Many feeds -> one journal: whatever comes is recorded in the order in which it came, by one hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from skel.client.watch import Changed, Source
from skel.kube.gvk import split_gvk
from skel.patch.values import Json
from skel.record.entries import Entry, Place
from skel.record.imports.options import Wanted
from skel.record.live.clock import SteadyClock
from skel.record.live.feed import Change, Complete, Feed, Follower, Letter, Opened, Page
from skel.record.live.journal import Journal
from skel.record.live.kin import Kin
from skel.record.live.segments import Segment, condense
from skel.record.live.status import Figures, Gauge, problems_of
from skel.record.noise import Noise
from skel.record.recording import Recording, pod_key
from skel.record.tracked import Tracked

_INBOX = 512
_SECRET = "v1.Secret"
_TICK_SECONDS = 1.0
_PLACE_SECONDS = 10.0
"""So often the place of a watch is written down where nothing is recorded: what is read again must not be much."""
_PATIENCE = 60.0
"""Seconds until a recording counts as begun, and pods are looked at, though something could not be listed yet."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time goes on."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is recorded, and how. `secrets`: with their values, of which only the keys are recorded otherwise."""

    tracked: Tracked
    every_change: bool = False
    noise: Noise = field(default_factory=Noise)
    secrets: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """When a segment ends and the next one begins: after so many seconds or bytes, whichever comes first."""

    seconds: float | None = None
    size: int | None = None


class Recorder:
    """Records until it is stopped. What a former run has left in the journal is taken up first."""

    def __init__(
        self,
        source: Source,
        journal: Journal,
        rule: Rule,
        feeds: Sequence[Feed],
        *,
        turn: Turn | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`sleep` is how feeds wait before they ask again."""
        self.journal = journal
        self.feeds = tuple(feeds)
        self.clock = SteadyClock()
        self.recording = Recording(rule.tracked, journal, every_change=rule.every_change, noise=rule.noise)
        self.ended: asyncio.Queue[Segment] = asyncio.Queue()
        """Segments that nothing is added to any more."""
        self.written = 0
        """Traces that are where they belong."""
        self._turn = turn or Turn()
        self._secrets = Wanted(secrets=rule.secrets)
        self._inbox: asyncio.Queue[Letter | Tick] = asyncio.Queue(_INBOX)
        kin = Kin(source.send, self.recording.families, rule.tracked)
        self._follower = Follower(source, kin, self._inbox.put, self.clock.monotonic, sleep)
        self._gauge = Gauge(self.clock.monotonic)
        self._there: dict[str, set[str]] = {}
        self._lives: dict[str, set[str]] = {}
        self._places: dict[str, str] = {}
        self._placed = 0.0
        self._taken = self.clock.monotonic()
        self._begun: int | None = None
        self.started = 0.0
        self.is_resumed = False

    @property
    def is_ready(self) -> bool:
        """Whether what was there at the beginning is recorded."""
        return all(feed.is_ready.is_set() for feed in self.feeds)

    @property
    def idle(self) -> float:
        """Seconds since anything was taken from the inbox, where at least the time comes every second.

        None while the disk takes nothing: that is a reason to wait.
        """
        return self.clock.monotonic() - self._taken if self.journal.has_room else 0.0

    def figures(self) -> Figures:
        feeds, journal, recording = self.feeds, self.journal, self.recording
        return Figures(
            started=self.started,
            now=self.clock.now(),
            objects=recording.objects(),
            pods=recording.pods(),
            counts=recording.counts,
            rate=self._gauge.rate,
            lag=self._gauge.lag,
            waiting=self._inbox.qsize(),
            journal_bytes=journal.size,
            unwritten=journal.unwritten,
            is_ready=self.is_ready,
            away=tuple(feed.name for feed in feeds if feed.problem),
            problems=(*problems_of(feeds), *((journal.problem,) if journal.problem else ())),
            written=self.written,
            feeds=len(feeds),
            clock_ahead=self.clock.ahead,
        )

    async def begin(self) -> None:
        """Take up what is in the journal, or begin it."""
        current = self.journal.current
        if not current.is_first:
            await asyncio.to_thread(condense, Segment(current.folder, current.number - 1))
        for entry in current.entries():
            self._recall(entry)
        self.is_resumed = self.recording.now > 0
        self.clock.not_before(self.recording.now)
        self._note_old_places()
        self.started = float(current.start() or self.clock.now())
        if not self.is_resumed:
            self._begun = int(self.clock.now())
        self.recording.moment(int(self.clock.now()))
        self.journal.commit()

    async def run(self) -> None:
        """Never ends by itself. `begin` comes before, `end` behind, whatever ended it."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.journal.keep_flushing())
            tasks.create_task(self._tick())
            for feed in self.feeds:
                tasks.create_task(self._run(feed))
            tasks.create_task(self._begun_in_time())
            tasks.create_task(self._take_all())

    def end(self) -> int:
        """Record what has come already, and say until when somebody was looking: that time is returned."""
        while not self._inbox.empty():
            self._take(self._inbox.get_nowait())
        self._note_places()
        self.recording.moment(self._now())
        self.journal.commit()
        return self.recording.now

    def _recall(self, entry: Entry) -> None:
        self.recording.recall(entry)
        if isinstance(entry, Place):
            self._places[entry.feed] = entry.version

    def _note_old_places(self) -> None:
        for feed in self.feeds:
            feed.version = feed.reached = self._places.get(feed.name, "")
            if feed.version:
                feed.is_ready.set()

    async def _run(self, feed: Feed) -> None:
        """Pods come last: by then it is known who owns them."""
        if feed.is_lives:
            await asyncio.gather(*(other.is_ready.wait() for other in self.feeds if not other.is_lives))
        await self._follower.run(feed)

    async def _begun_in_time(self) -> None:
        await asyncio.sleep(_PATIENCE)
        for feed in self.feeds:
            feed.is_ready.set()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            await self._inbox.put(Tick())

    async def _take_all(self) -> None:
        while True:
            await self.journal.room()
            letter = await self._inbox.get()
            self._take(letter)
            if isinstance(letter, Tick) and self._is_turn():
                await self._end_segment()

    def _take(self, letter: Letter | Tick) -> None:
        self._taken = self.clock.monotonic()
        if isinstance(letter, Tick):
            if self._begun is not None and self.is_ready:
                self._begun = None
            self._gauge.mark(self.recording.counts.events)
            self._gauge.lag = 0.0 if self._inbox.empty() else self._gauge.lag
            if self.clock.monotonic() - self._placed > _PLACE_SECONDS:
                self._note_places()
            return
        self._gauge.lag = self.clock.monotonic() - letter.came
        feed = letter.feed
        match letter.news:
            case Opened():
                self._there[feed.name], self._lives[feed.name] = set(), set()
                feed.reached = ""
                self._place(feed, "")
            case Page(objects, taken):
                for thing in objects:
                    self._see(feed, thing)
                taken.set()
            case Complete(version):
                self._end_list(feed)
                feed.reached = version
                self._place(feed, version)
                feed.is_ready.set()
            case Change(change, version):
                feed.reached = version
                if change is not None and self._change(feed, change):
                    self._place(feed, version)
        self.journal.commit()

    def _change(self, feed: Feed, change: Changed) -> bool:
        """Record a change; whether it became an entry."""
        before = self.journal.batched
        if change.type == "DELETED":
            self._gone(feed, change.object)
        else:
            self._see(feed, change.object)
        return self.journal.batched > before

    def _see(self, feed: Feed, thing: dict[str, Json]) -> None:
        at = self._now()
        if feed.is_recorded:
            shaped = self._shaped(thing) if feed.kind == _SECRET else thing
            if shaped is not None:
                self._there.setdefault(feed.name, set()).add(_name(thing))
                self.recording.applied(at, shaped, kind=feed.kind)
        if feed.is_lives:
            self._lives.setdefault(feed.name, set()).add(pod_key(thing))
            self.recording.pod(at, thing)

    def _shaped(self, secret: dict[str, Json]) -> dict[str, Json] | None:
        """A Secret as it may be kept, None for one that may not. In a list it does not say what it is."""
        api_version, kind = split_gvk(_SECRET)
        return self._secrets.shaped({**secret, "apiVersion": api_version, "kind": kind})

    def _gone(self, feed: Feed, thing: dict[str, Json]) -> None:
        at = self._now()
        if feed.is_lives:
            self.recording.pod(at, thing, gone=True)
        if feed.is_recorded:
            self.recording.deleted(at, thing, kind=feed.kind)

    def _end_list(self, feed: Feed) -> None:
        """What the list did not show went while nobody was looking."""
        at = self._now()
        if feed.is_recorded:
            self.recording.missing(at, feed.kind, self._there.pop(feed.name, set()), feed.namespace)
        if feed.is_lives:
            self.recording.missing_pods(at, self._lives.pop(feed.name, set()), feed.namespace)

    def _now(self) -> int:
        """What is there at the beginning has one time, however long it takes to list it."""
        return int(self.clock.now()) if self._begun is None else self._begun

    def _place(self, feed: Feed, version: str) -> None:
        if self._places.get(feed.name, "") != version:
            self._places[feed.name] = version
            self.recording.place(feed.name, version)

    def _note_places(self) -> None:
        """Write down where each watch stands, though it brought nothing to record."""
        self._placed = self.clock.monotonic()
        for feed in self.feeds:
            if feed.reached:
                self._place(feed, feed.reached)
        self.journal.commit()

    def _is_turn(self) -> bool:
        turn, length = self._turn, self.clock.now() - self.started
        return (turn.seconds is not None and length >= turn.seconds) or (
            turn.size is not None and self.journal.size >= turn.size
        )

    async def _end_segment(self) -> None:
        """The next segment begins a second after the last entry, so that no second is in both."""
        if self._begun is not None or self.journal.problem:
            return
        self._note_places()
        at = max(self._now(), self.recording.now + 1)
        ended = await self.journal.begin_segment(at)
        self.recording.advance(at)
        self.started = float(at)
        self.ended.put_nowait(ended)


def _name(thing: Mapping[str, Json]) -> str:
    """`namespace/name`, as the index of a trace has it."""
    metadata = thing["metadata"]
    namespace = metadata.get("namespace")
    return f"{namespace}/{metadata['name']}" if namespace else str(metadata["name"])
