"""What a source held and could not be used: counted by reason, with the first places, never silently dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

_PLACES = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """`what` names a thing (`many` of them if that is not `what` and an s); `why` says what is wrong, and what to do.

    What is `meant` to be left out is no loss.
    """

    what: str
    why: str
    meant: bool = False
    many: str = ""

    def counted(self, count: int) -> str:
        """`1 line`, `1,200 lines`."""
        return f"{count:,} {self.what if count == 1 else self.many or f'{self.what}s'}"


@dataclass(slots=True)
class Loss:
    """How often, and the first places."""

    count: int = 0
    places: list[str] = field(default_factory=list)


class Losses:
    """Collects while a source is read; `heard` is told how many bytes were read."""

    def __init__(self, heard: Callable[[int], None] = lambda _: None) -> None:
        self.by_reason: dict[Reason, Loss] = {}
        self.heard = heard

    def __bool__(self) -> bool:
        return any(not reason.meant for reason in self.by_reason)

    def add(self, reason: Reason, place: str, count: int = 1) -> None:
        """Something was found at `place` that can't be used."""
        loss = self.by_reason.setdefault(reason, Loss())
        loss.count += count
        if len(loss.places) < _PLACES and place not in loss.places:
            loss.places.append(place)

    def lines(self) -> list[str]:
        """A line for each reason, the most frequent first."""
        found = sorted(self.by_reason.items(), key=lambda item: -item[1].count)
        return [_line(reason, loss) for reason, loss in found]


def _line(reason: Reason, loss: Loss) -> str:
    more = ", ..." if loss.count > len(loss.places) else ""
    verb = "left out" if reason.meant else "could not use"
    return f"{verb} {reason.counted(loss.count)}: {reason.why} ({', '.join(loss.places)}{more})"
