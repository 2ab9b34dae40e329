"""When a world is at rest, with a component that is busy when a test says so; test_real has real ones."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import pytest

from skel.faults.errors import FaultError
from skel.faults.proxy.frames import Frame
from skel.faults.proxy.pool import Upstream
from skel.faults.proxy.route import parse_route
from skel.faults.proxy.rules import Rules
from skel.faults.proxy.traffic import Traffic, Watch
from skel.faults.work_queues import Work
from skel.faults.world_component import Component
from skel.faults.world_rest import Rest
from skel.faults.world_truth import Truth

RESOURCES = ("pods", "replicasets")


@dataclass
class Etcd:
    """A pod is written when it is asked for the `written_at`th time how far it is."""

    written_at: int = 0
    changes: int = 0
    syncs: int = 0

    async def sync(self) -> int:
        self.syncs += 1
        await asyncio.sleep(0)
        return 100

    def last(self, resource: str, after: int, until: int, fits: Callable[..., bool]) -> int:
        return 7 if resource == "pods" and 0 < self.written_at <= self.syncs else 0


class Controller:
    """Does one thing for each frame that it gets, and what is in hand or put off whenever it gets time."""

    name = "controller"
    is_up = True

    def __init__(self, in_hand: int = 0, put_off: int = 0) -> None:
        self.proxy = Traffic(Upstream("127.0.0.1", 1, ssl.create_default_context(), ""), rules=Rules(by_turns=True))
        self.in_hand = in_hand
        self.put_off = put_off
        """What of it still waits; nobody sees that."""
        self.ever_put_off = min(put_off, 1)
        self.gifts = 0
        self.done: list[str] = []

    def check(self) -> None:
        pass

    def is_still(self) -> bool:
        return True

    async def work(self) -> Work:
        return Work(self.in_hand > 0, self.ever_put_off)

    async def give(self) -> None:
        self.gifts += 1
        if self.in_hand > 0:
            self.in_hand -= 1
            self.did("in hand")
        elif self.put_off:
            self.put_off -= 1
            self.ever_put_off += self.put_off > 0
            self.did("put off")

    def did(self, what: str) -> None:
        self.done.append(what)
        self.proxy.activity += 1

    def watch(self, resource: str) -> Watch:
        watch = Watch(parse_route("GET", f"/api/v1/{resource}?watch=true"), "controller")
        self.proxy.rules.admit(watch)
        self.proxy.watches.add(watch)
        return watch

    async def take(self) -> None:
        """Take what may pass; each frame puts something into its hands."""
        while True:
            for watch in sorted(self.proxy.watches, key=lambda watch: watch.resource):
                for frame in watch.gate.passing():
                    self.did(f"{watch.resource} {frame.revision}")
                    self.in_hand += 1
            self.proxy.tell()
            await asyncio.sleep(0)


def rest_of(controller: Controller, etcd: Etcd | None = None, patience: float = 20.0) -> Rest:
    components = cast(list[Component], [controller])
    return Rest(cast(Truth, etcd or Etcd()), components, controller.give, patience)


async def reached(controller: Controller, etcd: Etcd | None = None) -> None:
    taking = asyncio.create_task(controller.take())
    try:
        await rest_of(controller, etcd).reached()
    finally:
        taking.cancel()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_worker_that_sleeps_with_something_in_hand_gets_time(count: int) -> None:
    controller = Controller(in_hand=count)
    asyncio.run(reached(controller))
    assert controller.done == ["in hand"] * count


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_put_off_behind_a_fault_gets_time_as_long_as_more_is_put_off(count: int) -> None:
    controller = Controller(put_off=count)
    controller.proxy.spoiled += 1
    asyncio.run(reached(controller))
    assert controller.done == ["put off"] * count


def test_what_is_put_off_without_a_fault_waits_for_the_time_of_its_step() -> None:
    controller = Controller(put_off=3)
    asyncio.run(reached(controller))
    assert controller.gifts == 0


def test_what_nobody_ever_does_gets_time_in_vain_and_is_left() -> None:
    controller = Controller(in_hand=1000)
    asyncio.run(reached(controller))
    assert 0 < controller.gifts < 10


def test_what_was_held_passes_the_oldest_first_and_each_at_rest() -> None:
    controller = Controller()

    async def whole() -> None:
        for resource, revisions in zip(RESOURCES, ((11, 14), (12, 13)), strict=True):
            gate = controller.watch(resource).gate
            gate.hold()
            for revision in revisions:
                gate.push(Frame(b"", "MODIFIED", f"it-{revision}", "shop", revision))
            gate.release()
        await reached(controller)

    asyncio.run(whole())
    frames = ["pods 11", "replicasets 12", "replicasets 13", "pods 14"]
    assert controller.done == [did for frame in frames for did in (frame, "in hand")]


LOOKS = 2
"""How often etcd is asked on the way to a rest where nothing goes on."""


def test_there_are_as_many_looks_as_the_next_test_thinks() -> None:
    etcd = Etcd()
    asyncio.run(reached(Controller(), etcd))
    assert etcd.syncs == LOOKS


@pytest.mark.parametrize("written_at", range(1, LOOKS + 1))
def test_there_is_no_rest_until_a_watch_has_shown_what_is_written(written_at: int) -> None:
    etcd = Etcd(written_at)

    async def whole() -> list[bool]:
        controller = Controller()
        watch = controller.watch("pods")
        waiting = asyncio.create_task(reached(controller, etcd))
        await asyncio.sleep(0.2)
        before = waiting.done()
        watch.received = 7
        controller.proxy.tell()
        await waiting
        return [before, waiting.done()]

    assert asyncio.run(whole()) == [False, True]


def test_a_world_without_rest_is_told_with_what_it_waits_for() -> None:
    async def whole() -> None:
        controller = Controller()
        controller.proxy.in_flight = 2
        await rest_of(controller, patience=0.05).reached()

    with pytest.raises(FaultError, match=r"does not come to rest in 0\.05 s: controller: 2 requests under way, still"):
        asyncio.run(whole())
