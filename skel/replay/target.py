"""Where a replay goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from skel.client.request import Request, Response
from skel.replay.halves import Halves

Again = Callable[[Halves], Response | None]
"""Applies one object anew. None, and nothing is changed, where that takes a closer look: send the request then."""


class Target(Protocol):
    """Something that answers as an API server does: a server, or a model of one in this process."""

    @property
    def name(self) -> str:
        """How messages and the run directory call it: `dry:1.25`, `local:1.25.16`, `context:kind-kwok`."""

    @property
    def version(self) -> str:
        """The minor that it is: `1.25`."""

    @property
    def is_dry(self) -> bool:
        """Whether no cluster is behind it: nothing to ask for its resources, to mark, or to clean up."""

    async def send(self, request: Request) -> Response:
        """Answer one request, whatever the status. Raises Disconnected if no answer came.

        A dry target answers what it can't know with the status UNKNOWN, and goes on as if it had accepted.
        """

    async def close(self) -> None:
        """Let go of connections. Nothing is sent afterwards."""


@runtime_checkable
class Model(Protocol):
    """A dry target that answers at once, and takes bodies in `skel.replay.halves.Halves` for what it knows."""

    def answer(self, request: Request) -> Response:
        """Answer one request."""

    def knows(self, api_version: str, resource: str) -> bool:
        """Whether it judges objects of a kind by itself, without a definition."""

    def consults(self, kind: str) -> bool:
        """Whether what it says of an object may depend on others that are of a kind and in a namespace. What is in none
        it may always consult.
        """

    def again(self, path: str) -> Again | None:
        """The short way for an object of a kind that it knows, None if there is none for this kind."""
