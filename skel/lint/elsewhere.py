"""Where a field is that somebody looks for in the wrong place."""

from __future__ import annotations

from skel.kube.fields import Field

DEEPEST = 3

Way = tuple[str, ...]


def way_to(field: Field, keys: Way) -> Way | None:
    """The way from a field to the one place below it that has all of these keys, one below the other.

    None if there is none near, or several that are as near.
    """
    ways: list[tuple[Way, Field]] = [((), field)]
    for _ in range(DEEPEST):
        ways = [((*way, name), child) for way, at in ways for name, child in at.fields.items() if name != "status"]
        found = [way for way, at in ways if _has(at, keys)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _has(field: Field, keys: Way) -> bool:
    for key in keys:
        inner = field.fields.get(key) or field.values
        if inner is None:
            return False
        field = inner
    return True
