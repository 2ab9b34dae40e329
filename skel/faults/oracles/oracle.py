"""What an oracle is: a small class that looks at each revision of etcd, and once more when all faults are lifted.

To add one of your own, write a file with a subclass and give it to `--oracle FILE`, or announce it as an entry point of
the group `skel.oracles`. An oracle never acts: it gets plain objects and yields what is broken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from skel.faults.oracles.state import Change, State
from skel.patch.values import Json


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold, and for whom."""

    object: Json
    message: str


Found = Iterator[Broken]


class Oracle:
    """One invariant. A new instance judges each run, so it may remember what it saw.

    `patience` is how many virtual seconds `end` may go on complaining after all faults were lifted before that counts.
    """

    name: ClassVar[str] = ""
    about: ClassVar[str] = ""
    patience: float = 0.0

    def see(self, change: Change, state: State) -> Found:
        """Whether it holds at this revision; `state` is that after it."""
        return iter(())

    def end(self, state: State) -> Found:
        """Whether it holds at rest, without faults."""
        return iter(())
