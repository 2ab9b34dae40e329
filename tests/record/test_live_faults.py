"""A server that is killed, slow, busy or forgetful, and tokens that run out: nothing is lost, nothing comes twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from skel.record.live import feed as feeds
from skel.record.live.session import Recorded
from skel.trace.model import Trace
from tests.record.recordings import caught_up, names, orders, recording, replicas, until
from tests.record.watch_server import Fault, Objects, WatchServer

Json = Any
SHOP = Objects()
DEPLOYMENTS = "deployments"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_FIRST_WAIT", 0.02)
    monkeypatch.setattr(feeds, "_LONGEST_WAIT", 0.2)
    monkeypatch.setattr(feeds, "_REFUSED_WAIT", 0.2)


def scaled(server: WatchServer, tmp_path: Path, *faults: Fault, times: int = 40, **how: Any) -> Trace:
    """A recording of a Deployment that is scaled again and again while these faults happen."""
    server.apply(SHOP.deployment("a", 0))

    async def meanwhile(recorded: Recorded) -> None:
        server.faults.extend(faults)
        for number in range(1, times + 1):
            server.apply(SHOP.deployment("a", number))
            await asyncio.sleep(0.01)
        await caught_up(recorded, server)

    asyncio.run(recording(server, orders(tmp_path), meanwhile, **how))
    return Trace.open(str(tmp_path / "out.sktrace"))


@pytest.mark.parametrize("torn", [False, True])
def test_watches_that_are_cut(server: WatchServer, tmp_path: Path, torn: bool) -> None:
    server.longest = 0.1
    server.bookmarks = 0.02
    cuts = Fault(DEPLOYMENTS, watch=True, times=12, after=3, torn=torn)
    assert replicas(scaled(server, tmp_path, cuts), "a") == list(range(41))
    # How many events come before the first watch depends on the machine; all others come three at a time.
    assert server.asked["WATCH /apis/apps/v1/deployments"] > 5
    assert server.asked["GET /apis/apps/v1/deployments"] == 1, "nothing was listed again"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_watches_that_are_refused_for_a_while(server: WatchServer, tmp_path: Path, status: int) -> None:
    server.longest = 0.05
    assert replicas(scaled(server, tmp_path, Fault(DEPLOYMENTS, watch=True, times=5, status=status)), "a") == list(
        range(41)
    )


@pytest.mark.parametrize("status", [429, 500, 410])
def test_lists_that_are_refused_for_a_while(server: WatchServer, tmp_path: Path, status: int) -> None:
    server.faults.append(Fault(DEPLOYMENTS, watch=False, times=3, status=status))
    assert replicas(scaled(server, tmp_path), "a") == list(range(41))


def test_a_list_that_is_forgotten_between_its_pages(server: WatchServer, tmp_path: Path) -> None:
    server.page = 2
    for number in range(6):
        server.apply(SHOP.deployment(f"d{number}"))
    server.faults += [Fault(DEPLOYMENTS, watch=False, times=0), Fault(DEPLOYMENTS, watch=False, times=1, delay=0.05)]

    async def meanwhile(recorded: Recorded) -> None:
        server.longest = 0.01
        server.forget()
        server.faults.append(Fault(DEPLOYMENTS, watch=False, times=1))
        server.delete(SHOP.deployment("d3"))
        server.forget()
        await caught_up(recorded, server)

    asyncio.run(recording(server, orders(tmp_path), meanwhile))
    trace = Trace.open(str(tmp_path / "out.sktrace"))
    assert sorted(names(trace)) == [("applied", f"d{number}") for number in range(6)] + [("deleted", "d3")]


def test_a_slow_server(server: WatchServer, tmp_path: Path) -> None:
    server.longest = 0.1
    slow = Fault(DEPLOYMENTS, times=10, delay=0.1)
    assert replicas(scaled(server, tmp_path, slow), "a") == list(range(41))


def test_a_place_that_is_forgotten(server: WatchServer, tmp_path: Path) -> None:
    """What changed meanwhile shows once, in its last state; what went is deleted; what was made anew is both."""
    for name in "abcd":
        server.apply(SHOP.deployment(name))

    async def meanwhile(recorded: Recorded) -> None:
        server.gone = True
        server.apply(SHOP.deployment("a", 2))  # ends the watches
        await asyncio.sleep(0.2)
        server.apply(SHOP.deployment("a", 3))
        server.delete(SHOP.deployment("b"))
        server.delete(SHOP.deployment("c"))
        server.apply(SHOP.deployment("c"))
        server.apply(SHOP.deployment("e"))
        server.forget()
        server.gone = False
        await caught_up(recorded, server)

    asyncio.run(recording(server, orders(tmp_path), meanwhile))
    trace = Trace.open(str(tmp_path / "out.sktrace"))
    assert replicas(trace, "a") in ([1, 3], [1, 2, 3])
    since = names(trace)[4:]
    assert since.count(("deleted", "b")) == 1
    assert [word for word, name in since if name == "c"] == ["deleted", "applied"]
    assert [word for word, name in since if name == "d"] == []
    assert [word for word, name in since if name == "e"] == ["applied"]


def test_a_server_that_forgets_all_the_time(server: WatchServer, tmp_path: Path) -> None:
    server.longest = 0.05
    trace = scaled(server, tmp_path, Fault(DEPLOYMENTS, watch=True, times=8, expire=True))
    seen = replicas(trace, "a")
    assert seen == sorted(set(seen))
    assert (seen[0], seen[-1]) == (0, 40)


def test_a_server_that_is_killed_and_comes_back(server: WatchServer, tmp_path: Path) -> None:
    server.apply(SHOP.deployment("a", 0))
    said: list[str] = []

    async def meanwhile(recorded: Recorded) -> None:
        for number in range(1, 31):
            server.gone = number % 10 in {3, 4, 5}
            server.apply(SHOP.deployment("a", number))
            await asyncio.sleep(0.05)
        await caught_up(recorded, server)
        assert not recorded.recorder.figures().away

    asyncio.run(recording(server, orders(tmp_path), meanwhile, said=said))
    assert replicas(Trace.open(str(tmp_path / "out.sktrace")), "a") == list(range(31))


def test_a_token_that_is_renewed(server: WatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server.longest = 0.1
    token = tmp_path / "token"
    token.write_text("one")
    server.tokens = {"one"}
    server.apply(SHOP.deployment("a", 0))

    async def meanwhile(recorded: Recorded) -> None:
        for number in range(1, 21):
            if number == 10:
                server.tokens = {"two"}
                token.write_text("two")
            server.apply(SHOP.deployment("a", number))
            await asyncio.sleep(0.03)
        await caught_up(recorded, server)

    asyncio.run(recording(server, orders(tmp_path), meanwhile, token_file=str(token)))
    assert replicas(Trace.open(str(tmp_path / "out.sktrace")), "a") == list(range(21))


def test_what_one_may_not_see_does_not_stop_the_rest(server: WatchServer, tmp_path: Path) -> None:
    server.faults.append(Fault("/configmaps", times=10_000, status=403))
    wanted = orders(tmp_path, "apps/v1.Deployment", "v1.ConfigMap")

    async def meanwhile(recorded: Recorded) -> None:
        server.apply(SHOP.deployment("a"))
        await until(lambda: recorded.recorder.figures().objects == 1)
        assert recorded.recorder.figures().away == ("v1.ConfigMap",)

    outcome = asyncio.run(recording(server, wanted, meanwhile))
    assert names(Trace.open(str(tmp_path / "out.sktrace"))) == [("applied", "a")]
    assert outcome.not_recorded == ("/api/v1/configmaps can't be listed: 403 code 403",)


def test_a_reader_that_is_slower_than_the_server_waits(
    server: WatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skel.record.live.recorder._INBOX", 1)
    trace = scaled(server, tmp_path, times=300)
    assert replicas(trace, "a") == list(range(301))
