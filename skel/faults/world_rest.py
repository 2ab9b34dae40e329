"""When a world is at rest: exactly, not after a while in which nothing was seen.

At rest, each component has got every change that the watches have to show (what a gate holds aside), waits for no
answer, has nobody left that runs, and nothing in its work queues; what it has put off since a fault let a request fail
got its moment; and none of that has changed while it was looked at.
What a gate has held and lets go passes on the way there, a frame at each such moment.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from skel.faults.errors import FaultError
from skel.faults.world_component import Component
from skel.faults.world_selectors import can_tell, is_shown
from skel.faults.world_truth import Truth

PATIENCE = 120.0
"""Real seconds until a world that does not come to rest is a defect."""
_LOOK = 0.002
_GIFTS = 5
"""How often all get a moment of time while there is work that nobody does."""
_RESTLESS = 300
"""Requests and frames without a rest after which the next frames pass all the same: maybe they are what is missing."""
_BLIND = 0.1
"""Real seconds between two looks where nobody can say whether a process has something left to do."""


class Rest:
    """Of one world."""

    def __init__(
        self,
        truth: Truth,
        components: Sequence[Component],
        give: Callable[[], Awaitable[None]],
        patience: float | None = None,
    ) -> None:
        """`give` gives all components a moment of time."""
        self._truth = truth
        self._components = components
        self._give = give
        self._patience = patience or PATIENCE
        self._put_off: dict[str, int] = {}
        """How much each component had put off when it was last asked; and when all last got time."""
        self._put_off_at_gift: dict[str, int] = {}
        self._spoiled_at_rest = 0

    @property
    def activity(self) -> int:
        """How much the components have asked and got so far."""
        return sum(component.proxy.activity for component in self._components)

    @property
    def _spoiled(self) -> int:
        return sum(component.proxy.spoiled for component in self._components)

    async def gift(self) -> None:
        """Give all components a moment of time."""
        self._put_off_at_gift = self._put_off
        await self._give()

    async def reached(self) -> None:
        """Return at rest. Raises Died, and FaultError if it never comes."""
        until = time.monotonic() + self._patience
        in_vain, since = 0, self.activity
        while True:
            for component in self._components:
                component.check()
            if time.monotonic() > until:
                raise FaultError(f"the world does not come to rest in {self._patience:g} s: {self._trouble()}")
            is_idle = await self._looked(until)
            if is_idle is None:
                if self.activity - since > _RESTLESS and self._next_turn():
                    since = self.activity
                continue
            if not is_idle and in_vain < _GIFTS:
                # There is work, and whoever is to do it sleeps; or waits for something that is held; or will try again
                # what failed. Looked at once more, it is mostly done; time that is given for nothing lets retries fire
                # here or there.
                in_vain += 1
                if in_vain > 1:
                    await self.gift()
                continue
            self._spoiled_at_rest = self._spoiled
            if not self._next_turn():
                return
            in_vain, until, since = 0, time.monotonic() + self._patience, self.activity

    def _next_turn(self) -> bool:
        """Let something pass that was held and may go; whether there was anything."""
        return any(component.proxy.next_turn() for component in self._up())

    async def _looked(self, until: float) -> bool | None:
        """Whether nobody has work left; None if something moved meanwhile."""
        await self._until_still(until)
        revision = await self._truth.sync()
        before = self.activity, self._truth.changes
        if not await self._is_delivered(revision, until):
            return None
        if not await self._are_still() or (self.activity, self._truth.changes) != before:
            return None
        is_idle = await self._are_idle()
        await self._until_still(until)  # asking for metrics woke them
        is_same = (self.activity, self._truth.changes) == before and not await self._is_missing()
        return is_idle if is_same else None

    def _up(self) -> list[Component]:
        return [component for component in self._components if component.is_up]

    async def _is_delivered(self, revision: int, until: float) -> bool:
        """Wait for it; whether it is so."""
        for component in self._up():
            self._look(component, revision)
            try:
                await asyncio.wait_for(component.proxy.until_delivered(), min(1.0, max(0.01, until - time.monotonic())))
            except TimeoutError:
                return False
        return True

    async def _is_missing(self) -> bool:
        """Whether a component has not got everything."""
        revision = await self._truth.sync()
        for component in self._up():
            self._look(component, revision)
        return not all(component.proxy.is_delivered for component in self._up())

    def _look(self, component: Component, revision: int) -> None:
        """Tell each watch what it has to show."""
        for watch in component.proxy.watches:
            if can_tell(watch.route):
                fits = partial(is_shown, watch.route)
                found = self._truth.last(watch.resource, watch.looked, revision, fits)
                watch.wanted, watch.looked = max(watch.wanted, found), revision

    async def _are_still(self) -> bool:
        looks = [component.is_still() for component in self._up()]
        if None in looks:
            await asyncio.sleep(_BLIND)
            return True
        if not all(looks):
            await asyncio.sleep(_LOOK)
        return all(looks)

    async def _until_still(self, until: float) -> None:
        while not await self._are_still() and time.monotonic() < until:
            pass

    async def _are_idle(self) -> bool:
        found = {component.name: await component.work() for component in self._up()}
        self._put_off = {name: work.put_off for name, work in found.items()}
        if self._spoiled > self._spoiled_at_rest and self._put_off != self._put_off_at_gift:
            # What is put off without need, as some do with all that they see, comes with the step's own time.
            return False
        return not any(work.is_there for work in found.values())

    def _trouble(self) -> str:
        """What it waits for, in words."""
        said = []
        for component in self._up():
            proxy = component.proxy
            late = sorted({watch.resource for watch in proxy.watches if not watch.has_delivered})
            said.append(
                f"{component.name}: {proxy.in_flight} requests under way, "
                f"{'still' if component.is_still() else 'busy'}{', undelivered ' + ', '.join(late) if late else ''}"
            )
        return "; ".join(said)
