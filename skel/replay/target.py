"""Where a replay goes."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from skel.client.request import Request, Response
from skel.replay.halves import Halves


class Again(Protocol):
    """The short way of a model for one object."""

    def apply(self, halves: Halves) -> Response | None:
        """Apply it anew. None, and nothing is changed, where that takes a closer look: send the request then."""

    def foresee(self, halves: Halves) -> bytes | None:
        """Judge it apart from its metadata, and change nothing. None unless all is good."""

    def learn(self, halves: Halves, judgement: bytes) -> None:
        """Believe what `foresee` of an equal model has said of an equal object."""


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

    def again(self, path: str) -> Again | None:
        """The short way for an object of a kind that it knows, None if there is none for this kind."""
