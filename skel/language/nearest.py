"""The nearest of some names, for "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that takes the fewest typing mistakes, if they are few for its length; None if nothing is near."""
    ranked = _ranked(name, known)
    return ranked[0][1] if ranked and _are_few(ranked[0], name) else None


def near_names(name: str, known: Iterable[str], most: int = 5) -> list[str]:
    """Up to so many known names that are as near as the nearest, or one mistake farther; the nearest first."""
    ranked = [found for found in _ranked(name, known) if _are_few(found, name)]
    return [other for mistakes, other in ranked if mistakes <= ranked[0][0] + 1][:most]


def _ranked(name: str, known: Iterable[str]) -> list[tuple[int, str]]:
    """The other names, each after its mistakes, the fewest first."""
    lowered = name.lower()
    return sorted((distance(lowered, other.lower()), other) for other in set(known) if other != name)


def _are_few(found: tuple[int, str], name: str) -> bool:
    mistakes, other = found
    return mistakes <= max(1, min(len(name), len(other)) // 3)


def distance(left: str, right: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours that lead from one to the other."""
    if len(left) > 80 or len(right) > 80:
        return 80
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row = row, [i]
        for j, b in enumerate(right, 1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = previous
    return row[-1]
