"""The one sender: asks again when a server is busy, away or failing, and never does twice what was done already."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from skel.client.errors import ClientError, Disconnected
from skel.client.request import Request, Response
from skel.replay.clock import Clock
from skel.replay.errors import ReplayError
from skel.replay.target import Target

Landed = Callable[[], Awaitable[Response | None]]
"""Looks whether a request whose answer was lost was carried out; the answer in its place, None if it was not."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a request is repeated, in seconds: `total` for a server that is busy or away.

    Waiting begins with `first` and doubles up to `longest`. `faults` is how often one request may meet a failure that
    may be its own fault (status 500, or a conflict).
    """

    total: float = 180.0
    first: float = 0.1
    longest: float = 5.0
    faults: int = 4


@dataclass(frozen=True, slots=True)
class Sent:
    """The last answer, and how often it was asked for."""

    response: Response
    attempts: int


_AWAY = frozenset({429, 502, 503, 504})
_HOPELESS = (
    "failed to create typed patch object",
    "field not declared in schema",
    "failed to create manager",
    "etcdserver: request is too large",
)
"""Words of failures with status 500 that are the fault of the object."""
_FULL = "database space exceeded"
"""What etcd says when it has used up its quota: nothing can be written until somebody makes room."""


class Sender:
    """Sends to one target. `requests` and `retried` count what went out."""

    def __init__(self, target: Target, clock: Clock, patience: Patience | None = None, seed: int | None = None) -> None:
        self.requests = 0
        self.retried = 0
        self._target = target
        self._clock = clock
        self._patience = patience or Patience()
        self._random = random.Random(seed)  # noqa: S311  (spreads retries, guards nothing)

    async def send(self, request: Request, landed: Landed | None = None) -> Sent:
        """Raises ReplayError if no answer came for too long, the credentials are refused, or the cluster is full."""
        began: float | None = None
        attempts = 0
        while True:
            attempts += 1
            self.requests += 1
            answer = await self._once(request)
            delay = self._delay(answer, attempts)
            if delay is None:
                assert isinstance(answer, Response)
                return Sent(answer, attempts)
            began = self._clock.now() if began is None else began
            if self._clock.now() + delay - began > self._patience.total:
                return Sent(_or_raise(answer), attempts)
            await self._clock.sleep(delay)
            if landed is not None and not (isinstance(answer, Response) and answer.status == 429):
                done = await landed()
                if done is not None:
                    return Sent(done, attempts)
            self.retried += 1

    def counts(self, answer: Response) -> bool:
        """Whether an answer that came in another way than `send` counts; if it does not, send the request."""
        if answer.status == 401 or self._is_passing(answer, 1):
            return False
        self.requests += 1
        return True

    async def _once(self, request: Request) -> Response | Disconnected:
        try:
            response = await self._target.send(request)
        except Disconnected as lost:
            return lost
        if response.status == 401:
            raise ReplayError(f"{self._target.name} does not accept the credentials", "log in again")
        if response.status >= 500 and _FULL in response.message:
            raise ReplayError(
                f"{self._target.name} can store nothing more: {response.message}",
                "make room in its etcd (compact, defragment, disarm the alarm) and go on with --resume",
            )
        return response

    def _delay(self, answer: Response | Disconnected, attempts: int) -> float | None:
        """Seconds to wait before asking again, None if the answer counts."""
        if isinstance(answer, Response) and not self._is_passing(answer, attempts):
            return None
        backoff = min(self._patience.longest, self._patience.first * 2.0 ** min(attempts - 1, 20))
        spread = backoff * self._random.uniform(0.5, 1.0)
        asked = answer.retry_after if isinstance(answer, Response) else None
        return max(spread, asked or 0.0)

    def _is_passing(self, response: Response, attempts: int) -> bool:
        """Whether the same request may well get another answer soon."""
        if response.status in _AWAY or _is_ending_namespace(response):
            return True
        if response.status == 500 and any(words in response.message for words in _HOPELESS):
            return False
        if response.status == 500:
            return response.message.startswith("etcdserver:") or attempts < self._patience.faults
        return response.status == 409 and attempts < self._patience.faults and not _is_taken(response)


def _is_taken(response: Response) -> bool:
    return response.reason == "AlreadyExists"


def _is_ending_namespace(response: Response) -> bool:
    """A namespace that a former run has left is going; it can be made again when it is gone."""
    if response.status != 403 or not isinstance(response.body, dict):
        return False
    details = response.body.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    return any(cause.get("reason") == "NamespaceTerminating" for cause in causes or ())


def _or_raise(answer: Response | ClientError) -> Response:
    if isinstance(answer, Response):
        return answer
    raise ReplayError(answer.message, answer.hint or "see whether the cluster still runs") from None
