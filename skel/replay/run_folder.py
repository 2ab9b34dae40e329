"""The directory of a run: `run.json` says what it was, `requests.jsonl` what became of each step.

Other rooms add events, pods and metrics beside them. The format is described in docs/replay.md.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from skel.patch.values import Json
from skel.replay.errors import ReplayError
from skel.replay.journal import Journal
from skel.storage.store import write_atomically
from skel.trace.errors import TraceError

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths of a run."""

    path: Path

    @property
    def info(self) -> Path:
        return self.path / "run.json"

    @property
    def requests(self) -> Path:
        return self.path / "requests.jsonl"

    def begin(self, info: Mapping[str, Json]) -> Journal:
        """Make it, for a new run. Raises ReplayError if there is a run already, or it can't be written."""
        if self.info.exists() or self.requests.exists():
            raise ReplayError(
                f"{self.path} holds a run already", "name another folder, or take it up again with --resume"
            )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ReplayError(f"{self.path} can't be made: {(error.strerror or str(error)).lower()}") from None
        self.write(info)
        return Journal(self.requests)

    def write(self, info: Mapping[str, Json]) -> None:
        """Write `run.json`, whole or not at all. Raises ReplayError."""
        text = msgspec.json.format(msgspec.json.encode(info), indent=2) + b"\n"
        try:
            write_atomically(str(self.info), lambda file: file.writelines([text]))
        except TraceError as error:
            raise ReplayError(error.message, error.hint) from None

    def read(self) -> dict[str, Json]:
        """What `run.json` says. Raises ReplayError if there is no run."""
        try:
            return msgspec.json.decode(self.info.read_bytes(), type=dict[str, Json])
        except OSError:
            raise ReplayError(f"{self.path} holds no run: there is no {self.info.name}") from None
        except (msgspec.MsgspecError, ValueError):
            raise ReplayError(f"{self.info} is damaged") from None


@dataclass(slots=True)
class Progressed:
    """Where a run broke off: in which round, and which steps of it are done (all below `floor`, and those `above`)."""

    round: int = 0
    floor: int = 0
    above: set[int] = field(default_factory=set)

    @property
    def last(self) -> int:
        """The highest number that is done, -1 if none is."""
        return max(self.above, default=self.floor - 1)

    def has(self, number: int) -> bool:
        return number < self.floor or number in self.above

    def of_round(self, number: int) -> Progressed | None:
        """What is done of one round, None if nothing is."""
        if number < self.round:
            return Progressed(number, sys.maxsize)
        return self if number == self.round else None

    def add(self, round_number: int, step: int) -> None:
        if round_number != self.round:
            self.round, self.floor = round_number, 0
            self.above.clear()
        self.above.add(step)
        # Steps end nearly in the order in which they begin, so this keeps the set small.
        while self.floor in self.above:
            self.above.discard(self.floor)
            self.floor += 1
