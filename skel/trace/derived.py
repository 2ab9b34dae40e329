"""What must stay true of a trace when a program renames, re-kinds, deletes, adds or changes objects.

Index, pod lifecycles and tracked kinds are keyed by what objects are called. The functions here are pure: old value and
moves in, new value out.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from skel.trace.identity import Identity
from skel.trace.lifecycle import rebuild_lifecycles
from skel.trace.model import Config, Index, Lifecycles, Trace
from skel.trace.moves import Moves
from skel.trace.tracked import rebuild_config, tracked_objects


class Derived(NamedTuple):
    """The derived parts of a trace, as `Trace.with_events` takes them; None stands for: as before."""

    config: Config | None
    index: Index | None  # type: ignore[assignment]  # hides tuple.index, which means nothing here
    pod_lifecycles: Lifecycles | None


def rebuild(trace: Trace, moves: Moves) -> Derived:
    """Config, index and pod lifecycles after the run. What needs no change is not even decoded."""
    keys_changed = bool(moves.moved or moves.lost or moves.added)
    if not keys_changed and all(found is None for found in moves.seen.values()):
        return Derived(None, None, None)
    tracked = {*tracked_objects(trace.config), *trace.index}
    return Derived(
        rebuild_config(trace.config, moves) if moves.moved else None,
        rebuild_index(trace.index, moves, tracked),
        rebuild_lifecycles(trace.pod_lifecycles, moves) if keys_changed else None,
    )


def rebuild_index(index: Index, moves: Moves, tracked: Collection[str]) -> Index:
    """The index after the run. An object gets a new entry if the one it comes from had one or its kind is `tracked`."""
    result: Index = {}
    for kind, entries in index.items():
        left = {name: old for name, old in entries.items() if not moves.leaves((kind, name))}
        if left or not entries:
            result[kind] = {name: _first(moves.seen.get((kind, name)), old) for name, old in left.items()}
    for newcomer, source in moves.newcomers():
        old_hash = index.get(source[0], {}).get(source[1]) if source else None
        if old_hash is not None or newcomer[0] in tracked or (source and source[0] in tracked):
            _enter(result, newcomer, moves.seen.get(newcomer), old_hash)
    return result


def _first(seen: int | None, otherwise: int) -> int:
    return otherwise if seen is None else seen


def _enter(index: Index, identity: Identity, seen: int | None, otherwise: int | None) -> None:
    """What was seen wins; a hash that is only carried along gives way to an entry that is there."""
    kind, name = identity
    if seen is not None:
        index.setdefault(kind, {})[name] = seen
    elif otherwise is not None:
        index.setdefault(kind, {}).setdefault(name, otherwise)
