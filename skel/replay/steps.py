"""One step: from a recorded object to what the target says of it."""

from __future__ import annotations

from skel.client.discovery import Discovery, Resource
from skel.client.request import Request, Response
from skel.findings.model import FoundObject
from skel.patch.values import Json
from skel.replay.clock import Clock
from skel.replay.direct import Direct
from skel.replay.house import House
from skel.replay.requests import (
    apply_request,
    delete_request,
    generated_name,
    get_request,
    simulation_of,
    step_of,
)
from skel.replay.resources import FactResources, Resources, defined, guessed, is_definition
from skel.replay.retry import Sender, Sent
from skel.replay.schedule import ReplayStep, Verb
from skel.replay.target import Model, Target
from skel.replay.verdict import Outcome, Verdict, is_not_served, judge, refused_here
from skel.replay.virtual import is_namespace
from skel.trace.codec import decode_object
from skel.trace.errors import TraceError

_DEFINITION_SECONDS = 15.0


class Steps:
    """Carries out the steps of one round, in any order that the schedule allows."""

    def __init__(self, target: Target, sender: Sender, house: House, clock: Clock, round_number: int) -> None:
        self._sender = sender
        self._house = house
        self._clock = clock
        self._round = round_number
        self._facts = FactResources(target.version) if target.is_dry else None
        self._resources: Resources = self._facts or Discovery(self._ask)
        self._direct: Direct | None = None
        if self._facts is not None and isinstance(target, Model):
            self._direct = Direct(target, sender, house, self._facts)

    def is_apart(self, thing: FoundObject) -> bool:
        """Whether what the target says of an object does not depend on others that are apart, nor they on it."""
        return self._direct is not None and self._direct.is_apart(thing)

    def count(self, requests: int, retried: int = 0) -> None:
        """What others have sent."""
        self._sender.requests += requests
        self._sender.retried += retried

    async def tell_again(self, step: ReplayStep) -> None:
        """Do a step that a former attempt has done, for a model that has forgotten it; it does not count."""
        requests, retried = self._sender.requests, self._sender.retried
        if self.at_once(step) is None:
            await self.do(step)
        self._sender.requests, self._sender.retried = requests, retried

    def at_once(self, step: ReplayStep) -> Outcome | None:
        """Do what needs no waiting. None, and nothing is done, if there is more to it: `do` it then."""
        return self._direct.apply(step, self._stamp(step)) if self._direct is not None else None

    async def do(self, step: ReplayStep, *, in_doubt: bool = False) -> Outcome:
        """`in_doubt`: a former attempt may have done it. Raises ReplayError if the run can't go on."""
        try:
            manifest = decode_object(step.raw)
        except TraceError as error:
            return _unreadable(step.object, error.message)
        thing = _identified(step, manifest)
        if not (thing.api_version and thing.kind and thing.name):
            return _unreadable(thing, "the object has no apiVersion, no kind or no name")
        return await self._do(step, thing, manifest, in_doubt=in_doubt)

    async def _do(self, step: ReplayStep, thing: FoundObject, manifest: dict[str, Json], *, in_doubt: bool) -> Outcome:
        found = await self._resources.find(thing.api_version, thing.kind)
        resource = found or guessed(thing)
        if resource.namespaced and found:
            await self._house.need_namespace(thing.namespace)
        dry = not await self._house.is_ours(thing, resource)
        sent = await self._send(step, thing, manifest, resource, dry=dry, in_doubt=in_doubt)
        if found and is_not_served(sent.response):
            # It was served when we asked; the server may be another one by now.
            self._resources.forget(thing.api_version)
            found = await self._resources.find(thing.api_version, thing.kind)
        verdict = judge(step.verb, sent.response, served=found is not None)
        if verdict is Verdict.ACCEPTED and not dry:
            await self._after(step, thing, manifest)
        return Outcome(thing, sent.response, sent.attempts, verdict, served=found is not None)

    async def _send(
        self,
        step: ReplayStep,
        thing: FoundObject,
        manifest: dict[str, Json],
        resource: Resource,
        *,
        dry: bool,
        in_doubt: bool,
    ) -> Sent:
        simulation = self._house.simulation
        if step.verb is Verb.DELETE:
            return await self._sender.send(delete_request(simulation.namespaces, thing, resource, dry=dry))
        mark = self._stamp(step)
        request = apply_request(simulation, manifest, thing, resource, mark, dry=dry)
        if dry:
            return await self._sender.send(request)

        async def landed() -> Response | None:
            there = await self._ask(get_request(simulation.namespaces, thing, resource))
            return there if self._is_written(there, mark) else None

        if in_doubt and (there := await landed()):
            return Sent(there, 0)
        return await self._sender.send(request, landed)

    def _stamp(self, step: ReplayStep) -> str:
        return f"{self._round}.{step.number}"

    def _is_written(self, there: Response, mark: str) -> bool:
        """Whether the object is there as this step, or a later one, left it."""
        if not there.is_success or simulation_of(there.body) != self._house.simulation.name:
            return False
        return _order(step_of(there.body)) >= _order(mark)

    async def _after(self, step: ReplayStep, thing: FoundObject, manifest: dict[str, Json]) -> None:
        if is_namespace(thing) and step.verb is Verb.DELETE:
            self._house.forget_namespace(thing.name)
        elif is_definition(thing) and step.verb is Verb.APPLY:
            if self._facts:
                self._facts.learn(defined(manifest))
                if self._direct is not None:
                    self._direct.forget()
            else:
                await self._wait_for_definition(manifest)

    async def _wait_for_definition(self, manifest: dict[str, Json]) -> None:
        """A definition is served a moment after it is accepted."""
        end = self._clock.now() + _DEFINITION_SECONDS
        for resource in defined(manifest):
            self._resources.forget(resource.api_version)
            while await self._resources.find(resource.api_version, resource.kind) is None:
                if self._clock.now() > end:
                    return
                await self._clock.sleep(0.1)
                self._resources.forget(resource.api_version)

    async def _ask(self, request: Request) -> Response:
        return (await self._sender.send(request)).response


def _identified(step: ReplayStep, manifest: dict[str, Json]) -> FoundObject:
    """Whom it is about; what leaves its name to the server gets one here."""
    thing = step.object
    metadata = manifest.get("metadata")
    if thing.name or not isinstance(metadata, dict) or not isinstance(metadata.get("generateName"), str):
        return thing
    name = generated_name(metadata["generateName"], step.event, step.position)
    namespace = metadata.get("namespace")
    return FoundObject(thing.api_version, thing.kind, namespace if isinstance(namespace, str) else "", name)


def _unreadable(thing: FoundObject, why: str) -> Outcome:
    return Outcome(thing, refused_here("Unreadable", why), 0, Verdict.REJECTED, served=True)


def _order(mark: str) -> tuple[int, ...]:
    """`2.17` as numbers; nothing for a mark that is none."""
    parts = mark.split(".")
    return tuple(map(int, parts)) if all(part.isascii() and part.isdigit() for part in parts) else ()
