"""Which faults hold now for the streams and requests of one component. Pure: it decides, and the proxy does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from skel.faults.actions import (
    EVERY,
    Credit,
    Delay,
    Drop,
    Expire,
    Fail,
    Hold,
    Lose,
    Release,
    Reorder,
    SlowBody,
    StaleList,
)
from skel.faults.proxy.gate import Gate
from skel.faults.proxy.route import Route


@dataclass(frozen=True, slots=True)
class Pass:
    """Nothing is done to it."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The server never sees it: a status, or 0 to break the connection."""

    status: int
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class LoseAnswer:
    """The server does it, and the component gets this status instead of the answer; 0 breaks the connection."""

    status: int


@dataclass(frozen=True, slots=True)
class AsOf:
    """The list is that of an earlier revision."""

    revision: int


@dataclass(frozen=True, slots=True)
class Halve:
    """The second half of the answer comes later."""


Decision = Pass | Refuse | LoseAnswer | AsOf | Halve
GONE = 410


@dataclass(slots=True)
class Stream:
    """What the rules need to know of a watch."""

    resource: str
    agent: str
    gate: Gate = field(default_factory=Gate)

    def is_meant(self, resource: str, agent: str = "") -> bool:
        return resource in {EVERY, self.resource} and agent in self.agent


@dataclass(slots=True)
class _Pending:
    """A fault for the next `left` requests that it fits."""

    fits: Callable[[Route], bool]
    decision: Decision
    left: int = 1


class Rules:
    """`in_scope` says which requests may be harmed: those of a trial. `by_turns`: as with a gate."""

    def __init__(self, in_scope: Callable[[Route], bool] = lambda _: True, *, by_turns: bool = False) -> None:
        self.in_scope = in_scope
        self._by_turns = by_turns
        self._holds: list[Hold] = []
        self._lags: dict[str, int] = {}
        self._pending: list[_Pending] = []
        self._stale: dict[str, int] = {}

    def clear(self) -> None:
        """All faults are lifted; the caller releases the gates."""
        self._holds.clear()
        self._lags.clear()
        self._pending.clear()
        self._stale.clear()

    # --- streams

    def admit(self, stream: Stream) -> None:
        """A new watch is held if those before it are."""
        stream.gate.by_turns = self._by_turns
        for hold in self._holds:
            if stream.is_meant(hold.resource, hold.agent):
                stream.gate.hold()
        for resource, frames in self._lags.items():
            if stream.is_meant(resource):
                stream.gate.lag(frames)

    def change_streams(
        self, action: Hold | Release | Credit | Delay | Drop | Reorder, streams: Iterator[Stream]
    ) -> list[Stream]:
        """Do it to all streams that it means, and give those back."""
        self._remember(action)
        agent = action.agent if isinstance(action, Hold) else ""
        meant = [stream for stream in streams if stream.is_meant(action.resource, agent)]
        for stream in meant:
            _change(stream.gate, action)
        return meant

    def _remember(self, action: Hold | Release | Credit | Delay | Drop | Reorder) -> None:
        match action:
            case Hold():
                self._holds.append(action)
            case Release(resource=resource):
                self._holds = [hold for hold in self._holds if resource not in {EVERY, hold.resource}]
                self._lags = {held: lag for held, lag in self._lags.items() if resource not in {EVERY, held}}
            case Delay(resource=resource, frames=frames):
                self._lags[resource] = frames
            case Credit() | Drop() | Reorder():
                pass

    # --- requests

    def expect(self, action: Lose | Fail | Expire | SlowBody) -> None:
        """Do it to the next requests that fit."""
        match action:
            case Lose(verb=verb, resource=what, times=times, status=status):
                self._pending.append(_Pending(_writes(verb, what), LoseAnswer(status), times))
            case Fail(verb=verb, resource=what, times=times, status=status, retry_after=after):
                self._pending.append(_Pending(_writes(verb, what), Refuse(status, after), times))
            case Expire(resource=what):
                self._pending.append(_Pending(lambda route: route.is_watch and route.is_about(what), Refuse(GONE)))
            case SlowBody(resource=what):
                self._pending.append(_Pending(lambda route: route.is_list and route.is_about(what), Halve()))

    def keep_stale(self, action: StaleList, revision: int) -> None:
        """From now on lists at resourceVersion 0 show what was there at `revision`."""
        self._stale[action.resource] = revision

    def decide(self, route: Route) -> Decision:
        """What becomes of a request; a fault that was meant for it is used up."""
        if not self.in_scope(route):
            return Pass()
        for pending in self._pending:
            if pending.fits(route):
                pending.left -= 1
                if pending.left <= 0:
                    self._pending.remove(pending)
                return pending.decision
        revision = self._stale.get(route.resource, self._stale.get(EVERY, 0))
        if revision and route.is_list and route.query.get("resourceVersion") == "0":
            return AsOf(revision)
        return Pass()


def _writes(verb: str, what: str) -> Callable[[Route], bool]:
    return lambda route: verb in {EVERY, route.method} and route.is_about(what) and not route.is_watch


def _change(gate: Gate, action: Hold | Release | Credit | Delay | Drop | Reorder) -> None:
    match action:
        case Hold():
            gate.hold()
        case Release():
            gate.release()
        case Credit(frames=frames):
            gate.credit(frames)
        case Delay(frames=frames):
            gate.lag(frames)
        case Drop(frames=frames):
            gate.drop(frames)
        case Reorder(frames=frames):
            gate.reorder(frames)
