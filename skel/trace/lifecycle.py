"""Recorded lifetimes of pods, keyed by the object that owns the pods."""

from __future__ import annotations

from skel.patch.values import Json
from skel.trace.identity import Identity
from skel.trace.model import Lifecycles
from skel.trace.moves import Moves

Lifetimes = dict[int, list[Json]]
"""Hash of the stable pod spec -> lifetimes in the order in which the pods came."""


def rebuild_lifecycles(lifecycles: Lifecycles, moves: Moves) -> Lifecycles:
    """The lifetimes under the names that their owners have after the run.

    An owner that moved takes them along, a clone gets the same, those of a deleted owner go. Where two owners became
    one, their lifetimes are merged.
    """
    copies = moves.copies()
    result: Lifecycles = {}
    for owner, lifetimes in lifecycles.items():
        for heir in dict.fromkeys([*moves.heirs(owner), *copies.get(owner, ())]):
            _give(result, heir, lifetimes)
    return result


def merge_lifetimes(left: Lifetimes, right: Lifetimes) -> Lifetimes:
    """Both; the lifetimes of one pod spec in the order of their start, those that are empty last."""
    merged = {key: list(lifetimes) for key, lifetimes in left.items()}
    for key, lifetimes in right.items():
        merged[key] = sorted([*merged[key], *lifetimes], key=by_start) if key in merged else list(lifetimes)
    return merged


def start_of(lifetime: Json) -> int | None:
    """When the pod started, in Unix seconds; None for `"Empty"` and what is no lifetime."""
    match lifetime:
        case {"Running": int(start)} | {"Finished": [int(start), *_]}:
            return start
        case _:
            return None


def _give(lifecycles: Lifecycles, owner: Identity, lifetimes: Lifetimes) -> None:
    there = lifecycles.get(owner)
    lifecycles[owner] = merge_lifetimes(there, lifetimes) if there is not None else lifetimes


def by_start(lifetime: Json) -> tuple[bool, int]:
    """Sorts lifetimes by when the pod started; those that are empty last."""
    start = start_of(lifetime)
    return start is None, start or 0
