"""Remembers what was said about a part of an object: the same probes, limits and pods come again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Concatenate, ParamSpec

from skel.patch.values import Json
from skel.replay.dry.cause import Cause
from skel.replay.halves import encoded

_REMEMBERED = 4096
P = ParamSpec("P")


def remembered(
    check: Callable[Concatenate[Json, P], Iterable[Cause]],
) -> Callable[Concatenate[Json, P], tuple[Cause, ...]]:
    """The same check, asked once for all parts that are equal as bytes. Its other arguments must be hashable."""
    known: dict[object, tuple[Cause, ...]] = {}

    def look(part: Json, /, *args: P.args, **kwargs: P.kwargs) -> tuple[Cause, ...]:
        raw = encoded(part)
        key = raw, args, tuple(kwargs.items())
        found = known.get(key) if raw else None
        if found is None:
            found = tuple(check(part, *args, **kwargs))
            if len(known) >= _REMEMBERED:
                known.clear()
            if raw:
                known[key] = found
        return found

    return look
