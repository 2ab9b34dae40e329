"""Recorded lifetimes come into a cluster: by a webhook that it calls, else by patching what a watch shows."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

from skel.client.errors import ClientError
from skel.client.request import APPLY, Request
from skel.client.watch import Source, watch
from skel.replay.births import Births
from skel.replay.lifetimes import LifetimeBook
from skel.replay.owners import Owners
from skel.replay.patcher import Patcher
from skel.replay.pod_marks import Delays, Ours
from skel.replay.requests import FIELD_MANAGER
from skel.replay.virtual import Simulation
from skel.replay.webhook import CONFIGURATIONS, Reach, Webhook, configuration, serving

PODS = "/api/v1/pods"


@dataclass(slots=True)
class Injection:
    """What goes on. `way` is how pods get their marks: "webhook", "patch", or "none" if nothing is recorded."""

    book: LifetimeBook
    way: str = "none"
    patcher: Patcher | None = None
    problems: list[str] = field(default_factory=list)

    def summary(self) -> dict[str, int | str]:
        """As it stands in `run.json` as `lifetimes`."""
        return {"way": self.way, **self.book.counts.summary()}


@asynccontextmanager
async def injecting(
    connection: Source,
    book: LifetimeBook,
    simulation: Simulation,
    *,
    speed: float | None,
    delays: Delays | None = None,
    reach: Reach | None = None,
) -> AsyncIterator[Injection]:
    """Give the pods of the simulation their recorded lifetimes while the block runs.

    `speed` is simulated seconds in a second, None for as fast as it goes; `reach` how the API server can call us, None
    if it can't. Nothing is done if nothing is recorded and nothing is to be delayed. What goes wrong stands in
    `problems` and never ends the block.
    """
    injection = Injection(book)
    if not (book or delays):
        yield injection
        return
    ours = Ours(simulation.namespaces)
    births = Births(book, Owners(connection.send, ours), simulation.name, speed, delays)
    injection.patcher = Patcher(connection.send, births, ours)
    injection.way = "patch"
    async with AsyncExitStack() as stack:
        if reach is not None:
            await stack.enter_async_context(_called(connection, births, simulation, reach, injection))
        await stack.enter_async_context(_following(connection, injection.patcher, injection.problems))
        yield injection


@asynccontextmanager
async def _called(
    connection: Source, births: Births, simulation: Simulation, reach: Reach, injection: Injection
) -> AsyncIterator[None]:
    """Be called by the API server. Where that can't be arranged, the patcher does it all."""
    async with AsyncExitStack() as stack:
        try:
            url = await stack.enter_async_context(serving(Webhook(births), reach))
            await _register(connection, configuration(simulation, url, reach.ca.read_bytes()))
            injection.way = "webhook"
        except (OSError, ssl.SSLError, ClientError) as error:
            injection.problems.append(f"no webhook for recorded lifetimes, pods are patched instead: {error}")
        try:
            yield
        finally:
            with suppress(ClientError):
                # Its namespace is the cluster: it would outlive whoever answers it.
                await connection.send(Request("DELETE", CONFIGURATIONS.path("", simulation.name)))


async def _register(connection: Source, wanted: Mapping[str, object]) -> None:
    """Raises ClientError if the cluster does not let us."""
    metadata = wanted["metadata"]
    assert isinstance(metadata, dict)
    path = CONFIGURATIONS.path("", metadata["name"])
    response = await connection.send(
        Request("PATCH", path, (("fieldManager", FIELD_MANAGER), ("force", "true")), wanted, APPLY)
    )
    if not response.is_success:
        raise ClientError(f"{response.status} {response.message}".rstrip())


@asynccontextmanager
async def _following(connection: Source, patcher: Patcher, problems: list[str]) -> AsyncIterator[None]:
    """Watch the pods in the background."""

    async def follow() -> None:
        try:
            await patcher.follow(watch(connection, PODS))
        except* ClientError as error:
            problems.append(f"recorded lifetimes are lost from here on: {error.exceptions[0]}")

    task = asyncio.create_task(follow())
    try:
        yield
    finally:
        task.cancel()
        [result] = await asyncio.gather(task, return_exceptions=True)
        if isinstance(result, Exception):
            problems.append(f"the watch for recorded lifetimes broke: {result!r}")
        if patcher.failed:
            problems.append(f"{patcher.failed} pods could not be given their lifetimes")
