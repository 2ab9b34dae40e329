"""What a run needs around the objects of the trace: the root that owns them, their namespaces, and the way back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from skel.client.discovery import Resource
from skel.client.request import Request, Response
from skel.findings.model import FoundObject
from skel.replay.clock import Clock
from skel.replay.errors import ReplayError
from skel.replay.requests import (
    NAMESPACES,
    ROOTS,
    account_request,
    clean_up_request,
    get_request,
    namespace_request,
    owner_reference,
    root_request,
    simulation_of,
)
from skel.replay.retry import Sender
from skel.replay.virtual import Simulation

CLEAN_UP_SECONDS = 300.0
_NAMESPACE_SECONDS = 120.0
# Their servers are pods, and the pods of a simulation answer nothing: with these in force, nothing else would work.
_NEEDS_ANSWERS = frozenset({"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "APIService"})


@dataclass(frozen=True, slots=True)
class Rooms:
    """How long to wait for what goes slowly, in seconds."""

    clean_up: float = CLEAN_UP_SECONDS
    namespace: float = _NAMESPACE_SECONDS


class House:
    """Of one round. A dry target gets namespaces alone: it has no cluster to clean up."""

    def __init__(self, sender: Sender, clock: Clock, simulation: Simulation, *, dry: bool, rooms: Rooms) -> None:
        self.simulation = simulation
        self._sender = sender
        self._clock = clock
        self._dry = dry
        self._rooms = rooms
        self._ready: set[str] = set()
        self._ours: dict[tuple[str, str, str], bool] = {}
        self._lock = asyncio.Lock()

    async def open(self) -> None:
        """Make the root object, unless a former attempt has. Raises ReplayError."""
        if self._dry:
            return
        response = await self._send(root_request(self.simulation.name))
        if response.status == 409:
            response = await self._send(Request("GET", ROOTS.path("", self.simulation.name)))
        if not response.is_success:
            raise ReplayError(f"the root object of the replay can't be made: {_said(response)}")
        self.simulation = replace(self.simulation, owner=owner_reference(response.body))

    async def need_namespace(self, namespace: str) -> None:
        """Make the namespace of the simulation when it is needed for the first time. Raises ReplayError."""
        if namespace in self._ready:
            return
        async with self._lock:
            if namespace not in self._ready:
                await self._make_namespace(namespace)
                self._ready.add(namespace)

    def has_namespace(self, namespace: str) -> bool:
        """Whether it was made, and not deleted since."""
        return namespace in self._ready

    def forget_namespace(self, namespace: str) -> None:
        """The trace deleted it; whoever needs it again gets a new one."""
        self._ready.discard(namespace)

    async def is_ours(self, thing: FoundObject, resource: Resource) -> bool:
        """Whether this run may write it: what the cluster had before, or what would cripple it, is only tried."""
        if self._dry:
            return True
        if thing.kind in _NEEDS_ANSWERS:
            return False
        if resource.namespaced or resource == NAMESPACES:
            return True
        key = (thing.api_version, thing.kind, thing.name)
        if key not in self._ours:
            response = await self._send(get_request(self.simulation.namespaces, thing, resource))
            self._ours[key] = not response.is_success or simulation_of(response.body) == self.simulation.name
        return self._ours[key]

    async def clean_up(self) -> bool:
        """Delete the root and wait until all is gone; False if that takes too long."""
        if self._dry:
            return True
        end = self._clock.now() + self._rooms.clean_up
        root = Request("GET", ROOTS.path("", self.simulation.name))
        response = await self._send(clean_up_request(self.simulation.name))
        wait = 0.1
        while response.status != 404:
            if not response.is_success:
                raise ReplayError(f"the clean-up failed: {_said(response)}")
            if self._clock.now() > end:
                return False
            await self._clock.sleep(wait)
            wait = min(2.0, wait * 1.5)
            response = await self._send(root)
        return True

    async def _make_namespace(self, namespace: str) -> None:
        name = self.simulation.namespaces.virtual(namespace)
        end = self._clock.now() + self._rooms.namespace
        while True:
            response = await self._send(namespace_request(self.simulation, namespace))
            if response.status == 409:
                response = await self._send(Request("GET", NAMESPACES.path("", name)))
                if response.status == 404 or (response.is_success and _is_ending(response)):
                    if self._clock.now() > end:
                        raise ReplayError(f"the namespace {name} is being deleted and does not go")
                    await self._clock.sleep(0.5)
                    continue
            break
        if not (response.is_success or response.is_unknown):
            raise ReplayError(f"the namespace {name} can't be made: {_said(response)}")
        if not self._dry:
            self._refuse_foreign(name, response)
            await self._send(account_request(self.simulation.namespaces, namespace))

    def _refuse_foreign(self, name: str, response: Response) -> None:
        owner = simulation_of(response.body)
        if owner == self.simulation.name:
            return
        way_out = f"clean up with `{by_hand(owner)}`, or take another --namespace-prefix" if owner else ""
        whose = f"of the replay {owner}" if owner else "not of this replay"
        raise ReplayError(
            f"the namespace {name} is there already and {whose}", way_out or "take another --namespace-prefix"
        )

    async def _send(self, request: Request) -> Response:
        return (await self._sender.send(request)).response


def by_hand(simulation: str) -> str:
    """The command that deletes everything that a run made."""
    return f"kubectl delete priorityclass {simulation} --cascade=foreground"


def _is_ending(response: Response) -> bool:
    return bool(response.body["metadata"].get("deletionTimestamp"))


def _said(response: Response) -> str:
    return f"{response.status} {response.message or response.reason}".rstrip()
