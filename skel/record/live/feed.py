"""One kind of objects, in the whole cluster or in one namespace, from its first list on: what it brings is posted.

A watch that ends is begun again where it stood. If the server has forgotten that place, everything is listed once more:
what has changed meanwhile shows as changed, what is not there any more as deleted.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from skel.client.errors import ClientError, Disconnected
from skel.client.request import Query
from skel.client.watch import Changed, Expired, Source, follow, pages
from skel.patch.values import Json
from skel.record.live.kin import Kin

_FIRST_WAIT, _LONGEST_WAIT = 0.25, 15.0
_REFUSED_WAIT = 30.0
"""Seconds until somebody who may not, or asks for what is not served, asks again."""
_CUT_WAIT = 0.05
_LONGEST_PROBLEM = 200
_PAGES = 2
"""Pages of lists that are in memory at a time: decoded, one can take 10 MB and more."""
_SETTLED_SECONDS = 2.0
"""A watch that has not been refused by then is open."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A list begins: until it ends nobody knows a place to go on from."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the objects that are there. Whoever has recorded them sets `taken`."""

    objects: list[Json]
    taken: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Complete:
    """The list has ended; it was true at this version."""

    version: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change, and the version after it; None for a version alone."""

    change: Changed | None
    version: str


News = Opened | Page | Complete | Change


@dataclass(frozen=True, slots=True)
class Letter:
    """What a feed brings, when it came (monotonic seconds)."""

    feed: Feed
    news: News
    came: float


@dataclass(slots=True, eq=False)
class Feed:
    """Where to look, and how it goes. `kind` is a gvk; `namespace` is empty for all of them."""

    kind: str
    path: str
    query: Query = ()
    namespace: str = ""
    version: str = ""
    """Where the watch stands; empty if it has to list first."""
    reached: str = ""
    """Until where everything it brought is recorded; empty while it lists."""
    problem: str = ""
    """Why nothing comes now, in a sentence; empty if all is well."""
    is_ready: asyncio.Event = field(default_factory=asyncio.Event)
    """What was there at the beginning is recorded, or can't be had."""
    is_recorded: bool = True
    """Its objects are recorded."""
    is_lives: bool = False
    """They are pods, whose lifetimes are kept."""
    failures: int = 0
    """How often in a row it broke off."""
    lists: int = 0
    watches: int = 0

    @property
    def name(self) -> str:
        """What its place is called in a journal."""
        what = self.kind if self.is_recorded else f"lifetimes of {self.kind}"
        return f"{what}@{self.namespace}" if self.namespace else what

    def settle(self) -> None:
        """The watch is open, or brings something."""
        self.problem = ""
        self.failures = 0


class Follower:
    """Brings what feeds show. It waits where nobody takes it, and so does the server."""

    def __init__(
        self,
        source: Source,
        kin: Kin,
        post: Callable[[Letter], Awaitable[None]],
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._source = source
        self._kin = kin
        self._post = post
        self._monotonic = monotonic
        self._sleep = sleep
        self._paging = asyncio.Semaphore(_PAGES)

    async def run(self, feed: Feed) -> None:
        """Never ends by itself."""
        while True:
            await self._sleep(await self._once(feed))

    async def _once(self, feed: Feed) -> float:
        """List if need be, then follow the watch to its end. How many seconds to wait then."""
        try:
            if not feed.version:
                await self._list(feed)
            await self._follow(feed)
        except Expired:
            # A server that forgets all the time must not be asked without a breath.
            feed.version = ""
        except Disconnected as error:
            feed.problem = _one_line(error.message)
            feed.failures += 1
            return _wait(feed.failures)
        except ClientError as error:
            # What was recorded of a kind that is not served any more stays: only its version may be gone.
            feed.problem = _one_line(error.message)
            feed.is_ready.set()
            return _REFUSED_WAIT
        return _CUT_WAIT

    async def _list(self, feed: Feed) -> None:
        feed.lists += 1
        await self._put(feed, Opened())
        version = ""
        async with aclosing(pages(self._source, feed.path, feed.query)) as found:
            while at := await self._page(feed, found):
                version = at
        await self._put(feed, Complete(version))
        feed.version = version

    async def _page(self, feed: Feed, found: AsyncIterator[tuple[list[Json], str]]) -> str:
        """Bring the next page, and wait until it is recorded. Its version, empty behind the last."""
        async with self._paging:
            try:
                objects, version = await anext(found)
            except StopAsyncIteration:
                return ""
            await self._kin.meet(objects, pods=feed.is_lives)
            page = Page(objects)
            await self._put(feed, page)
            await page.taken.wait()
            return version

    async def _follow(self, feed: Feed) -> None:
        feed.watches += 1
        settled = asyncio.get_running_loop().call_later(_SETTLED_SECONDS, feed.settle)
        try:
            async with aclosing(follow(self._source, feed.path, feed.query, feed.version)) as changes:
                async for change, version in changes:
                    feed.settle()
                    if change is not None and change.type != "DELETED":
                        await self._kin.meet((change.object,), pods=feed.is_lives)
                    await self._put(feed, Change(change, version))
                    feed.version = version
        finally:
            settled.cancel()

    async def _put(self, feed: Feed, news: News) -> None:
        await self._post(Letter(feed, news, self._monotonic()))


def _wait(failures: int) -> float:
    """Seconds before the next attempt: doubled each time, and spread so that not all feeds come at once."""
    longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(failures - 1, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  (spreads retries, guards nothing)


def _one_line(text: str) -> str:
    """Some reasons of broken connections have several."""
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST_PROBLEM else f"{words[: _LONGEST_PROBLEM - 3]}..."
