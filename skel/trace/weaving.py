"""One order made of two: what both have in common keeps its place, and the rest stands where it stood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")


def weave(left: Sequence[T], right: Sequence[T], key: Callable[[T], Hashable] = lambda item: item) -> list[T]:
    """All items of both, each as often as in the one that has it more often.

    If both are parts of one order, the result keeps to it wherever the parts tell. Where they do not, and both are
    sorted, so is the result; else what is on the left comes first.
    """
    ours, theirs = _numbered(left, key), _numbered(right, key)
    if _are_sorted(left) and _are_sorted(right):
        return sorted(dict([*ours, *theirs]).values(), key=str)
    known = {name for name, _ in ours}
    waiting: list[T] = []
    before: dict[Hashable, list[T]] = {}
    for name, item in theirs:
        if name in known:
            before[name] = waiting
            waiting = []
        else:
            waiting.append(item)
    return [woven for name, item in ours for woven in (*before.get(name, ()), item)] + waiting


def _numbered(items: Iterable[T], key: Callable[[T], Hashable]) -> list[tuple[Hashable, T]]:
    """Each item with a name of its own: the second of two equal ones is another."""
    times: Counter[Hashable] = Counter()
    result: list[tuple[Hashable, T]] = []
    for item in items:
        name = key(item)
        times[name] += 1
        result.append(((name, times[name]), item))
    return result


def _are_sorted(items: Sequence[object]) -> bool:
    """Whether these are texts, or pairs of texts, in alphabetical order."""
    return all(isinstance(item, str | tuple) for item in items) and all(
        str(one) <= str(other) for one, other in pairwise(items)
    )
