from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import islice
from typing import Any

import msgspec
import pytest

from skel.client.errors import ClientError, Disconnected, NotServed
from skel.client.request import Request, Response
from skel.client.watch import Changed, Listed, watch

Json = Any


def pod(name: str, version: int) -> Json:
    return {"metadata": {"name": name, "resourceVersion": str(version)}}


class Script:
    """Answers lists and watches one after the other, and remembers what was asked."""

    def __init__(self, lists: list[Response], watches: list[list[Json | Exception]]) -> None:
        self.lists = lists
        self.watches = watches
        self.asked: list[dict[str, str]] = []

    async def send(self, request: Request) -> Response:
        self.asked.append(dict(request.query))
        return self.lists.pop(0)

    async def lines(self, request: Request, *, idle: float) -> AsyncIterator[bytes]:
        assert idle > 60
        self.asked.append(dict(request.query))
        for item in self.watches.pop(0):
            if isinstance(item, Exception):
                raise item
            yield item if isinstance(item, bytes) else msgspec.json.encode(item)


def listed(version: int, *pods: Json, more: str = "") -> Response:
    return Response(200, {"metadata": {"resourceVersion": str(version), "continue": more}, "items": list(pods)})


def event(kind: str, thing: Json) -> Json:
    return {"type": kind, "object": thing}


def first(script: Script, count: int) -> list[Listed | Changed]:
    async def nap(_: float) -> None:
        return

    async def collect() -> list[Listed | Changed]:
        found: list[Listed | Changed] = []
        async for item in watch(script, "/api/v1/pods", sleep=nap):
            found.append(item)
            if len(found) == count:
                break
        return found

    return asyncio.run(collect())


END = {"type": "ERROR", "object": {"code": 410, "message": "too old"}}


def test_a_list_then_changes_from_there() -> None:
    script = Script(
        [listed(5, pod("a", 1), more="c"), listed(5, pod("b", 2))],
        [[event("ADDED", pod("c", 6)), event("DELETED", pod("a", 7))]],
    )
    assert first(script, 3) == [
        Listed([pod("a", 1), pod("b", 2)]),
        Changed("ADDED", pod("c", 6)),
        Changed("DELETED", pod("a", 7)),
    ]
    assert script.asked[1]["continue"] == "c"
    assert script.asked[2]["resourceVersion"] == "5"
    assert script.asked[2]["allowWatchBookmarks"] == "true"


def test_a_watch_that_ends_goes_on_at_the_last_bookmark() -> None:
    script = Script(
        [listed(5)],
        [
            [event("ADDED", pod("a", 6)), event("BOOKMARK", pod("", 40))],
            [Disconnected("cut")],
            [b'{"type": "ADD', event("ADDED", pod("lost", 1))],
            [event("ADDED", pod("b", 41))],
        ],
    )
    assert first(script, 3) == [Listed([]), Changed("ADDED", pod("a", 6)), Changed("ADDED", pod("b", 41))]
    assert [asked.get("resourceVersion") for asked in script.asked] == [None, "5", "40", "40", "40"]


@pytest.mark.parametrize("gone", [[END], [{"kind": "Status", "code": 410}]])
def test_what_the_server_forgot_is_listed_again(gone: list[Json]) -> None:
    script = Script([listed(5, pod("a", 1)), listed(90, pod("b", 80))], [gone, [event("ADDED", pod("c", 91))]])
    assert first(script, 3) == [Listed([pod("a", 1)]), Listed([pod("b", 80)]), Changed("ADDED", pod("c", 91))]
    assert script.asked[-1]["resourceVersion"] == "90"


def test_a_list_that_expires_between_pages_begins_anew() -> None:
    script = Script(
        [listed(5, pod("a", 1), more="c"), Response(410, {}), listed(9, pod("b", 2))], [[event("ADDED", pod("c", 10))]]
    )
    assert first(script, 2)[0] == Listed([pod("b", 2)])


def test_a_busy_server_is_asked_again_and_a_refusal_is_told() -> None:
    script = Script([Response(503, {}), Response(429, {}), listed(5)], [[event("ADDED", pod("a", 6))]])
    assert list(islice(first(script, 2), 1)) == [Listed([])]
    refused = {"kind": "Status", "message": "pods is forbidden"}
    with pytest.raises(ClientError, match="403 pods is forbidden"):
        first(Script([Response(403, refused)], []), 1)
    with pytest.raises(ClientError, match="can't be watched"):
        first(Script([listed(5)], [[{"kind": "Status", "code": 403, "message": "no"}]]), 2)


def test_a_collection_that_is_gone_is_told_apart() -> None:
    gone = {"kind": "Status", "code": 404, "message": "404 page not found"}
    with pytest.raises(NotServed, match="not served any more"):
        first(Script([listed(5)], [[gone]]), 2)
    with pytest.raises(NotServed, match="can't be listed: 404"):
        first(Script([Response(404, gone)], []), 1)
