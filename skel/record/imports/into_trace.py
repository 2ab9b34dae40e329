"""Changes -> a trace in its place, by the rule of the recorder."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO

from skel.patch.values import Json
from skel.record.assemble import FOREVER, Assembled, Window, write_trace
from skel.record.frames import Spool
from skel.record.imports.change import Change
from skel.record.imports.options import Wanted
from skel.record.recording import Recording
from skel.record.tracked import everything
from skel.storage.store import shown, write_atomically
from skel.trace.codec import without_gc
from skel.trace.errors import TraceError

NOTHING = TraceError(
    "nothing was found that can stand in a trace, so none was written",
    "look at what was named, at what could not be used, and at -n, -l, --start, --end and --config",
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a source: what the trace holds, and of how many changes it was made."""

    path: str
    trace: Assembled
    changes: int

    def summary(self) -> str:
        """One line for people."""
        found = self.trace
        lives = [_counted(found.lifetimes, "lifetime")] if found.lifetimes else []
        did = [f"{_counted(found.applied, 'object')} applied", f"{found.deleted:,} deleted"]
        parts = [_counted(found.events, "event"), *did, *lives]
        return f"{shown(self.path, 'standard output')}: {', '.join(parts)}"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def save_changes(changes: Iterable[Change], path: str, wanted: Wanted) -> Imported:
    """Write a trace of these changes, whole or not at all; `-` is standard output. Times must not go back.

    Objects lie in a temporary file until the end. Raises TraceError.
    """
    with closing(Spool()) as spool:
        recording = Recording(
            wanted.tracked or everything(), spool, every_change=wanted.every_change, noise=wanted.noise
        )
        with without_gc():
            seen = _record(changes, recording, wanted)
        if not recording.counts.applied:
            raise NOTHING
        window = Window(wanted.start, FOREVER if wanted.end is None else wanted.end)
        config = recording.tracked.as_config()
        found: list[Assembled] = []

        def write(file: BinaryIO) -> None:
            found.append(write_trace(file, spool, config, window))

        write_atomically(path, write)
        return Imported(path, found[0], seen)


def _record(changes: Iterable[Change], recording: Recording, wanted: Wanted) -> int:
    seen = 0
    for change in changes:
        if wanted.end is not None and change.at >= wanted.end:
            break
        if not wanted.takes(change.thing):
            continue
        thing = wanted.shaped(change.thing)
        if thing is not None:
            seen += 1
            _one(recording, change, thing)
    return seen


def _one(recording: Recording, change: Change, thing: dict[str, Json]) -> None:
    if change.gone:
        recording.deleted(change.at, thing)
    else:
        recording.applied(change.at, thing)
    if thing["kind"] == "Pod" and thing["apiVersion"] == "v1":
        recording.pod(change.at, thing, gone=change.gone)
